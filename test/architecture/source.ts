import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { parseSync } from 'oxc-parser';
import { type Node, walk } from './tree.ts';

/** A file of `src/`, parsed. */
export interface Source {
  /** Relative to `src/`, with `/`. */
  readonly path: string;
  readonly program: Node;
  readonly imports: readonly Import[];
  lineOf(node: Node): number;
}

export interface Import {
  readonly specifier: string;
  /** Relative to `src/`; undefined for packages and Node's own modules. */
  readonly target: string | undefined;
  /** `import type`: nothing is loaded. `import { type A }` does load the file (verbatimModuleSyntax). */
  readonly typeOnly: boolean;
  /** Names that are taken, in the words of the exporting module; empty for whole modules. */
  readonly names: readonly string[];
  readonly line: number;
}

/** One broken rule, as the test prints it: `src/file.ts:12 what is wrong`. */
export type Finding = string;

export const finding = (source: Source, line: number, what: string): Finding => `src/${source.path}:${line} ${what}`;

/** Every file of `src/`; one that cannot be parsed is told, and does not hide what is wrong with the others. */
export function readSources(folder: URL): {
  readonly sources: readonly Source[];
  readonly unreadable: readonly Finding[];
} {
  const sources: Source[] = [];
  const unreadable: Finding[] = [];
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  for (const path of paths.filter((each) => each.endsWith('.ts')).toSorted()) {
    try {
      sources.push(parseSource(path, readFileSync(new URL(path, folder), 'utf8')));
    } catch (error) {
      unreadable.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { sources, unreadable };
}

export function parseSource(path: string, text: string): Source {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`cannot parse src/${path}: ${error.message}`);
  const root = program as unknown as Node;
  const lineOf = (node: Node) => text.slice(0, node.start).split('\n').length;
  return { path, program: root, imports: importsOf(path, root, lineOf), lineOf };
}

function importsOf(path: string, program: Node, lineOf: Source['lineOf']): readonly Import[] {
  const imports: Import[] = [];
  walk(program, (node) => {
    const specifier = (node['source'] as Node | null | undefined)?.['value'];
    if (!LOADING.has(node.type) || typeof specifier !== 'string') return;
    const names = ((node['specifiers'] ?? []) as readonly Node[]).flatMap((each) => {
      const name = (each['imported'] as Node | undefined)?.['name'];
      return typeof name === 'string' ? [name] : [];
    });
    imports.push({
      specifier,
      target: specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : undefined,
      typeOnly: node.type === 'TSImportType' || (node['importKind'] ?? node['exportKind']) === 'type',
      names,
      line: lineOf(node),
    });
  });
  return imports;
}

const LOADING: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

import { type Document, type ParsedNode, parseAllDocuments, visit } from 'yaml';
import type { Finding } from './findings.ts';
import { Lines, type Place } from './lines.ts';
import { createLocator, type Path } from './location.ts';
import { versionWarnings } from './yaml-versions.ts';

/** One manifest: a YAML document, or one item of a `List`. */
export interface ManifestDocument {
  readonly file: string;
  /** JSON values only. */
  readonly value: unknown;
  /** Where the manifest begins. */
  readonly place: Place;
  /** The place of a field, or of the nearest one above it that is written down. */
  locate(path: Path, part?: 'key' | 'value'): Place;
}

export interface ReadResult {
  readonly documents: readonly ManifestDocument[];
  readonly findings: readonly Finding[];
}

/** Tags of YAML 1.1 that kubectl does not read as such: timestamps and sexagesimals stay text, the others are refused. */
const NOT_READ = /timestamp|binary|omap|pairs|set$/;

/**
 * Reads YAML (and so JSON) as kubectl does: YAML 1.1 without timestamps and sexagesimals, with merge keys. Stricter in
 * two ways: a duplicate key is an error, and what 1.1 and 1.2 read differently is a warning.
 */
export function readManifests(text: string, file: string): ReadResult {
  const lines = new Lines(text);
  const documents: ManifestDocument[] = [];
  const findings: Finding[] = [];
  for (const document of parse11(text)) {
    const problems = syntaxFindings(document, lines, file);
    findings.push(...problems);
    if (problems.length > 0) continue;
    findings.push(...versionWarnings(document, lines, file));
    const value = toValue(document);
    if (value === null) continue;
    if (value instanceof Error) {
      findings.push({
        ...report(file, lines, document.contents?.range[0] ?? 0),
        message: value.message,
        advice: 'write it out without aliases',
      });
      continue;
    }
    documents.push(...expand(value, [], document, lines, file));
  }
  return { documents, findings };
}

function parse11(text: string): readonly Document.Parsed<ParsedNode>[] {
  const documents = parseAllDocuments(text, {
    schema: 'yaml-1.1',
    merge: true,
    logLevel: 'silent',
    prettyErrors: false,
    customTags: (tags) => [
      ...tags.filter(
        (tag) => typeof tag !== 'object' || (!NOT_READ.test(tag.tag) && !('format' in tag && tag.format === 'TIME')),
      ),
      OCTAL_12,
    ],
  });
  return Array.isArray(documents) ? documents : [];
}

/** `0o10`, which YAML 1.1 does not know and kubectl reads as 8. */
const OCTAL_12 = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT12',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text: string): number => Number.parseInt(text.replace('0o', ''), 8),
};

/** An error where aliases blow the document up or lead back into themselves. */
function toValue(document: Document): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Plain JSON, as kubectl sends it: no -0, nothing shared between two places.
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    return new Error(
      error instanceof RangeError ? 'the document is nested too deep' : 'the document’s aliases cannot be resolved',
    );
  }
}

function* expand(
  value: unknown,
  base: Path,
  document: Document,
  lines: Lines,
  file: string,
): Generator<ManifestDocument> {
  if (isList(value)) {
    for (const [index, item] of value.items.entries())
      yield* expand(item, [...base, 'items', index], document, lines, file);
    return;
  }
  const locate = (path: Path, part?: 'key' | 'value'): Place =>
    createLocator(document, lines).locate([...base, ...path], part);
  yield {
    file,
    value,
    locate,
    get place() {
      return locate([]);
    },
  };
}

const isList = (value: unknown): value is { readonly items: readonly unknown[] } =>
  typeof value === 'object' &&
  value !== null &&
  'apiVersion' in value &&
  value.apiVersion === 'v1' &&
  'kind' in value &&
  value.kind === 'List' &&
  'items' in value &&
  Array.isArray(value.items);

const report = (file: string, lines: Lines, offset: number): Omit<Finding, 'message' | 'advice'> => ({
  file,
  ...lines.place(offset),
  field: '',
  severity: 'error',
});

/** Errors, and warnings of the parser (an unknown tag), which kubectl would drop without a word. */
function syntaxFindings(document: Document, lines: Lines, file: string): Finding[] {
  // After the first error the others are echoes of it, but for keys that stand twice.
  const telling = [...document.errors, ...document.warnings].filter(
    ({ code }, index) => index === 0 || code === 'DUPLICATE_KEY',
  );
  const problems = telling.map((error) => ({
    ...report(file, lines, error.pos[0]),
    message: error.message.startsWith('Maximum call stack')
      ? 'the document is nested too deep'
      : firstLine(error.message),
    advice: error.code === 'DUPLICATE_KEY' ? 'remove one of the two' : 'correct the YAML',
  }));
  if (problems.length > 0) return problems;
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value !== 'number' || Number.isFinite(node.value)) return;
      const at = report(file, lines, node.range?.[0] ?? 0);
      problems.push({ ...at, message: 'not a number that JSON has', advice: 'write a finite number' });
    },
  });
  return problems;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;

import { basename } from 'node:path/posix';
import { type Finding, finding, type Source } from './source.ts';
import { globalsOf, isErased, isFunction, isNode, type Node, walk } from './tree.ts';

/** The one list of all that its folder offers. */
const BARREL = 'kinds/index.ts';

const NAMES_NOTHING = /^(?:utils?|helpers?|common|misc|shared)\.ts$/;

/** Default exports, barrels, and files whose name says nothing (style §2). */
export function misplaced(source: Source): readonly Finding[] {
  const { path, program, lineOf } = source;
  const body = statements(program);
  const findings: Finding[] = [];
  for (const node of body) {
    const named = node['specifiers'];
    const renamed =
      Array.isArray(named) && named.some((each) => isNode(each?.exported) && each.exported['name'] === 'default');
    if (node.type === 'ExportDefaultDeclaration' || (node.type === 'ExportNamedDeclaration' && renamed)) {
      findings.push(finding(source, lineOf(node), 'has a default export'));
    }
  }
  if (path !== BARREL && (basename(path) === 'index.ts' || (body.length > 0 && body.every(isPassedOn)))) {
    findings.push(finding(source, 1, `only passes on what others export; only ${BARREL} may`));
  }
  if (NAMES_NOTHING.test(basename(path))) findings.push(finding(source, 1, 'has a name that says nothing'));
  return findings;
}

const isPassedOn = (node: Node): boolean => node.type.startsWith('Export') && isNode(node['source']);

/** `src/bin.ts` is the program; everything else only declares. */
const PROGRAM = 'bin.ts';

/** Reads as "does something" when a file is loaded. */
const DOES_SOMETHING =
  /^(?:create|open|start|connect|listen|run|watch|fetch|read|write|set(?:Timeout|Interval|Immediate)|on$|register)/;

/** Values without identity beyond their content, or none that anybody could share. */
const INERT: ReadonlySet<string> = new Set(['Map', 'Set', 'RegExp', 'URL', 'Date', 'TextEncoder', 'TextDecoder']);

/** What would happen, or come to live, when the file is loaded (style §2). */
export function happensAtImport(source: Source): readonly Finding[] {
  const { path, program, lineOf } = source;
  if (path === PROGRAM) return [];
  const globals = new Set(globalsOf(program));
  const findings: Finding[] = [];
  const report = (node: Node, what: string) => findings.push(finding(source, lineOf(node), `at import: ${what}`));
  for (const statement of statements(program)) {
    const declaration = isNode(statement['declaration']) ? statement['declaration'] : statement;
    if (!DECLARING.has(declaration.type) && !isErased(declaration)) report(statement, 'a statement runs');
    if (declaration.type === 'VariableDeclaration' && declaration['kind'] !== 'const')
      report(statement, 'shared variable');
    walk(statement, (node) => {
      if (isFunction(node) || isErased(node) || (node.type === 'PropertyDefinition' && node['static'] !== true))
        return 'skip';
      if (node.type === 'AwaitExpression') report(node, 'await');
      if (globals.has(node) && node['name'] === 'process') report(node, 'process is read');
      const callee = nameOf(node['callee']);
      if (node.type === 'CallExpression' && DOES_SOMETHING.test(callee)) report(node, `${callee}() is called`);
      if (node.type === 'NewExpression' && !INERT.has(callee)) report(node, `new ${callee}() is made`);
      return undefined;
    });
  }
  return findings;
}

const DECLARING: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'ExportNamedDeclaration',
  'VariableDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
]);

const statements = (program: Node): readonly Node[] =>
  Array.isArray(program['body']) ? program['body'].filter(isNode) : [];

/** The last name of what is called: `fs.readFileSync` → `readFileSync`. */
function nameOf(callee: unknown): string {
  if (!isNode(callee)) return '';
  if (callee.type === 'MemberExpression') return nameOf(callee['property']);
  return typeof callee['name'] === 'string' ? callee['name'] : '';
}

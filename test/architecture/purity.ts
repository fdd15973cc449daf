import { type Finding, finding, type Source } from './source.ts';
import { dotted, globalsOf, isNode, type Node, walk } from './tree.ts';

/** Files that decide (design §3). Whatever they load has to be as pure as they are. */
export const isPure = (path: string): boolean =>
  path.startsWith('core/') ||
  (path.startsWith('kinds/') && !isPerform(path)) ||
  path.startsWith('doctor/checks/') ||
  (/^(agora|limits|engine|plan)\//.test(path) && PURE_NOUN.test(path));

const PURE_NOUN = /\/(?:(?:decide|fold)[^/]*|timing|request|changes|name|tables|resolution|ledger|grant|domains)\.ts$/;

const isPerform = (path: string): boolean => path.endsWith('/perform.ts');

/** What reads the time or the surroundings, waits, draws lots or reaches out. */
const IMPURE_GLOBALS: ReadonlySet<string> = new Set(
  [
    'setTimeout setInterval setImmediate queueMicrotask clearTimeout clearInterval clearImmediate performance process',
    'console crypto fetch globalThis global require navigator WebSocket EventSource BroadcastChannel Worker localStorage',
  ].flatMap((names) => names.split(' ')),
);

const IMPURE_MEMBERS: ReadonlySet<string> = new Set(['Math.random', 'Date.now', 'AbortSignal.timeout']);

const PURE_FUNCTIONS_OF_NODE: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'createHmac', 'hash'],
};

/** Broken purity in pure files and in all that they load, each with the file that reaches it. */
export function impurities(sources: readonly Source[]): readonly Finding[] {
  return [...reachedFromPure(sources)].flatMap(([source, from]) => {
    const by = source === from ? '' : ` (loaded by the pure src/${from.path})`;
    return impuritiesOf(source).map((each) => `${each}${by}`);
  });
}

/** Every file that a pure file loads, itself included, and the pure file that does. `perform` is called, not asked. */
function reachedFromPure(sources: readonly Source[]): ReadonlyMap<Source, Source> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Map<Source, Source>();
  const follow = (source: Source, from: Source): void => {
    if (reached.has(source)) return;
    reached.set(source, from);
    for (const { target, typeOnly } of source.imports) {
      const next = typeOnly || target === undefined || isPerform(target) ? undefined : byPath.get(target);
      if (next !== undefined) follow(next, isPure(next.path) ? next : from);
    }
  };
  for (const source of sources) if (isPure(source.path)) follow(source, source);
  return reached;
}

export function impuritiesOf(source: Source): readonly Finding[] {
  const { program, imports, lineOf } = source;
  const findings = imports
    .filter(({ target, typeOnly }) => target === undefined && !typeOnly)
    .filter(({ specifier, names }) => {
      const pure = PURE_FUNCTIONS_OF_NODE[specifier];
      return pure === undefined || names.length === 0 || !names.every((name) => pure.includes(name));
    })
    .map(({ specifier, line }) => finding(source, line, `is pure, but loads ${specifier}`));
  const globals = new Set(globalsOf(program));
  walk(program, (node) => {
    const what = impureAt(node, globals);
    if (what !== undefined) findings.push(finding(source, lineOf(node), `is pure, but uses ${what}`));
  });
  return findings;
}

function impureAt(node: Node, globals: ReadonlySet<Node>): string | undefined {
  const member = dotted(node);
  if (member !== undefined && IMPURE_MEMBERS.has(member)) return member;
  if (node.type === 'ImportExpression') return 'import()';
  if (node.type === 'MetaProperty' && isNode(node['meta']) && node['meta']['name'] === 'import') return 'import.meta';
  if (globals.has(node) && IMPURE_GLOBALS.has(String(node['name']))) return String(node['name']);
  const callee = node['callee'];
  if (isNode(callee) && globals.has(callee) && callee['name'] === 'Date') {
    if (node.type === 'CallExpression') return 'Date()';
    if (Array.isArray(node['arguments']) && node['arguments'].length === 0) return 'new Date()';
  }
  return undefined;
}

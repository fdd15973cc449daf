import { type Finding, finding, type Source } from './source.ts';

/**
 * Who may import what, as beginnings of paths below `src/` (design §3):
 * `main → commands → cli → engine, hosts, ingress, doctor → plan → kinds → agora, limits → core`. Besides what is named, a folder may
 * import its own files.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  limits: ['core/'],
  // The client names regions and rate limits; how they are kept is not its business.
  agora: ['core/', 'limits/slot.ts', 'observability/'],
  kinds: ['core/', 'limits/', 'agora/'],
  // The engine knows the contract of a host, never a host. Hosts know neither Agora nor the kinds.
  engine: ['core/', 'limits/', 'agora/', 'kinds/', 'hosts/host.ts', 'observability/'],
  hosts: ['core/', 'observability/'],
  ingress: ['core/', 'limits/', 'agora/', 'kinds/', 'hosts/host.ts', 'observability/'],
  plan: ['core/', 'limits/', 'agora/', 'kinds/', 'hosts/host.ts', 'observability/'],
  // What belongs to a host (a cluster's answers) is gathered by who knows it, and comes in as facts.
  doctor: ['core/', 'limits/', 'agora/', 'kinds/', 'hosts/host.ts', 'plan/', 'observability/'],
  // It must not share the client's mistakes.
  simulator: ['core/'],
  observability: ['core/'],
  cli: [
    'core/',
    'limits/',
    'agora/',
    'kinds/',
    'engine/',
    'hosts/',
    'ingress/',
    'plan/',
    'doctor/',
    'simulator/',
    'observability/',
  ],
  // How a command line reads; what a command does is in `cli`.
  commands: ['core/', 'cli/', 'observability/', 'config.ts'],
  'config.ts': ['core/'],
  'main.ts': ['', '!bin.ts'],
  'bin.ts': ['main.ts'],
};

/** Folders whose parts do not know each other, although they share a parent. */
const APART: readonly (readonly [string, string])[] = [
  ['hosts/kubernetes/', 'hosts/files/'],
  ['kinds/recording/', 'kinds/converter/'],
];

/** Imports that go against the arrows. */
export function wrongArrows(source: Source): readonly Finding[] {
  const layer = layerOf(source.path);
  const allowed = MAY_IMPORT[layer];
  if (allowed === undefined) return [finding(source, 1, `belongs to no layer: add ${layer} to the arrows or move it`)];
  return source.imports.flatMap(({ target, line }) => {
    if (target === undefined) return [];
    if (target.startsWith('..')) return [finding(source, line, 'imports a file outside src')];
    const own = layerOf(target) === layer && !apart(source.path, target);
    const permitted = allowed.some((start) => target.startsWith(start)) && !allowed.includes(`!${target}`);
    return own || permitted ? [] : [finding(source, line, `imports ${target}, which ${layer} may not know`)];
  });
}

/** Each ring of imports once, types included: what needs each other is one thing or has a third in common. */
export function cycles(sources: readonly Source[]): readonly Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const follow = (source: Source, trail: readonly string[]): void => {
    if (done.has(source.path)) return;
    const here = [...trail, source.path];
    for (const { target, line } of source.imports) {
      const next = target === undefined ? undefined : byPath.get(target);
      if (next === undefined) continue;
      const at = here.indexOf(next.path);
      if (at < 0) follow(next, here);
      else findings.push(finding(source, line, `closes a cycle: ${[...here.slice(at), next.path].join(' → ')}`));
    }
    done.add(source.path);
  };
  for (const source of sources) follow(source, []);
  return findings;
}

const layerOf = (path: string): string => path.split('/', 1)[0] ?? path;

const apart = (from: string, to: string): boolean =>
  APART.some(([a, b]) => (from.startsWith(a) && to.startsWith(b)) || (from.startsWith(b) && to.startsWith(a)));

import type { KindName, Resource } from '../core/resource.ts';

/**
 * `fail`: something does not work or will not. `warn`: it works, and somebody should know. `skip`: it could not be told.
 */
export const VERDICTS = ['pass', 'warn', 'fail', 'skip'] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * What is examined, in the order in which it is shown, with the rules behind it. The names are part of `-o json`, and
 * `docs/reference/doctor.md` has a row for each.  (MP-27)
 */
export const CHECKS = {
  manifests: { title: 'manifests', rules: [] },
  definitions: { title: 'definitions', rules: [] },
  access: { title: 'access', rules: [] },
  controller: { title: 'controller', rules: [] },
  leader: { title: 'leader', rules: [] },
  'ingress-service': { title: 'ingress service', rules: ['WR-8', 'WR-11', 'MP-28'] },
  reference: { title: 'project', rules: [] },
  secrets: { title: 'secrets', rules: [] },
  domains: { title: 'domains', rules: ['MP-11', 'MP-12', 'MP-13', 'MP-14'] },
  location: { title: 'location', rules: ['MP-11', 'MP-12'] },
  clock: { title: 'clock', rules: [] },
  credentials: { title: 'credentials', rules: ['MP-26'] },
  service: { title: 'service', rules: ['MP-26'] },
  'channel-mode': { title: 'channel mode', rules: [] },
  rates: { title: 'queries a second', rules: ['WR-2', 'MP-1'] },
  slots: { title: 'tasks at one time', rules: ['WR-1', 'WR-4', 'WR-5', 'MP-2', 'MP-4', 'MP-5'] },
  names: { title: 'names', rules: ['MP-18', 'MP-19'] },
  users: { title: 'users', rules: ['MP-17'] },
  region: { title: 'region', rules: ['MP-15'] },
  'storage-region': { title: 'storage region', rules: [] },
  'idle-timeout': { title: 'idle timeout', rules: ['MP-21'] },
  windows: { title: 'windows', rules: ['WR-7', 'WR-10'] },
  lifetimes: { title: 'lifetimes', rules: [] },
  notifications: { title: 'notifications', rules: ['WR-11', 'MP-28'] },
  'public-url': { title: 'public URL', rules: ['WR-8', 'WR-11', 'MP-28'] },
  'page-watch': { title: 'page watch', rules: ['WR-8', 'WR-9'] },
  foreign: { title: 'foreign converters', rules: ['MP-2', 'MP-18'] },
  'left-behind': { title: 'left behind', rules: [] },
  stalled: { title: 'stalled', rules: [] },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly rules: readonly string[] }>>;

export type CheckName = keyof typeof CHECKS;

/** One line of the report. Texts hold no secret: checks never see one (`facts.ts`). */
export interface Finding {
  readonly check: CheckName;
  readonly verdict: Verdict;
  /** What was found. */
  readonly fact: string;
  /** What to do; absent where nothing is to be done. */
  readonly action?: string;
  /** The AgoraProject that it is about; absent for manifests and cluster. */
  readonly project?: Place;
  /** The one resource that it is about. */
  readonly resource?: Place & { readonly kind: KindName };
}

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export const placeOf = ({ metadata: { namespace, name } }: Pick<Resource, 'metadata'>): Place => ({ namespace, name });

type About = Pick<Finding, 'project' | 'resource'>;

export const pass = (check: CheckName, fact: string, about: About = {}): Finding => ({
  check,
  verdict: 'pass',
  fact,
  ...about,
});

export const judged = (
  check: CheckName,
  verdict: 'warn' | 'fail' | 'skip',
  { fact, action }: { readonly fact: string; readonly action?: string },
  about: About = {},
): Finding => ({ check, verdict, fact, ...(action === undefined ? {} : { action }), ...about });

/** About one resource of a project. */
export const about = (project: Pick<Resource, 'metadata'>, resource?: Resource): About => ({
  project: placeOf(project),
  ...(resource === undefined ? {} : { resource: { kind: resource.kind, ...placeOf(resource) } }),
});

/** What goes wrong, or one line that all is well: how most checks of single resources end. */
export const orPass = (findings: readonly Finding[], good: Finding): readonly Finding[] =>
  findings.length === 0 ? [good] : findings;

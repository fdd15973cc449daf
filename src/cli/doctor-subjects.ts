import { resolve } from 'node:path';
import type { Key, Resource } from '../core/resource.ts';
import type { ManifestFacts } from '../doctor/facts.ts';
import type { Examined } from '../doctor/gather/means.ts';
import type { Declared, DeclaredSecret } from '../hosts/declared.ts';
import type { Limits } from '../limits/tables.ts';
import { CommandError, type Io } from './io.ts';
import { type ReadPaths, readPaths } from './manifest-paths.ts';
import { createOffline, openState } from './offline.ts';
import { intakesOf } from './plan-intakes.ts';
import { createProjectLimits } from './project-limits.ts';
import { askRunning } from './source.ts';
import { STATE_DIRECTORY } from './state-directory.ts';

/** What doctor examines, and what has to be closed afterwards. */
export interface Subjects extends Examined {
  /** Where the controller says that it is reached; a flag goes before it. */
  readonly publicUrl?: string;
  close(): Promise<void>;
}

export interface SubjectOptions {
  readonly filename?: readonly string[];
  readonly state?: string;
  readonly namespace?: string;
}

/** Manifests, beside what a state knows of their tasks; or the resources of a state as they are. */
export async function fileSubjects({ filename, state, namespace }: SubjectOptions, io: Io): Promise<Subjects> {
  const now = Date.now();
  const directory = resolve(state ?? STATE_DIRECTORY);
  const stored = await openState(state);
  if (filename === undefined && stored === undefined)
    throw new CommandError(
      `there is no state directory ${directory}; name manifests with -f, a state with --state, or a cluster with --context`,
    );
  const records = stored?.records ?? new Map();
  const read =
    filename === undefined
      ? undefined
      : await readPaths(filename, {
          stateDirectory: directory,
          old: (key) => records.get(key)?.resource,
          now: () => now,
        });
  const known = [...records.values()].map(({ resource }) => resource);
  const taken =
    read === undefined
      ? { resources: known, visible: known }
      : declaredIn(
          intakesOf({ declared: declarationsOf(read), records, files: read.files, whole: read.whole, now }).intakes,
          read,
        );
  const secrets = read === undefined ? [] : [...read.manifests.secrets.values()].map(({ value }) => value);
  const resolved = resolverOf(taken.visible, { secrets, remembered: stored?.secrets ?? [], environment: io.env, now });
  return {
    ...taken,
    resources: inNamespace(taken.resources, namespace),
    statuses: stored === undefined ? 'none' : 'state',
    // A state remembers values only of Secrets that are gone: that one is missing there tells nothing.
    secret: (...of) => resolved.secret(...of) ?? (read === undefined ? 'unreadable' : undefined),
    limitsFor: resolved.limitsFor,
    ...(read === undefined ? {} : { manifests: manifestFacts(read) }),
    ...(stored === undefined ? {} : { watch: { directory, answers: await isWatched(directory, io.signal) } }),
    close: async () => undefined,
  };
}

const isWatched = async (directory: string, signal: AbortSignal): Promise<boolean> =>
  (await askRunning(directory, { ask: 'stats', request: {} }, signal)) !== undefined;

export const declarationsOf = (read: ReadPaths): ReadonlyMap<Key, Declared> =>
  new Map([...read.manifests.resources].map(([key, { value }]) => [key, value.declared]));

/** Those that the manifests declare, and all that are known beside them. */
export function declaredIn(
  intakes: readonly { readonly after: Resource; readonly aside?: true }[],
  read: ReadPaths,
): { readonly resources: readonly Resource[]; readonly visible: readonly Resource[] } {
  const declared = declarationsOf(read);
  const isDeclared = ({ kind, metadata: { namespace, name } }: Resource): boolean =>
    declared.has(`${kind}/${namespace}/${name}`);
  return {
    resources: intakes.map(({ after }) => after).filter(isDeclared),
    visible: intakes.map(({ after }) => after),
  };
}

export const inNamespace = (resources: readonly Resource[], namespace: string | undefined): readonly Resource[] =>
  namespace === undefined ? resources : resources.filter(({ metadata }) => metadata.namespace === namespace);

/** Values of Secrets and limits, as a controller with these resources would have them. */
export function resolverOf(
  resources: readonly Resource[],
  parts: {
    readonly secrets: readonly DeclaredSecret[];
    readonly remembered: readonly DeclaredSecret[];
    readonly environment: Io['env'];
    readonly now: number;
  },
): {
  readonly secret: ReturnType<typeof createOffline>['host']['secret'];
  readonly limitsFor: (appId: string) => Limits;
} {
  const { host, memory } = createOffline({ resources, ...parts });
  const { limitsFor } = createProjectLimits({ host, projectsWith: (appId) => memory.projectsWith(appId) });
  return { secret: host.secret, limitsFor };
}

export const manifestFacts = ({ files, findings }: ReadPaths): ManifestFacts => ({
  files: files.length,
  // What has a check of its own is said there.
  findings: findings
    .filter(({ field, severity }) => severity === 'error' || field !== 'spec.cdnArea')
    .map(({ file, line, column, field, message, advice, severity }) => ({
      place: `${file}:${line}:${column}`,
      severity,
      text: field === '' ? message : `${field}: ${message}`,
      advice,
    })),
});

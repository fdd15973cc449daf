import { canonical, keyedHash } from '../../core/hash.ts';
import { API_GROUP, deletionRequested, type Key, keyOf, type Resource, type StatusBase } from '../../core/resource.ts';
import { member } from './api-error.ts';

/**
 * Where the handles of live tasks are kept a second time: backup and restore bring back metadata, but no status, and a
 * task whose handle is lost can be stopped by nobody (ADR 0018). Written by the controller only.
 */
export const HANDLES = `${API_GROUP}/handles`;

const FORM = 1;
/** Of 256 KiB that all annotations of an object share. */
const MOST_BYTES = 96 * 1_024;

/** What of an entry is needed to find its task again. Counters, looks and hashes are not; neither are keys: entries hold none. */
const KEPT_OF_TASK = [
  'attempt',
  'member',
  'appId',
  'region',
  'class',
  'cname',
  'uid',
  'resourceId',
  'otherResourceIds',
  'acquiredAt',
  'sid',
  'sidAt',
  'pageToken',
  'name',
  'converterId',
  'startedAt',
  'endsAt',
] as const;

type Json = Readonly<Record<string, unknown>>;

/**
 * The annotation that a resource should carry; undefined for none. It changes when a handle comes or goes, and when what
 * runs is known to be as declared; `before` is the one that it carries now.
 */
export function handlesOf(resource: Resource, before: string | undefined): string | undefined {
  const status = member(resource.status);
  const tasks = entries(status['tasks']).filter(worthKeeping).map(keptOf);
  const leftBehind = entries(status['leftBehind']);
  const completed =
    status['completedGeneration'] === resource.metadata.generation ? status['completedReason'] : undefined;
  if (tasks.length === 0 && leftBehind.length === 0 && completed === undefined) return undefined;
  const key = keyOf(resource);
  const text = canonical({
    form: FORM,
    of: key,
    tasks,
    ...(leftBehind.length === 0 ? {} : { leftBehind }),
    admission: tasks.length === 0 ? undefined : status['admission'],
    lastAttempt: status['lastAttempt'],
    completed,
    declared: isAsDeclared(resource) ? declarationOf(key, resource.spec) : parsed(before, key)?.['declared'],
  });
  // Half of the handles would be worse than those written last.
  return Buffer.byteLength(text) > MOST_BYTES ? before : text;
}

/**
 * The status that the annotation gives back to a resource that has none; undefined where there is nothing to give back.
 * Whether the tasks still live is for `decide` to find out: they are confirmed anew. `applied` is not known; `generation`
 * says whether the declaration is still the one that they were made from, else it is 0.
 */
export function restoredStatus(resource: Resource, text: string | undefined): StatusBase | undefined {
  if (!isBlank(resource.status) || deletionOver(resource)) return undefined;
  const key = keyOf(resource);
  // A copy of a resource under another name has no part in its tasks.
  const kept = parsed(text, key);
  if (kept === undefined) return undefined;
  const status = member(resource.status);
  const same = kept['declared'] === declarationOf(key, resource.spec);
  const { generation } = resource.metadata;
  const tasks = entries(kept['tasks']).map((task) => ({ ...task, generation: same ? generation : 0, applied: {} }));
  const { leftBehind, admission, lastAttempt, completed } = kept;
  return {
    observedGeneration: -1,
    conditions: [],
    ...status,
    ...(tasks.length === 0 ? {} : { tasks }),
    ...(leftBehind === undefined ? {} : { leftBehind }),
    ...(admission === undefined ? {} : { admission }),
    ...(lastAttempt === undefined ? {} : { lastAttempt }),
    ...(completed === undefined || !same ? {} : { completedGeneration: generation, completedReason: completed }),
  };
}

/** No controller has written it: absent, or as the schema's default makes it. */
function isBlank(status: unknown): boolean {
  const { observedGeneration, tasks, leftBehind } = member(status);
  return (
    (observedGeneration === undefined || observedGeneration === -1) && tasks === undefined && leftBehind === undefined
  );
}

const deletionOver = (resource: Resource): boolean =>
  deletionRequested(resource) && resource.metadata.finalizers.length === 0;

/** With a handle, or one that may live without a known one. What is concluded gone, or was never started, is not kept. */
const worthKeeping = ({ phase, sid, converterId }: Json): boolean =>
  phase === 'Unknown' || (phase !== 'Lost' && phase !== 'Acquired' && (sid !== undefined || converterId !== undefined));

const keptOf = (task: Json): Json => ({
  ...Object.fromEntries(KEPT_OF_TASK.map((name) => [name, task[name]])),
  // A task that is being stopped comes back as a live one that nobody wants, and is stopped.
  phase: task['phase'] === 'Unknown' ? 'Unknown' : 'Confirming',
});

/** Ready for the declaration as it is: what runs was made from it. */
function isAsDeclared({ metadata, status }: Resource): boolean {
  const { observedGeneration, conditions } = member(status);
  return (
    observedGeneration === metadata.generation &&
    entries(conditions).some((condition) => condition['type'] === 'Ready' && condition['status'] === 'True')
  );
}

const declarationOf = (key: Key, spec: unknown): string => keyedHash(key, spec);

/** The annotation of exactly this resource, whatever its uid: one that is restored has another. */
function parsed(text: string | undefined, key: Key): Json | undefined {
  if (text === undefined) return undefined;
  try {
    const value = member(JSON.parse(text));
    return value['form'] === FORM && value['of'] === key ? value : undefined;
  } catch {
    return undefined;
  }
}

const entries = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(member) : []);

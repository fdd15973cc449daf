import { deletionRequested, FINALIZER, keyOf, type Resource } from '../core/resource.ts';
import { minutes, seconds, timestamp } from '../core/time.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { AnyKind } from '../kinds/index.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import { Pass } from './pass.ts';
import type { PassParts } from './pass-parts.ts';
import type { Work } from './workqueue.ts';

/** Longer than any ladder by which a deleted resource's tasks are stopped. */
const LONGEST_MS = minutes(30);
const SHORTEST_PAUSE_MS = seconds(1);
/** Nobody can wake it: what the project found meanwhile is looked at so often. */
const LONGEST_PAUSE_MS = seconds(5);

/**
 * A resource went while a call of it was under way, finalizer or not: API servers delete an object that had none when the
 * deletion began, although one was added a moment before (ADR 0039). What the call began is ended as that of any deleted
 * resource, by passes over the resource as it would be; the key is nobody else's meanwhile.
 */
export async function endOrphan(parts: PassParts, kind: AnyKind, resource: Resource, work: Work): Promise<void> {
  const { clock, abandon, log, memory } = parts;
  const key = keyOf(resource);
  const host = hostOf(parts.host, resource, timestamp(clock.now()));
  const giveUpAt = clock.now() + LONGEST_MS;
  log.warn(
    { resource: key, tasks: listed(resource) },
    'the resource is gone while a call of it was under way; it is ended',
  );
  try {
    for (let left = host.get(key); left !== undefined; left = host.get(key)) {
      memory.underway.set(key, left);
      const alone: PassParts = { ...parts, host, stopping: abandon, ownWrite: (_key, write) => write() };
      const end = await new Pass(alone, kind, left, work).run().catch((error: unknown) => {
        log.error({ resource: key, error }, 'a pass over what was begun for a resource that is gone failed');
        return undefined;
      });
      const after = host.get(key);
      if (after === undefined) break;
      if (clock.now() > giveUpAt || abandon.aborted) {
        log.error({ resource: key, tasks: listed(after) }, 'what was begun for a resource that is gone may still live');
        break;
      }
      work.park();
      memory.underway.set(key, after);
      // It looks up what the name of a lost answer's task has become, and lists what cannot be ended.
      const project = memory.projectOf(key);
      if (project !== undefined) parts.wake(project);
      const due = end?.again === 'at' ? end.at - clock.now() : 0;
      // Where the grace period is over the next pass calls nobody, and what is left is told.
      await clock.sleep(Math.min(Math.max(due, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS), abandon).catch(() => undefined);
    }
  } finally {
    memory.underway.delete(key);
    memory.observations.delete(key);
  }
}

/** The host, but for one resource that it no longer has: being deleted, and kept here until it is released. */
function hostOf(host: ResourceHost, resource: Resource, deletionTimestamp: string): ResourceHost {
  const { metadata } = resource;
  const deleted = deletionRequested(resource) ? metadata : { ...metadata, deletionTimestamp };
  let held: Resource | undefined = { ...resource, metadata: { ...deleted, finalizers: [FINALIZER] } };
  const own = keyOf(resource);
  return {
    ...host,
    get: (key) => (key === own ? held : host.get(key)),
    async writeStatus(base, status) {
      held = { ...base, status };
      return { result: 'written', resource: held };
    },
    async setFinalizer(base, finalizer) {
      held = finalizer === 'absent' ? undefined : held;
      return { result: 'written', resource: base };
    },
    refresh: async (key) => (key === own ? held : host.refresh(key)),
  };
}

/** What identifies the tasks to Agora and to a person. */
const listed = ({ status }: Resource): readonly unknown[] =>
  tasksOf(status as TaskStatus | undefined).map((task) => {
    const { attempt, phase, uid, sid, name, converterId } = task as typeof task & Readonly<Record<string, unknown>>;
    return { attempt, phase, uid, sid, name, converterId };
  });

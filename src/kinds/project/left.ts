import type { Resource } from '../../core/resource.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Claims, Slot } from '../../limits/slot.ts';
import type { Context } from '../context.ts';
import { canBeLeft } from '../left-behind.ts';
import { mayLive, type TaskBase, type TaskStatus, tasksOf } from '../task.ts';
import { toldAbout, withHandle } from './left-told.ts';
import type { ProjectObservation } from './observation.ts';
import { ABSENT_MS, MOST_LEFT } from './timing.ts';
import type { LeftBehind, ProjectSpec, ProjectStatus } from './types.ts';

/** An entry's handles, whichever kind it is of. */
type AnyTask = TaskBase & {
  readonly cname?: string;
  readonly uid?: string;
  readonly resourceId?: string;
  readonly sid?: string;
  readonly name?: string;
  readonly converterId?: string;
};

/**
 * What deleting resources could not stop: copied from their statuses, kept until it is known to be over, so that nothing
 * wedges and nothing is forgotten (design §5.7).
 */
export function leftBehind(
  project: Resource<ProjectSpec, ProjectStatus>,
  observation: Pick<ProjectObservation, 'left'>,
  context: Context,
  now: Instant,
): readonly LeftBehind[] {
  const kept = (project.status?.leftBehind ?? [])
    .filter((entry) => !isOver(entry, context, now) && !isResolved(entry, context))
    .filter((entry) => toldAbout(observation, entry)?.isOver !== true)
    .map((entry) => withHandle(entry, toldAbout(observation, entry)));
  const known = new Set(kept.map((entry) => `${entry.uid}/${entry.attempt}`));
  const added = context.members.flatMap((member) => {
    const resource = member as Resource<unknown, TaskStatus<AnyTask>>;
    return canBeLeft(resource, context, now)
      .filter((task) => !known.has(`${member.metadata.uid}/${task.attempt}`))
      .map((task) => entryOf(resource, task, now));
  });
  // A resource whose entries find no room yet is kept until they do.
  return added.length === 0 ? kept : [...kept, ...added].slice(0, Math.max(kept.length, MOST_LEFT));
}

/** Its resource is still there and found out meanwhile what became of it: it was stopped after all, or ended. */
const isResolved = (entry: LeftBehind, context: Context): boolean =>
  context.members.some(
    (member) =>
      member.metadata.uid === entry.uid &&
      !tasksOf(member.status as TaskStatus | undefined).some((task) => task.attempt === entry.attempt && mayLive(task)),
  );

function entryOf(resource: Resource<unknown, TaskStatus<AnyTask>>, task: AnyTask, now: Instant): LeftBehind {
  const { metadata } = resource;
  const handles: [string, string | undefined][] = [
    ['cname', task.cname],
    ['taskUid', task.uid],
    ['resourceId', task.resourceId],
    ['sid', task.sid],
    ['taskName', task.name],
    ['converterId', task.converterId],
    ['endsAt', task.endsAt],
  ];
  return {
    uid: metadata.uid,
    attempt: task.attempt,
    kind: resource.kind,
    name: metadata.name,
    appId: task.appId,
    region: task.region,
    class: task.class,
    ...Object.fromEntries(handles.filter(([, value]) => value !== undefined)),
    why:
      task.reason ??
      (task.phase === 'Unknown'
        ? 'it may live and its handle is not known'
        : 'there were no credentials to stop it with'),
    since: timestamp(now),
  };
}

/** A recording ends by `endsAt`, by both clocks; a converter is over when complete sweeps have lacked it long enough. */
function isOver(entry: LeftBehind, context: Context, now: Instant): boolean {
  if (entry.endsAt !== undefined && now >= instant(entry.endsAt) && context.process.steadyNow >= instant(entry.endsAt))
    return true;
  if (entry.kind !== 'RtmpConverter' || context.sweep.begunAt === undefined) return false;
  const { begunAt, rows, lastSeenAt } = context.sweep;
  const listed = [...rows.values()].some(
    (row) => row.id.toLowerCase() === entry.converterId?.toLowerCase() || row.name === entry.taskName,
  );
  const seenAt = entry.converterId === undefined ? undefined : lastSeenAt.get(entry.converterId.toLowerCase());
  return !listed && begunAt >= Math.max(instant(entry.since), seenAt ?? 0) + ABSENT_MS;
}

/** They are still counted in their slots (design §5.7). */
export function held(project: Resource<ProjectSpec, ProjectStatus>): Claims {
  const slots = (project.status?.leftBehind ?? []).map((entry) => slotOf(entry));
  return { slots, names: [] };
}

const slotOf = (entry: LeftBehind): Slot => ({
  appId: entry.appId,
  service: entry.kind === 'RtmpConverter' ? 'converter' : 'recording',
  region: entry.region as Slot['region'],
  class: (entry.class ?? 'FHD') as Slot['class'],
});

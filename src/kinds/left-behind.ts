import { deletionRequested, type Resource } from '../core/resource.ts';
import { type Instant, instant, minutes } from '../core/time.ts';
import type { Context } from './context.ts';
import { mayLive, type TaskBase, type TaskStatus, tasksOf } from './task.ts';

/** So long a deleted resource waits for credentials before its tasks are left behind (design §5.7). */
export const CREDENTIALS_GRACE_MS = minutes(10);

/**
 * When tasks of a deleting resource are given up for want of credentials; undefined where it is not deleting. This
 * process has waited for them itself: at its start a Secret may only not have been read yet.
 */
export function abandonedAt(
  resource: Pick<Resource, 'metadata'>,
  context: Pick<Context, 'project' | 'process'>,
): Instant | undefined {
  const deletedAt = instant(resource.metadata.deletionTimestamp);
  if (deletedAt === undefined || context.project?.credentials !== undefined) return undefined;
  return Math.max(deletedAt, context.process.startedAt) + CREDENTIALS_GRACE_MS;
}

/**
 * Entries of a deleting resource that cannot be stopped: those whose handle is not known, and all of them where there
 * have been no credentials for ten minutes. The project's `decide` copies them to its `leftBehind`.
 */
export function canBeLeft<Task extends TaskBase>(
  resource: Resource<unknown, TaskStatus<Task>>,
  context: Pick<Context, 'project' | 'process'>,
  now: Instant,
): readonly Task[] {
  if (!deletionRequested(resource)) return [];
  const at = abandonedAt(resource, context);
  const live = tasksOf<Task>(resource.status).filter(mayLive);
  // As long as something can still be stopped or resolved the resource keeps all: one hand-over, at the end.
  return (at !== undefined && now >= at) || live.every((task) => task.phase === 'Unknown') ? live : [];
}

/** Does the project list all of these? Then the resource may go (design §5.7). */
export function isLeftBehind(
  resource: Pick<Resource, 'metadata'>,
  tasks: readonly TaskBase[],
  status: { readonly leftBehind?: readonly { readonly uid: string; readonly attempt: number }[] } | undefined,
): boolean {
  const listed = status?.leftBehind ?? [];
  return tasks.every((task) =>
    listed.some((entry) => entry.uid === resource.metadata.uid && entry.attempt === task.attempt),
  );
}

import { type Instant, instant } from '../../core/time.ts';
import { HANDLE_USABLE_MS } from './timing.ts';
import type { RecordingTask } from './types.ts';

/** More than one attempt can use: its own, one acquired anew, one of the probe, and one that grew too old. */
const MOST_OTHER = 4;

/** The resource ID of a task, as long as a start may be sent with it. */
export function usableHandle(
  { resourceId, acquiredAt }: RecordingTask,
  now: Instant,
): { readonly resourceId: string; readonly acquiredAt: string } | undefined {
  if (resourceId === undefined || acquiredAt === undefined) return undefined;
  return now < instant(acquiredAt) + HANDLE_USABLE_MS ? { resourceId, acquiredAt } : undefined;
}

/**
 * Before another resource ID takes its place: a start that was sent with this one may have had an effect, and only with
 * it can that recording be stopped, should a notice name its `sid` (design §5.2, step 4; ADR 0027).
 */
export function keepHandle(task: RecordingTask): RecordingTask {
  const { resourceId, otherResourceIds: others = [] } = task;
  if (resourceId === undefined || task.mayHaveEffect !== true || others.includes(resourceId)) return task;
  return { ...task, otherResourceIds: [...others, resourceId].slice(-MOST_OTHER) };
}

/** An answer, or the start's own, tells that its resource ID belongs to its `sid`. */
export function provenHandle(task: RecordingTask): RecordingTask {
  if (task.otherResourceIds === undefined) return task;
  const { otherResourceIds: _others, ...rest } = task;
  return rest;
}

/**
 * The next resource ID to be tried. A wrong one (432, 1001, 1003) is not tried again; undefined where none is left.
 * A 404 may mean either: they take turns.
 */
export function nextHandle(task: RecordingTask, why: 'wrong' | 'not-found'): RecordingTask | undefined {
  const [next, ...others] = task.otherResourceIds ?? [];
  if (next === undefined) return why === 'wrong' ? undefined : task;
  const last = why === 'wrong' || task.resourceId === undefined ? [] : [task.resourceId];
  return { ...task, resourceId: next, otherResourceIds: [...others, ...last] };
}

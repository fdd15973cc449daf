import { type Instant, timestamp } from '../../core/time.ts';
import { tasksOf } from '../task.ts';
import { ownerOf } from './concern.ts';
import { nextHandle } from './handles.ts';
import { sameSlot, slotOf } from './held.ts';
import type { Told } from './notices.ts';
import type { RecordingObservation } from './observation.ts';
import { replace, without } from './outcome.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/**
 * What was told of an entry. Of several recordings that one without a `sid` may be, the one that lives goes first; one
 * that has ended is taken for it only where no other start of it can have begun another.
 */
export function toldAbout(
  { notices = [] }: Pick<RecordingObservation, 'notices'>,
  status: RecordingStatus,
  task: RecordingTask,
): Told | undefined {
  const own = notices.filter((told) => ownerOf(told, status)?.attempt === task.attempt);
  const living = own.findLast((told) => told.end === undefined);
  const ended = own.findLast((told) => told.end !== undefined);
  if (task.sid !== undefined || living !== undefined) return living ?? ended;
  return task.otherResourceIds === undefined ? ended : undefined;
}

/**
 * Design §5.2, step 4: a notice brings the `sid` of a start whose answer was lost. Where another attempt has taken its
 * place it is stopped, on the slot that it held beside it; else it is the current task, and is confirmed like any other.
 */
export function resolved(
  status: RecordingStatus,
  task: RecordingTask,
  { sid }: Pick<Told, 'sid'>,
  now: Instant,
): { readonly status: RecordingStatus; readonly note: string } {
  const told = { ...task, sid, sidAt: timestamp(now), otherResourceIds: task.otherResourceIds ?? [] };
  const handled = told.resourceId === undefined ? nextHandle(told, 'wrong') : told;
  if (handled === undefined) {
    const { otherResourceIds: _none, ...unknown } = told;
    return { status: replace(status, { ...unknown, phase: 'Unknown' }), note: 'no resource ID of it is known' };
  }
  const {
    failures: _failures,
    step: _step,
    mayHaveEffect: _maybe,
    pending: _pending,
    reason: _reason,
    ...found
  } = handled;
  const successor = tasksOf<RecordingTask>(status).find((other) => other.attempt !== task.attempt && lives(other));
  if (successor !== undefined) {
    const reason = `attempt ${successor.attempt} took its place before its sid was known`;
    const stoppingSince = timestamp(now);
    return {
      status: replace(status, { ...found, phase: 'Stopping', beside: true, reason, stoppingSince }),
      note: 'it is stopped, since another attempt took its place',
    };
  }
  const idle = tasksOf<RecordingTask>(status).find(({ phase }) => phase === 'Acquired');
  const alone = idle === undefined ? status : without(status, idle);
  return {
    status: admitted(replace(alone, { ...found, phase: 'Confirming' }), task, now),
    note: 'it is confirmed now',
  };
}

/** Its start was sent, or is about to be. */
const lives = ({ phase, intent }: RecordingTask): boolean =>
  phase === 'Starting' ||
  phase === 'Confirming' ||
  phase === 'Running' ||
  (phase === 'Acquired' && intent !== undefined);

/** The slot that it held beside others is now that of the resource. */
function admitted(status: RecordingStatus, task: RecordingTask, now: Instant): RecordingStatus {
  const { admission = [] } = status;
  const slot = slotOf(task);
  if (admission.some((held) => sameSlot(held, slot))) return status;
  return { ...status, admission: [...admission, { ...slot, since: timestamp(now) }] };
}

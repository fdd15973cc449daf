import type { UserEvent } from '../kind.ts';
import { withTask } from '../task.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** The entry may live and has no handle: it ends by itself at `endsAt`; the next attempt takes another uid. */
export function giveUp(status: RecordingStatus, task: RecordingTask, reason: string): RecordingStatus {
  const { failures: _failures, step: _step, intent: _intent, ...rest } = task;
  return withTask<RecordingTask, RecordingStatus>(status, task.attempt, { ...rest, phase: 'Unknown', reason });
}

/** Names what it may cost (design §5.2). */
export const gaveUp = (task: RecordingTask, why: string): UserEvent => ({
  type: 'Warning',
  reason: 'StartOutcomeUnknown',
  note: `attempt ${task.attempt} (${task.cname}/${task.uid}) may run without a handle until ${task.endsAt ?? 'it ends'} and be billed: ${why}`,
});

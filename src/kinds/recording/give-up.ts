import { withTask } from '../task.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** The entry may live and has no handle: it ends by itself at `endsAt`; the next attempt takes another uid. */
export function giveUp(status: RecordingStatus, task: RecordingTask, reason: string): RecordingStatus {
  const { failures: _failures, step: _step, intent: _intent, ...rest } = task;
  return withTask<RecordingTask, RecordingStatus>(status, task.attempt, { ...rest, phase: 'Unknown', reason });
}

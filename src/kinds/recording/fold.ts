import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { CallResult } from '../kind.ts';
import { findTask } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { foldQuery } from './fold-query.ts';
import { foldAcquire, foldStart } from './fold-start.ts';
import { foldStop } from './fold-stop.ts';
import { foldUpdate } from './fold-update.ts';
import type { RecordingObservation } from './observation.ts';
import { type FoldedRecording, replace } from './outcome.ts';
import type { RecordingResource } from './situation.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** What an answer changes. Pure, and safe to repeat on a fresher object: entries are found by attempt (design §5, step 6). */
export function fold(
  resource: RecordingResource,
  observation: RecordingObservation,
  action: RecordingAction,
  result: CallResult,
  context: Context,
  now: Instant,
): FoldedRecording {
  const status: RecordingStatus = resource.status ?? { observedGeneration: -1, conditions: [] };
  const task = findTask<RecordingTask>(status, action.attempt);
  if (!result.sent) return { status: withdraw(status, task, action), observation };
  const outcome = { resource, status, task, observation, answer: result.answer, context, now };
  switch (action.type) {
    case 'acquire':
      return foldAcquire({ ...outcome, action });
    case 'start':
      return foldStart({ ...outcome, action });
    case 'query':
      return foldQuery({ ...outcome, action });
    case 'update':
      return foldUpdate({ ...outcome, action });
    case 'stop':
      return foldStop({ ...outcome, action });
  }
}

/** Nothing was sent: the entry is as it was before the step, but for what earlier calls left. */
function withdraw(status: RecordingStatus, task: RecordingTask | undefined, action: RecordingAction): RecordingStatus {
  if (task === undefined || action.type === 'acquire' || action.type === 'query') return status;
  const { intent: _intent, pending: _pending, ...rest } = task;
  return replace(status, restored(rest, action));
}

function restored(task: RecordingTask, action: RecordingAction): RecordingTask {
  const untouched = task.failures === undefined && task.mayHaveEffect !== true;
  if (action.type === 'start' && untouched) return { ...task, phase: 'Acquired' };
  if (action.type === 'stop' && untouched && task.stopAnswered !== true) {
    // Its first stop was not sent: it is still what it was, so that a resource that returns just goes on.
    const { stoppingSince: _since, reason: _reason, ...live } = task;
    return { ...live, phase: task.runningSince === undefined ? 'Confirming' : 'Running' };
  }
  return task;
}

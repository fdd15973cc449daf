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
import type { FoldedRecording } from './outcome.ts';
import type { RecordingResource } from './situation.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';
import { withdraw } from './withdraw.ts';

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
  if (!result.sent) return { status: withdraw(status, action), observation };
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

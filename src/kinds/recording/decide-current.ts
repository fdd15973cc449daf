import { uncountStart } from '../budget.ts';
import { waiting } from '../gate.ts';
import { mayLive, tasksOf, withTask } from '../task.ts';
import { currentOf } from './current.ts';
import { decideAttempt } from './decide-attempt.ts';
import { decideRunning } from './decide-running.ts';
import { decideStarting } from './decide-starting.ts';
import { usableHandle } from './handles.ts';
import { idleVerdict } from './idle.ts';
import type { CurrentNeed } from './need.ts';
import type { Situation } from './situation.ts';
import { stopCurrent } from './stop-current.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** What the current entry asks for, or, where there is none, the next attempt. */
export function decideCurrent(situation: Situation): CurrentNeed {
  const { status, wish } = situation;
  const task = currentOf(status);
  if (task === undefined)
    return wish.want === 'running' ? decideAttempt(situation) : { do: 'nothing', ...idle(situation, status) };
  if (task.intent !== undefined)
    return {
      do: 'nothing',
      verdict: waiting(
        wish.want !== 'running' ? 'Stopping' : task.intent.call === 'update' ? 'Updating' : 'Starting',
        'a call is on its way or its answer is lost; it is looked up when its time is over',
      ),
    };
  if (task.phase === 'Acquired') {
    // Nothing was sent with this handle: without a wish, or after an edit, it is simply forgotten.
    const dropped = { ...situation, status: withTask<RecordingTask, RecordingStatus>(status, task.attempt, undefined) };
    if (wish.want !== 'running') return { do: 'nothing', ...idle(situation, dropped.status) };
    if (task.generation !== situation.resource.metadata.generation) return decideAttempt(dropped);
    if (usableHandle(task, situation.now) !== undefined) return decideStarting(situation, task);
    // Its slot went before it was started, and it waits for one as whoever has none: another is not acquired before (WR-1).
    return decideAttempt({ ...dropped, status: notStarted(dropped.status) });
  }
  if (task.phase === 'Starting') {
    if (wish.want !== 'running' && task.mayHaveEffect !== true) {
      // It never began: every answer had no effect (design §5.1).
      const next = withTask<RecordingTask, RecordingStatus>(status, task.attempt, undefined);
      return { do: 'nothing', ...idle(situation, next) };
    }
    return decideStarting(situation, task);
  }
  if (wish.want !== 'running') return stopCurrent(situation, task, wish.want === 'gone' ? 'deleted' : 'not wanted');
  return decideRunning(situation, task);
}

/** What was acquired and never started is none of the budget's. */
const notStarted = (status: RecordingStatus): RecordingStatus =>
  status.restarts === undefined ? status : { ...status, restarts: uncountStart(status.restarts) };

function idle(
  situation: Situation,
  status: RecordingStatus,
): { readonly status: RecordingStatus; readonly verdict: CurrentNeed['verdict'] } {
  const { wish } = situation;
  const live = tasksOf<RecordingTask>(status).filter(mayLive);
  if (wish.want === 'running' || wish.want === 'suspended')
    return { status, verdict: waiting('Pending', 'nothing was decided yet') };
  return { status, verdict: idleVerdict(wish, live) };
}

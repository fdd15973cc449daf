import { timestamp } from '../../core/time.ts';
import { closedGate, waiting } from '../gate.ts';
import { withTask } from '../task.ts';
import { stopCall } from './decide-stopping.ts';
import type { CurrentNeed } from './need.ts';
import type { Situation } from './situation.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** Turns the current entry into one that is stopping, and stops it. */
export function stopCurrent(situation: Situation, task: RecordingTask, reason: string): CurrentNeed {
  const { resource, context, now } = situation;
  const { failures: _failures, missingSince: _since, missingLooks: _looks, ...rest } = task;
  const stopping: RecordingTask = { ...rest, phase: 'Stopping', reason, stoppingSince: timestamp(now) };
  const status = withTask<RecordingTask, RecordingStatus>(situation.status, task.attempt, stopping);
  const verdict = waiting(
    situation.wish.want === 'running' ? 'Replacing' : 'Stopping',
    `the recording is being stopped: ${reason}`,
  );
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  // A stop that cannot be sent yet changes nothing: the task is kept under observation as it is.
  if (closed !== undefined)
    return closed.until === undefined ? { do: 'nothing', verdict } : { do: 'wait', until: closed.until, verdict };
  if (task.resourceId === undefined || task.sid === undefined) return { do: 'nothing', status, verdict };
  const handle = { resourceId: task.resourceId, sid: task.sid };
  return { ...stopCall({ ...situation, status }, stopping, handle, task), verdict };
}

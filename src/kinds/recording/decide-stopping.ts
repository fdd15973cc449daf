import { type Instant, instant } from '../../core/time.ts';
import { closedGate } from '../gate.ts';
import { retryAt, withTask } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { type Need, NOTHING } from './need.ts';
import { lookOf } from './observation.ts';
import type { Situation } from './situation.ts';
import { LOST_LOOK_MS, MISSING_LADDER, STOP_LADDER } from './timing.ts';
import { toldLookAt } from './told-look.ts';
import type { RecordingTask } from './types.ts';

/** What an entry that is not the current one asks for: a stop until it is known to be gone, a look at a lost one. */
export function decideStopping(situation: Situation, task: RecordingTask): Need {
  if (task.intent !== undefined || (task.phase !== 'Stopping' && task.phase !== 'Lost')) return NOTHING;
  const { context, now, resource } = situation;
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  const due = task.phase === 'Lost' ? lostLookAt(situation, task) : stopDueAt(task);
  if (closed !== undefined) return closed.until === undefined ? NOTHING : { do: 'wait', until: closed.until };
  if (task.resourceId === undefined || task.sid === undefined) return NOTHING;
  if (now < due) return { do: 'wait', until: due };
  const handle = { resourceId: task.resourceId, sid: task.sid };
  if (task.phase === 'Lost') return look(task, handle);
  return stopCall(situation, task, handle);
}

/**
 * The stop with its intent, phase `Stopping` in the same write. A 404 to it is a look, not a success, so it is repeated
 * until the silence is long enough (design §5.1).
 */
export function stopCall(
  situation: Situation,
  task: RecordingTask,
  handle: { readonly resourceId: string; readonly sid: string },
  was = task,
): Need {
  return {
    do: 'call',
    action: {
      type: 'stop',
      limit: 'recording',
      class: 'stop',
      appId: task.appId,
      attempt: task.attempt,
      cname: task.cname,
      uid: task.uid,
      ...handle,
      was,
    },
    intent: { attempt: task.attempt, call: 'stop' },
    status: withTask<RecordingTask, typeof situation.status>(situation.status, task.attempt, task),
  };
}

export function look(
  task: RecordingTask,
  handle: { readonly resourceId: string; readonly sid: string },
  why: Pick<Extract<RecordingAction, { type: 'query' }>, 'request' | 'told'> = {},
): Need {
  const { appId, attempt } = task;
  return {
    do: 'call',
    action: { type: 'query', limit: 'recording', class: 'query', appId, attempt, ...handle, ...why },
  };
}

const stopDueAt = (task: RecordingTask): Instant => {
  if (task.failures === undefined) return 0;
  return retryAt(task.failures, task.failures.kind === 'missing' ? MISSING_LADDER : STOP_LADDER);
};

function lostLookAt(situation: Situation, task: RecordingTask): Instant {
  const { observation } = situation;
  const since = Math.max(observation.knownSince, instant(task.lostAt) ?? 0);
  const regular = Math.max(since, lookOf(observation, task.attempt)?.sentAt ?? 0) + LOST_LOOK_MS;
  return Math.min(regular, toldLookAt(situation, task) ?? regular);
}

import { timestamp } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import { ended, type ToldReason } from './ended.ts';
import { limitTypeOf, notCapable } from './not-capable.ts';
import type { Told, ToldEnd } from './notices.ts';
import { normal, warning, without } from './outcome.ts';
import { CAPABILITY_LIMIT, reasonOf, sourceOf } from './stop-code.ts';
import type { RecordingTask } from './types.ts';
import type { Weighed, Weighing } from './weighing.ts';

/**
 * §5.1: Agora says that it ended, so that it is gone without waiting for silence. One that we were stopping, or had given
 * up, is forgotten; for any other the restart policy says what follows (WR-11).
 */
export function toldEnd(seen: Weighing, task: RecordingTask, told: Told & { readonly end: ToldEnd }): Weighed {
  const { status, now } = seen;
  const { end, sid } = told;
  const reason = reasonOf(end);
  const what = `attempt ${task.attempt} (sid ${sid})`;
  switch (task.phase) {
    case 'Stopping': {
      const gone = afterEnd(without(status, task), task, now);
      const lastRecording = { sid, files: [], endedAt: timestamp(Math.min(end.at, now)) };
      const note = `${what} was stopped: ${task.reason ?? 'not wanted'}; Agora told its end (${sourceOf(end)})`;
      return { status: { ...gone, lastRecording }, events: [normal('TaskStopped', note)] };
    }
    case 'Unknown':
    case 'Lost':
      return {
        status: without(status, task),
        events: [normal('TaskEnded', `${what}, which had been given up, ended (${sourceOf(end)})`)],
      };
    case 'Acquired':
    case 'Starting':
    case 'Confirming':
    case 'Running': {
      const next = ended(seen, task, 'known', reasonWith(reason, told));
      const planned = reason.planned === true && next.completedGeneration !== undefined;
      const note = `${what} ended: ${reason.reason} (${sourceOf(end)})`;
      const events = [planned ? normal('TaskEnded', note) : warning('TaskEnded', note)];
      return end.code === CAPABILITY_LIMIT
        ? notCapable({ ...seen, status: next }, task, { told, events })
        : { status: next, events };
    }
  }
}

/** Event 72 says what of. */
function reasonWith(reason: ToldReason & { readonly reason: string }, { end, limitType }: Told): ToldReason {
  const of = end?.code === CAPABILITY_LIMIT && limitType !== undefined ? ` (${limitTypeOf(limitType)})` : '';
  return { ...reason, reason: `${reason.reason}${of}` };
}

import { type Instant, instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { countFailure, intentExpiresAt, LOST_KEPT_MS, tasksOf } from '../task.ts';
import { ended } from './ended.ts';
import { replace, without } from './outcome.ts';
import type { Situation } from './situation.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** What time alone has made of the entries: pure bookkeeping, done again at every pass. */
export function tidy(
  status: RecordingStatus,
  situation: Pick<Situation, 'resource' | 'context' | 'now'>,
): RecordingStatus {
  return tasksOf<RecordingTask>(status).reduce((next, task) => tidyTask(next, task, situation), status);
}

function tidyTask(
  status: RecordingStatus,
  task: RecordingTask,
  { resource, context, now }: Pick<Situation, 'resource' | 'context' | 'now'>,
): RecordingStatus {
  const overAt = overAtOf(task, context, now);
  if (overAt <= now) {
    const ran = task.phase === 'Confirming' || task.phase === 'Running';
    return ran ? ended({ status, resource, context, now }, task, 'known') : without(status, task);
  }
  if (task.intent !== undefined && now >= intentExpiresAt(task.intent)) return replace(status, abandonIntent(task));
  return status;
}

/**
 * When time alone ends an entry: ten minutes after it was lost, or §5.1, time: by the wall clock and by the monotonic
 * one, so that a step of the clock frees nothing.
 */
export function overAtOf(task: RecordingTask, context: Context, now: Instant): Instant {
  if (task.phase === 'Lost') return (instant(task.lostAt) ?? 0) + LOST_KEPT_MS;
  const endsAt = instant(task.endsAt);
  if (endsAt === undefined || task.phase === 'Acquired') return Number.POSITIVE_INFINITY;
  const behind = Math.max(0, now - context.process.steadyNow);
  return endsAt + behind;
}

/** An intent that nobody will answer any more: the call may have been sent, its answer is lost (design §5.8). */
function abandonIntent(task: RecordingTask): RecordingTask {
  const { intent, ...rest } = task;
  if (intent === undefined) return task;
  const at = instant(intent.at);
  // Our own end is no failure of Agora's: it uses up no rung, so that the same handle is asked as long as it lasts (§5.2).
  if (intent.call === 'start')
    return {
      ...rest,
      phase: 'Starting',
      mayHaveEffect: true,
      failures: countFailure(task.failures, 'lost', at, 'network'),
    };
  if (intent.call === 'stop') return { ...rest, failures: countFailure(task.failures, 'lost', at, 'counted') };
  return rest;
}

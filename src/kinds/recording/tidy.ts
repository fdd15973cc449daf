import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { countFailure, intentExpiresAt, LOST_KEPT_MS, tasksOf } from '../task.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** What time alone has made of the entries: pure bookkeeping, done again at every pass. */
export function tidy(status: RecordingStatus, context: Context, now: Instant): RecordingStatus {
  const tasks = tasksOf<RecordingTask>(status);
  if (tasks.length === 0) return status;
  const next = tasks.flatMap((task) => tidyTask(task, context, now));
  return next.length === tasks.length && next.every((task, index) => task === tasks[index])
    ? status
    : { ...status, tasks: next };
}

function tidyTask(task: RecordingTask, context: Context, now: Instant): readonly RecordingTask[] {
  if (task.phase === 'Lost' && now >= instant(task.lostAt ?? timestamp(0)) + LOST_KEPT_MS) return [];
  if (isOverByTime(task, context, now)) return [];
  if (task.intent !== undefined && now >= intentExpiresAt(task.intent)) return [abandonIntent(task)];
  return [task];
}

/** §5.1, time: by the wall clock and by the monotonic one, so that a step of the clock frees nothing. */
function isOverByTime(task: RecordingTask, context: Context, now: Instant): boolean {
  if (task.endsAt === undefined || !['Starting', 'Unknown', 'Stopping'].includes(task.phase)) return false;
  const endsAt = instant(task.endsAt);
  return now >= endsAt && context.process.steadyNow >= endsAt;
}

/** An intent that nobody will answer any more: the call may have been sent, its answer is lost (design §5.8). */
function abandonIntent(task: RecordingTask): RecordingTask {
  const { intent, ...rest } = task;
  if (intent === undefined) return task;
  const at = instant(intent.at);
  if (intent.call === 'start')
    return {
      ...rest,
      phase: 'Starting',
      mayHaveEffect: true,
      failures: countFailure(task.failures, 'lost', at, 'counted'),
    };
  if (intent.call === 'stop') return { ...rest, failures: countFailure(task.failures, 'lost', at, 'counted') };
  return rest;
}

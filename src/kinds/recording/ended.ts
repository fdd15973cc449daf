import { hours, type Instant, instant, timestamp } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import type { Context } from '../context.ts';
import { changes, hashes, wishedValues } from './changes.ts';
import { resolveInputs } from './inputs.ts';
import { type Outcome, replace, without } from './outcome.ts';
import type { RecordingResource } from './situation.ts';
import { MIGRATION_LOOKS, MIGRATION_MS, PLANNED_END_TOLERANCE_MS } from './timing.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** What Agora told of the end. */
export interface ToldReason {
  /** In words. */
  readonly reason?: string;
  /** Absent: the time tells. */
  readonly planned?: boolean;
}

/**
 * The task is gone though nobody stopped it. `OnFailure` takes a planned end for the completion of its generation,
 * `Never` every end; `Always` re-creates (WR-11, design §5.7).
 */
export function ended(
  outcome: Pick<Outcome, 'status' | 'resource' | 'context' | 'now'>,
  task: RecordingTask,
  how: 'known' | 'silence',
  told: ToldReason = {},
): RecordingStatus {
  const { status, resource, context, now } = outcome;
  const gone = how === 'known' ? without(status, task) : replace(status, lost(task, now));
  const next = afterEnd(gone, task, now);
  const lastReason = told.reason ?? (how === 'known' ? 'the task ended' : 'the task was lost');
  const restarts = next.restarts === undefined ? {} : { restarts: { ...next.restarts, lastReason } };
  const planned = told.planned ?? isPlanned(task, resource.spec.maxRecordingHour, endedBy(task, now));
  // One that never ran has not ended: it did not start.
  const ran = task.runningSince !== undefined || told.planned === true;
  const completed = ran ? completion(resource.spec.restartPolicy, planned) : undefined;
  if (completed === undefined) return { ...next, ...restarts };
  return {
    ...next,
    ...restarts,
    completedGeneration: generationOf(resource, task, context),
    completedReason: completed,
  };
}

/** What silence concludes happened before the first look that missed it. */
const endedBy = (task: RecordingTask, now: Instant): Instant => instant(task.missingSince) ?? now;

/** An edit that the task took in place, or that does not concern it, is served by it; one that re-creates is not. */
export function generationOf(resource: RecordingResource, task: RecordingTask, context: Context): number {
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok) return task.generation;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, resource.spec.desiredState === 'OnHold'));
  const isServed = changes(task, wished).every((change) => change.how === 'update');
  return isServed ? resource.metadata.generation : task.generation;
}

function completion(policy: 'Always' | 'OnFailure' | 'Never', planned: boolean): 'Completed' | 'TaskEnded' | undefined {
  if (policy === 'Always') return undefined;
  if (planned) return 'Completed';
  return policy === 'Never' ? 'TaskEnded' : undefined;
}

const isPlanned = (task: RecordingTask, maxRecordingHour: number, at: Instant): boolean =>
  at >= plannedFrom(task, maxRecordingHour);

/** An end from then on is the planned one; never where it is not known when it was started. */
export const plannedFrom = ({ startedAt }: RecordingTask, maxRecordingHour: number): Instant =>
  startedAt === undefined
    ? Number.POSITIVE_INFINITY
    : instant(startedAt) + hours(maxRecordingHour) - PLANNED_END_TOLERANCE_MS;

export function lost(task: RecordingTask, now: Instant): RecordingTask {
  const { failures: _failures, stoppingSince: _stopping, intent: _intent, ...rest } = task;
  return { ...rest, phase: 'Lost', lostAt: timestamp(now) };
}

/** §5.1, silence: so many looks in a row answered 404, for so long; a failover that was told begins the window anew (B.10). */
export const isSilentEnough = (task: RecordingTask, sentAt: Instant): boolean =>
  (task.missingLooks ?? 0) >= MIGRATION_LOOKS &&
  sentAt >= Math.max(instant(task.missingSince) ?? sentAt, instant(task.failover?.at) ?? 0) + MIGRATION_MS;

import type { Instant } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import type { Context } from '../context.ts';
import { changesTo } from './changes.ts';
import { desiredOf } from './desired.ts';
import type { ConverterResource } from './situation.ts';
import { replaced } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/** MP-21: nobody was in the channel for `idleTimeout`, which is no failure. Also what `restarts.lastReason` says. */
export const IDLE = 'idle timeout';

/**
 * A task that nobody stopped is over, or has failed: what follows is the restart policy's. `Never` leaves every end as it
 * is, `OnFailure` an idle one (MP-21); else the next attempt follows, spaced and bounded (design §5.5).
 */
export function ended(
  outcome: {
    readonly resource: ConverterResource;
    readonly status: ConverterStatus;
    readonly context: Context;
    readonly now: Instant;
  },
  task: ConverterTask,
  after: ConverterTask,
): ConverterStatus {
  const { resource, status, context, now } = outcome;
  const next = afterEnd<ConverterStatus>(replaced(status, task.attempt, after), task, now);
  const { restartPolicy } = resource.spec;
  const idle = after.reason === IDLE;
  if (restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && !idle)) return next;
  return {
    ...next,
    completedGeneration: generationOf(resource, task, context),
    completedReason: idle ? 'IdleEnded' : 'TaskEnded',
  };
}

/** An edit that the task took in place, or that does not concern it, is served by it; one that re-creates is not. */
function generationOf(resource: ConverterResource, task: ConverterTask, context: Context): number {
  const wished = desiredOf(resource, context);
  if (!wished.ok) return task.generation;
  const changes = changesTo(task, resource.spec, wished.desired.applied);
  return changes.every((change) => change.how === 'update') ? resource.metadata.generation : task.generation;
}

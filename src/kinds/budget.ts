import { rung, type Schedule } from '../core/backoff.ts';
import { hours, type Instant, instant, minutes, seconds, timestamp } from '../core/time.ts';
import type { Restarts, TaskBase, TaskStatus } from './task.ts';

/** Between re-creations of one member (design §5.5). */
export const RECREATE_SPACING: Schedule = [10, 20, 40, 80, 160, 300].map(seconds);
/** So long without a break, and the spacing begins anew. */
export const STEADY_MS = minutes(10);
const BUDGET_WINDOW_MS = hours(1);
const LISTED = 60;

/** When the next attempt may begin, and whether the hour's starts are used up (design §5.5). Read from status alone. */
export function nextStart(
  restarts: Restarts | undefined,
  budget: { readonly generation: number; readonly maxStartsPerHour: number },
  now: Instant,
): { readonly at: Instant; readonly exhausted: boolean } {
  if (restarts?.lastAt === undefined) return { at: now, exhausted: false };
  if (restarts.generation !== budget.generation) return { at: now, exhausted: false };
  const recent = restarts.lastStarts.map((text) => instant(text)).filter((at) => at > now - BUDGET_WINDOW_MS);
  const oldest = recent[recent.length - budget.maxStartsPerHour];
  if (oldest !== undefined) return { at: oldest + BUDGET_WINDOW_MS, exhausted: true };
  return { at: instant(restarts.lastAt) + rung(RECREATE_SPACING, restarts.inRow + 1), exhausted: false };
}

/** Counts a new attempt. One caused by an edit counts towards neither spacing nor budget. */
export function countStart(
  old: Restarts | undefined,
  start: { readonly generation: number; readonly cause: 'first' | 'edit' | 'recreate'; readonly reason?: string },
  now: Instant,
): Restarts {
  const sameGeneration = old?.generation === start.generation;
  const kept = (sameGeneration ? old.lastStarts : []).filter((text) => instant(text) > now - BUDGET_WINDOW_MS);
  const recreated = start.cause === 'recreate';
  return {
    count: (old?.count ?? 0) + (start.cause === 'first' ? 0 : 1),
    inRow: recreated && sameGeneration ? old.inRow + 1 : 0,
    generation: start.generation,
    lastStarts: start.cause === 'edit' ? kept : [...kept, timestamp(now)].slice(-LISTED),
    lastAt: timestamp(now),
    ...(start.reason === undefined
      ? old?.lastReason === undefined
        ? {}
        : { lastReason: old.lastReason }
      : { lastReason: start.reason }),
  };
}

/** Takes the latest start back: Agora had no room for it, so it was none. */
export const uncountStart = (restarts: Restarts): Restarts => ({
  ...restarts,
  count: Math.max(0, restarts.count - 1),
  inRow: Math.max(0, restarts.inRow - 1),
  // One that an edit caused is not among them.
  lastStarts: restarts.lastStarts.filter((at) => at !== restarts.lastAt),
});

/** A task that ran steadily before it died lets the spacing begin anew. */
export function afterEnd<Status extends TaskStatus>(status: Status, task: TaskBase, now: Instant): Status {
  const ranSince = instant(task.runningSince);
  if (ranSince === undefined) return status;
  const lastRanAt = timestamp(now);
  if (status.restarts === undefined || now - ranSince < STEADY_MS) return { ...status, lastRanAt };
  return { ...status, lastRanAt, restarts: { ...status.restarts, inRow: 0 } };
}

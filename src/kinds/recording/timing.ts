import type { Schedule } from '../../core/backoff.ts';
import { fraction } from '../../core/hash.ts';
import { hours, type Instant, minutes, seconds } from '../../core/time.ts';

/** A handle lives five minutes (B.2); no start is sent on one that is older than this (design §6). */
export const HANDLE_USABLE_MS = minutes(4) + seconds(30);

/** WR-6: after a 50x (or no answer) the same request after 3, 6 and 9 s: three retries. */
export const START_LADDER: Schedule = [3, 6, 9].map(seconds);
/** WR-6: code 65 is repeated after 3 and 6 s. */
export const JITTER_LADDER: Schedule = [3, 6].map(seconds);
/** WR-6: 433 means acquire anew, at once; one that comes again and again must not spin. */
export const EXPIRED_LADDER: Schedule = [0, 3, 6].map(seconds);
/** WR-6: the wait is that of the kind seen last, the counter is one. */
export const startLadder = (kind: string): Schedule => {
  if (kind === 'jitter') return JITTER_LADDER;
  return kind === 'handle-expired' ? EXPIRED_LADDER : START_LADDER;
};

/** WR-7: the first query comes five seconds after the `sid`, the next ones 5, 10 and 15 s after each answer. */
export const FIRST_QUERY_MS = seconds(5);
export const CONFIRM_LADDER: Schedule = [5, 10, 15].map(seconds);
/** WR-7, WR-10: with `readyTimeout` n the page may be reloaded once, so the last rung repeats until 2n + 35 s after the `sid`. */
export const confirmWindowMs = (readyTimeout: number): number =>
  readyTimeout > 0 ? seconds(2 * readyTimeout + 35) : 0;

/** B.9: a steady recording is asked about every two minutes, each at a phase of its own (design §5.6). */
export const STEADY_QUERY_MS = minutes(2);
/** B.9: a 404 or 5xx to a query is followed by looks after 5, 10, 15 (and for 5xx 30) s. */
export const MISSING_LADDER: Schedule = [5, 10, 15].map(seconds);
export const UNCERTAIN_LADDER: Schedule = [5, 10, 15, 30].map(seconds);
/** B.10: a task that is moved to another server answers 404 for up to 90 s; only silence beyond it means gone (design §5.1). */
export const MIGRATION_MS = seconds(90);
export const MIGRATION_LOOKS = 4;
/** A `Lost` entry is still looked at so often, in case it is seen again. */
export const LOST_LOOK_MS = minutes(1);
/** A task that is stopping, or whose stop was not answered, is looked at or stopped again after these. */
export const STOP_LADDER: Schedule = [5, 10, 15, 30, 60].map(seconds);
/** An acquire that failed has no effect; it is repeated so (A.7, B.8). */
export const ACQUIRE_LADDER: Schedule = [3, 6, 9, 20, 40, 60].map(seconds);

/** An end this close to `maxRecordingHour` is the planned one (design §5.7). */
export const PLANNED_END_TOLERANCE_MS = minutes(2);
/** Past it nothing of the task can live: latest possible start + `maxRecordingHour` + 10 min (design §5.1). */
export const latestEnd = (latestStart: Instant, maxRecordingHour: number): Instant =>
  latestStart + hours(maxRecordingHour) + minutes(10);

/** The first instant after `from` at this resource's phase of the two-minute step. */
export function nextSteadyQuery(uid: string, from: Instant): Instant {
  const phase = Math.floor(fraction(uid, 'query') * STEADY_QUERY_MS);
  const step = Math.floor((from - phase) / STEADY_QUERY_MS) + 1;
  return step * STEADY_QUERY_MS + phase;
}

/** Who waits for a slot asks again at least so often (design §5, step 7). */
export const ASK_AGAIN_MS = minutes(1);

import type { Schedule } from '../../core/backoff.ts';
import { minutes, seconds } from '../../core/time.ts';

/** Design §5.6: a sweep every 30 s while there are converters, every 5 s while a create is unresolved. */
export const SWEEP_MS = seconds(30);
export const SWEEP_UNRESOLVED_MS = seconds(5);
/** List has no documented limit; that of a sibling product is 15 a minute (A.7). */
export const LISTS_PER_MINUTE = 15;
/** MP-22's waits for a list that failed. */
export const SWEEP_RETRY: Schedule = [5, 10, 15, 30, 60].map(seconds);
/** Where List is refused it is asked again this seldom. */
export const REFUSED_RETRY_MS = minutes(10);
/** How long an id that is no longer listed is remembered. */
export const SEEN_KEPT_MS = minutes(10);
/** §5.1: a converter is gone when every complete sweep begun for so long lacks it. */
export const ABSENT_MS = seconds(120);
/** So long every call of a service must have failed before the project says that the API cannot be reached. */
export const UNREACHABLE_MS = seconds(30);
/** One probe while the credentials or the entitlement are refused (design §5.3). */
export const PROBE_MS = minutes(5);
/** What a status can hold of tasks that were left behind. */
export const MOST_LEFT = 256;
/** A failure with no call after it tells nothing of the API any more after this. */
export const FAILURE_COUNTS_MS = minutes(10);

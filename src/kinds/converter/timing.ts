import { NETWORK_RETRY } from '../../agora/schedules.ts';
import { rung, type Schedule, spreadRung } from '../../core/backoff.ts';
import { fraction } from '../../core/hash.ts';
import { hours, type Instant, instant, minutes, seconds } from '../../core/time.ts';
import type { Failures } from '../task.ts';
import type { ConverterTask } from './types.ts';

/** MP-22: looks (and repeats) come 5–6, 10–11 and 15–16 s after a bad answer; the jitter lies inside those bounds. */
export const LOOK_LADDER: Schedule = [5, 10, 15].map(seconds);
export const LOOK_SPREAD_MS = seconds(1);
/** MP-22: the first bad answer and three looks that are bad as well (about 32 s): the converter has failed. */
export const STRIKES = 4;
/** MP-6: Agora moves a task to another server within this time; 404 may be seen meanwhile (C.9). */
export const MIGRATION_MS = seconds(120);
/** Design §5.1: silence is at least so many looks, over at least `MIGRATION_MS`. */
export const SILENT_LOOKS = 4;

/** MP-26: a create that failed without effect is repeated so; the first three waits are MP-22's, then as §5.5 spaces. */
const CREATE_LADDER: Schedule = [5, 10, 15, 20, 40, 80, 160, 300].map(seconds);
/** More wait for each further create whose outcome had to be looked up. */
const LOST_AGAIN: Schedule = [0, 10, 20, 40, 80, 160, 300].map(seconds);
/** Design §5.4: a row is not ours if it is older than our intent less this (clocks differ, `createTs` counts seconds). */
export const CREATED_BEFORE_MS = seconds(60);
/** Design §5.4: so long a name that our deleted converter still holds is waited for. */
export const NAME_WAIT_MS = seconds(120);
/** A name that is taken by what no sweep shows is tried again after this. */
export const HIDDEN_NAME_RETRY_MS = minutes(5);

/** From the create's answer to the first Get, then from Get to Get, until it runs. */
const CONFIRM_LADDER: Schedule = [2, 3, 5, 10, 15, 30].map(seconds);
/** A delete that failed, and looks at what was deleted, are repeated so. */
const STOP_LADDER: Schedule = [5, 10, 15, 30].map(seconds);
/** An `Unknown` one is deleted again so often. */
const UNKNOWN_LADDER: Schedule = [seconds(60)];
/** Design §6: two updates of one converter a second are allowed, and `updateTs` counts seconds. */
export const UPDATE_SPACING_MS = 1_100;

/** Design §5.6: where List is refused, or no complete sweep has come for four of its intervals, Gets so often. */
export const FALLBACK_LOOK_MS = seconds(60);
export const SWEEP_STALE_MS = minutes(2);
/** Design §5.6: the slow drift audit. */
export const AUDIT_MS = hours(1);
/** A state that neither Get nor List names is taken for running when the task has lived so long. */
export const UNNAMED_STATE_MS = seconds(60);
/** A converter whose delete was answered by 2xx may be listed for so long without being stopped again. */
export const LIST_LAG_MS = seconds(30);
/** What a check of the CDN's address told holds so long (MP-22). */
export const CDN_CHECK_MS = seconds(60);
/** So long a port that does not answer us delays a re-creation: as long as the rarest of them are apart (design §5.5). */
export const CDN_HOLD_MS = seconds(300);

type Timed = Pick<ConverterTask, 'attempt' | 'failures'>;

/** MP-22: when the next look is due after a bad answer. */
export const strikeDueAt = (uid: string, task: Timed): Instant =>
  task.failures === undefined
    ? 0
    : instant(task.failures.lastAt) + spreadRung(LOOK_LADDER, task.failures.count, LOOK_SPREAD_MS, uid, task.attempt);

/** MP-26: when a create that failed without effect is repeated. Network failures have a schedule of their own (§5.3). */
export function createDueAt(uid: string, task: Timed): Instant {
  const { failures } = task;
  if (failures === undefined) return 0;
  if (failures.network !== undefined) return instant(failures.lastAt) + rung(NETWORK_RETRY, failures.network);
  return instant(failures.lastAt) + spreadRung(CREATE_LADDER, failures.count, LOOK_SPREAD_MS, uid, task.attempt);
}

/**
 * MP-22, MP-26: a create that may have had an effect is looked for by name for all three waits; a complete sweep that
 * began after them and does not show it permits the next create.
 */
export function lookedForUntil(uid: string, task: Timed): Instant {
  const { failures } = task;
  if (failures === undefined) return 0;
  const waits = LOOK_LADDER.map((_, index) => spreadRung(LOOK_LADDER, index + 1, LOOK_SPREAD_MS, uid, task.attempt));
  const total = waits.reduce((sum, wait) => sum + wait, 0);
  return instant(failures.lastAt) + total + rung(LOST_AGAIN, failures.count);
}

/** When a delete that failed, or a look at what was deleted, is due again. */
export function stopDueAt(uid: string, task: Pick<ConverterTask, 'attempt' | 'failures' | 'phase'>): Instant {
  const { failures } = task;
  if (failures === undefined) return 0;
  if (failures.network !== undefined) return instant(failures.lastAt) + rung(NETWORK_RETRY, failures.network);
  const ladder = task.phase === 'Unknown' ? UNKNOWN_LADDER : STOP_LADDER;
  return instant(failures.lastAt) + spreadRung(ladder, failures.count, LOOK_SPREAD_MS, uid, task.attempt);
}

/** The Get after `answers` of them that did not yet say `running`. */
export const confirmDueAt = (from: Instant, answers: number): Instant => from + rung(CONFIRM_LADDER, answers + 1);

/** The first instant after `from` at this resource's phase of a step, so that many resources do not ask at once. */
export function nextPhase(uid: string, what: string, stepMs: number, from: Instant): Instant {
  const phase = Math.floor(fraction(uid, what) * stepMs);
  return (Math.floor((from - phase) / stepMs) + 1) * stepMs + phase;
}

/** Looks that told nothing: MP-22's waits, then once a minute, so that an outage of the API costs little. */
const DOUBT_LADDER: Schedule = [5, 10, 15, 60].map(seconds);

export function doubtDueAt(uid: string, task: Pick<ConverterTask, 'attempt'>, doubts: Failures): Instant {
  if (doubts.network !== undefined) return instant(doubts.lastAt) + rung(NETWORK_RETRY, doubts.network);
  return instant(doubts.lastAt) + spreadRung(DOUBT_LADDER, doubts.count, LOOK_SPREAD_MS, uid, task.attempt);
}

import { fraction } from './hash.ts';

/** Waits in ms, one a rung; the last rung repeats. */
export type Schedule = readonly number[];

/** The wait after `failures` failures (at least 1). */
export function rung(schedule: Schedule, failures: number): number {
  return schedule[Math.min(Math.max(failures, 1), schedule.length) - 1] ?? 0;
}

/** `rung` plus up to `spreadMs`, spread between resources and the same in every run (design §3). */
export function spreadRung(
  schedule: Schedule,
  failures: number,
  spreadMs: number,
  ...seed: readonly (string | number)[]
): number {
  return rung(schedule, failures) + Math.floor(fraction(...seed, failures) * spreadMs);
}

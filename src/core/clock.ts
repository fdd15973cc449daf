import type { Instant } from './time.ts';

/** The only way by which the shell learns the time or waits. Real, scaled and fake ones are in `engine/clock`. */
export interface Clock {
  /** Wall clock: comparable with timestamps in statuses and declarations. */
  now(): Instant;
  /** Milliseconds on a clock that never steps; only differences mean anything. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with `signal.reason` when aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Begins a deadline `ms` from now. Whoever begins it ends it: `within` does. */
  deadline(ms: number, signal: AbortSignal): Deadline;
  /** Real milliseconds a scaled clock needs for `ms` of its own time (itself on a real clock). */
  real(ms: number): number;
}

export interface Deadline {
  /** Aborts when the time is up (reason: a `TimeoutError` DOMException), or with the reason of the signal that was given. */
  readonly signal: AbortSignal;
  /** Frees the timer: the work is done. From then on the signal never aborts. */
  end(): void;
}

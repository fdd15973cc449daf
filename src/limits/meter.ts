export interface MeterRate {
  readonly cap: number;
  /** Real milliseconds; `cap` tokens at most begin in any window of this length. */
  readonly windowMs: number;
}

/** Hands out tokens, at most so many in any window, and knows no calls. */
export interface Meter {
  /** True while a token is asked for and not given. */
  readonly pending: boolean;
  /** Asks for one token; `token` runs, perhaps at once, when it is due. At most one is pending. */
  request(token: () => void): void;
  /** Takes the pending request back; no token is spent. */
  withdraw(): void;
  /** Another rate from now on, after a silent window. */
  change(rate: MeterRate): void;
  /** Gives nothing for `ms` real milliseconds from now. */
  silence(ms: number): void;
}

/**
 * WR-2, MP-1. The instants of the last tokens bound any window, not only those that begin at a tick, on the monotonic clock: the
 * wall clock may be set. Timers live in real time, so this file reads the real clock.  (ADR 0038)
 */
export function createMeter(initial: MeterRate): Meter {
  let rate = initial;
  /** Of the tokens that are younger than a window, the oldest first. */
  const given: number[] = [];
  let silentUntil = Number.NEGATIVE_INFINITY;
  let waiting: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function handOver(): void {
    clearTimeout(timer);
    if (waiting === undefined) return;
    const now = performance.now();
    const leftMs = Math.max(silentUntil - now, crowdedForMs(now));
    if (leftMs > 0) {
      // A timer may be early by less than its tick: what is not due yet is waited for once more.
      timer = setTimeout(handOver, Math.ceil(leftMs));
      return;
    }
    given.push(now);
    const give = waiting;
    waiting = undefined;
    give();
  }

  /** Until the oldest of the last `cap` tokens leaves the window. */
  function crowdedForMs(now: number): number {
    while ((given[0] ?? now) <= now - rate.windowMs) given.shift();
    return given.length < rate.cap ? 0 : (given[given.length - rate.cap] ?? now) + rate.windowMs - now;
  }

  function silentUntilAtLeast(until: number): void {
    silentUntil = Math.max(silentUntil, until);
    handOver();
  }

  return {
    get pending() {
      return waiting !== undefined;
    },
    request(next) {
      if (waiting !== undefined) throw new Error('a token is asked for already');
      waiting = next;
      handOver();
    },
    withdraw() {
      waiting = undefined;
      clearTimeout(timer);
    },
    change(next) {
      const until = (given.at(-1) ?? Number.NEGATIVE_INFINITY) + rate.windowMs;
      rate = next;
      // What was let through at the old rate must have left its window.
      silentUntilAtLeast(until);
    },
    silence: (ms) => silentUntilAtLeast(performance.now() + ms),
  };
}

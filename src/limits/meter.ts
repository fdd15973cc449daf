import PQueue from 'p-queue';

/** Between wall and monotonic clock, from one hand-over to the next: more is a step, less is drift. */
const CLOCK_STEP_MS = 50;

export interface MeterRate {
  readonly cap: number;
  /** Real milliseconds; `cap` tokens at most begin in any window of this length. */
  readonly windowMs: number;
}

/** One strict p-queue at a time, which only meters: it hands out tokens and knows no calls. */
export interface Meter {
  /** True while a token is asked for and not given. */
  readonly pending: boolean;
  /** Asks for one token; `token` runs, perhaps at once, when it is due. At most one is pending. */
  request(token: () => void): void;
  /** Takes the pending request back; no token is spent. */
  withdraw(): void;
  /** Another rate from now on: a new p-queue, after a silent window. */
  change(rate: MeterRate): void;
  /** Gives nothing for `ms` real milliseconds from now. */
  silence(ms: number): void;
}

/**
 * p-queue's strict mode bounds any window, not only those that begin at a tick, but it reads the wall clock: set back,
 * it stands still for as long; set ahead, it allows a second burst at once. So the wall clock is compared with the
 * monotonic one at every hand-over and every token, and after a step, as after a change of rate, a new p-queue begins
 * once a window has passed since the last token. p-queue lives in real time, so this file reads the real clocks.
 */
export function createMeter(initial: MeterRate): Meter {
  let rate = initial;
  let queue: PQueue | undefined;
  let silentUntil = Number.NEGATIVE_INFINITY;
  let lastTokenAt = Number.NEGATIVE_INFINITY;
  let clockGap = wallAhead();
  let waiting: (() => void) | undefined;
  /** A hand-over is on its way to a token; `timer` watches it. */
  let onItsWay = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function handOver(): void {
    stop();
    if (waiting === undefined) return;
    if (clockStepped()) renew();
    const silentMs = silentUntil - performance.now();
    if (silentMs > 0) {
      timer = setTimeout(handOver, Math.ceil(silentMs));
      return;
    }
    queue ??= new PQueue({ intervalCap: rate.cap, interval: rate.windowMs, strict: true });
    onItsWay = true;
    queue.add(token).catch(ignoreWithdrawal);
    // The token may have come at once, and with it the next request, which began a timer of its own.
    if (!onItsWay) return;
    clearTimeout(timer);
    timer = setTimeout(overdue, rate.windowMs + CLOCK_STEP_MS);
  }

  /** No request waits longer than a window, unless the wall clock was set back meanwhile. */
  function overdue(): void {
    renew();
    handOver();
  }

  function stop(): void {
    clearTimeout(timer);
    // At most one is on its way, so that it needs no signal of its own.
    if (onItsWay) queue?.clear();
    onItsWay = false;
  }

  function token(): void {
    clearTimeout(timer);
    onItsWay = false;
    if (waiting === undefined) return;
    if (clockStepped()) {
      renew();
      // Not inside p-queue's own loop.
      queueMicrotask(handOver);
      return;
    }
    lastTokenAt = performance.now();
    const give = waiting;
    waiting = undefined;
    give();
  }

  function renew(): void {
    stop();
    queue = undefined;
    clockGap = wallAhead();
    silentUntil = Math.max(silentUntil, lastTokenAt + rate.windowMs);
  }

  function clockStepped(): boolean {
    const gap = wallAhead();
    const stepped = Math.abs(gap - clockGap) > CLOCK_STEP_MS;
    clockGap = gap;
    return stepped;
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
      stop();
    },
    change(next) {
      // What the old queue let through must have left its window.
      renew();
      rate = next;
      handOver();
    },
    silence(ms) {
      silentUntil = Math.max(silentUntil, performance.now() + ms);
      renew();
      handOver();
    },
  };
}

/** How far the wall clock is ahead of the monotonic one. */
function wallAhead(): number {
  return Date.now() - performance.now();
}

/** A request that is withdrawn rejects its promise, and nothing else does: tokens do not throw. */
function ignoreWithdrawal(): void {}

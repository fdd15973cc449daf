import { Aborts } from '../core/aborts.ts';
import { AgingList, type Place } from '../core/aging.ts';
import type { Clock } from '../core/clock.ts';
import type { Key } from '../core/resource.ts';
import { Arrivals } from './arrivals.ts';
import { Cap } from './cap.ts';
import { createMeter } from './meter.ts';
import { CALL_CLASSES, type CallClass, type RateLimit } from './slot.ts';
import type { Rate } from './tables.ts';

/** A waiting call rises one class each time it has waited this long. */
const RISE_AFTER_MS = 10_000;

/**
 * Waiting alone never passes a stop or a start. WR-2 lets stops go first, and a handle is used as soon as it is there: a
 * long list of acquires that rose to a start's class would come before the starts of those already acquired. Each task is
 * stopped once and each acquire starts once, so they starve nobody.
 */
const BEST_BY_AGE = CALL_CLASSES.indexOf('create');

/** The network compresses what was spaced, so a window is longer than the limit's by 50 ms, and by 10 ms of real time at least. */
const MARGIN_MS = 50;
const LEAST_REAL_MARGIN_MS = 10;

/** One call that waits for its turn. */
export interface LaneCall<Value> {
  readonly appId: string;
  readonly limit: RateLimit;
  readonly class: CallClass;
  /** Whose call it is, for `cancel`. */
  readonly key: Key;
  /** Asked synchronously when its turn comes; false: nothing is sent and the turn is the next one's. */
  readonly check: () => boolean;
  /** Called in the same tick as `check`. Its answer is not waited for: only beginnings are metered. */
  readonly send: () => Promise<Value>;
  readonly signal: AbortSignal;
}

/** `sent: false`: nothing left this process, since the check failed, or it was cancelled, aborted or closed before its turn. */
export type LaneResult<Value> = { readonly sent: true; readonly value: Value } | { readonly sent: false };

export interface LaneStats {
  readonly waiting: number;
  readonly sentInLastSecond: number;
  /** Calls a window now; below `fullCap` after a 429. */
  readonly cap: number;
  readonly fullCap: number;
}

export interface Lane {
  run<Value>(call: LaneCall<Value>): Promise<LaneResult<Value>>;
  throttled(): void;
  cancel(key: Key): void;
  /** Silent for a second from `since`, on the clock's monotonic time. */
  quiet(since: number): void;
  stats(): LaneStats;
  close(): void;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly rate: () => Rate;
  readonly capChanged: (cap: number) => void;
}

interface Waiter {
  readonly key: Key;
  readonly rank: number;
  /** Takes the turn: true where it was used. */
  readonly turn: () => boolean;
  readonly giveUp: () => void;
}

/** The waiting list of one limit; the meter behind it knows only tokens, so the best waiter is chosen when one is due. */
export function createLane({ clock, rate, capChanged }: LaneOptions): Lane {
  const waiting = new AgingList<Waiter>({
    ranks: CALL_CLASSES.length,
    riseAfterMs: RISE_AFTER_MS,
    bestByAge: BEST_BY_AGE,
  });
  const places = new Map<Key, Set<Place<Waiter>>>();
  const cap = new Cap(rate(), () => clock.monotonic());
  let sentAt: number[] = [];
  let closed = false;
  let feeding = false;
  const arrivals = new Arrivals();
  const aborts = new Aborts();
  /** A token that is kept until what left before has surely arrived. */
  let kept: ReturnType<typeof setTimeout> | undefined;
  const meter = createMeter({ cap: cap.now, windowMs: windowOf(cap.full.perMs) });

  function realNow(): number {
    return clock.real(clock.monotonic());
  }

  function windowOf(perMs: number): number {
    return Math.ceil(clock.real(perMs) + Math.max(clock.real(MARGIN_MS), LEAST_REAL_MARGIN_MS));
  }

  /** Hands at most one request over ahead of time. A loop, since a token may be given at once. */
  function feed(): void {
    if (feeding || closed) return;
    feeding = true;
    try {
      adjust();
      while (!meter.pending && kept === undefined && waiting.size > 0) {
        meter.request(takeTurn);
        adjust();
      }
    } finally {
      feeding = false;
    }
  }

  /** One token, one call: a waiter whose check fails leaves it to the next. */
  function takeTurn(): void {
    kept = undefined;
    const windowMs = clock.real(cap.full.perMs);
    const marginMs = windowOf(cap.full.perMs) - windowMs;
    const crowdedMs = arrivals.crowdedForMs(realNow(), { cap: cap.now, windowMs, marginMs });
    if (crowdedMs > 0 && waiting.size > 0) {
      kept = setTimeout(takeTurn, Math.ceil(crowdedMs));
      return;
    }
    for (let next = waiting.take(clock.monotonic()); next !== undefined; next = waiting.take(clock.monotonic())) {
      if (next.turn()) {
        noteSent();
        break;
      }
    }
    feed();
  }

  /** Takes in a project's edit, and what the cap has grown since the last 429. */
  function adjust(): void {
    const before = cap.now;
    if (cap.adjust(rate())) changed(before);
  }

  function changed(before: number): void {
    if (cap.now !== before) capChanged(cap.now);
    meter.change({ cap: cap.now, windowMs: windowOf(cap.full.perMs) });
  }

  function noteSent(): void {
    sentAt.push(clock.monotonic());
    forgetSent();
  }

  function forgetSent(): void {
    const since = clock.monotonic() - 1_000;
    if ((sentAt[0] ?? since) < since) sentAt = sentAt.filter((at) => at >= since);
  }

  function leave(place: Place<Waiter>): void {
    waiting.delete(place);
    if (waiting.size === 0 && meter.pending) meter.withdraw();
  }

  return {
    run(call) {
      return new Promise((resolve, reject) => {
        if (closed || call.signal.aborted) {
          resolve({ sent: false });
          return;
        }
        const settle = (): void => {
          stay();
          const mine = places.get(call.key);
          mine?.delete(place);
          if (mine?.size === 0) places.delete(call.key);
        };
        const giveUp = (): void => {
          leave(place);
          settle();
          resolve({ sent: false });
        };
        const turn = (): boolean => {
          settle();
          try {
            if (!call.check()) {
              resolve({ sent: false });
              return false;
            }
          } catch (error) {
            reject(error);
            return false;
          }
          const departure = arrivals.left(call.class, realNow());
          const settled = startCall(call.send).finally(() => arrivals.answered(departure, realNow()));
          settled.then((value) => resolve({ sent: true, value }), reject);
          return true;
        };
        const rank = CALL_CLASSES.indexOf(call.class);
        const place = waiting.push({ key: call.key, rank, turn, giveUp }, rank, clock.monotonic());
        places.set(call.key, (places.get(call.key) ?? new Set()).add(place));
        const stay = aborts.on(call.signal, giveUp);
        feed();
      });
    },

    throttled() {
      adjust();
      const before = cap.now;
      if (cap.throttled()) changed(before);
    },

    cancel(key) {
      for (const { item } of [...(places.get(key) ?? [])]) if (item.rank > 0) item.giveUp();
    },

    quiet(since) {
      const leftMs = windowOf(1_000) - clock.real(clock.monotonic() - since);
      if (leftMs > 0) meter.silence(leftMs);
    },

    stats() {
      adjust();
      forgetSent();
      return { waiting: waiting.size, sentInLastSecond: sentAt.length, cap: cap.now, fullCap: cap.full.cap };
    },

    close() {
      closed = true;
      clearTimeout(kept);
      meter.withdraw();
      for (const { item } of [...waiting]) item.giveUp();
    },
  };
}

/** A `send` that throws before it returns its promise is a rejected one. */
async function startCall<Value>(send: () => Promise<Value>): Promise<Value> {
  return send();
}

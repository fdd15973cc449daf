import { AgingList, type Place } from '../core/aging.ts';
import type { Clock } from '../core/clock.ts';
import { DelayedKeys } from './delayed-keys.ts';

/**
 * Which key is worked on first. `critical`: deletions and whatever must stop. `high`: edits and notices. `normal`:
 * results, wakes, timers of what is not steady. `low`: timers of what is steady. `idle`: the first list and resyncs,
 * so that after a restart hundreds of healthy resources do not delay one stop.
 */
export const WORK_PRIORITIES = ['critical', 'high', 'normal', 'low', 'idle'] as const;
export type WorkPriority = (typeof WORK_PRIORITIES)[number];

/** A waiting key rises one class each time it has waited this long. */
const RISE_AFTER_MS = 5_000;

/**
 * For so many real milliseconds handlers follow each other; then sockets and timers get their turn. Handlers that wait for
 * nothing but each other's microtasks would otherwise keep what the first of them sent from leaving.
 */
const TURN_MS = 5;

export interface Work {
  /**
   * Gives the worker back while the key stays this handler's alone until its promise settles: for a pass that waits
   * in a lane. What follows costs no worker either, so it should be short.
   */
  park(): void;
}

/** A rejection is a programmer error: it goes to `failed`, and the key is free again. */
export type Handler<Key> = (key: Key, work: Work) => Promise<void>;

export interface WorkQueueOptions<Key> {
  readonly clock: Clock;
  /** What to do with a handler that rejected; it may `addAfter` the key. */
  readonly failed: (key: Key, error: unknown) => void;
}

export interface WorkQueueStats {
  /** Keys that wait for a worker. */
  readonly depth: Readonly<Record<WorkPriority, number>>;
  /** Accepted adds since the start; an add of a key that waits already is none. */
  readonly adds: number;
  /** Keys that wait for their instant. */
  readonly delayed: number;
  /** Handlers that hold a worker. */
  readonly running: number;
  readonly parked: number;
  /** How long the key that waits longest has waited for a worker. */
  readonly longestWaitMs: number;
  /** How long the handler that runs longest (parked ones too) has run. */
  readonly longestRunMs: number;
}

interface Busy {
  readonly since: number;
  parked: boolean;
  /** The best class asked for meanwhile; the key is queued again when its handler ends. */
  again: number | undefined;
}

/**
 * A queue of keys, not of events, as client-go has it: a key waits at most once, is never in two handlers, and one
 * that is added while its handler runs is queued again afterwards. Nothing is lost and nothing piles up.
 */
export class WorkQueue<Key> {
  readonly #clock: Clock;
  readonly #failed: (key: Key, error: unknown) => void;
  readonly #waiting = new AgingList<Key>({
    ranks: WORK_PRIORITIES.length,
    riseAfterMs: RISE_AFTER_MS,
    bestByAge: 0,
  });
  readonly #places = new Map<Key, Place<Key>>();
  readonly #busy = new Map<Key, Busy>();
  readonly #delayed: DelayedKeys<Key>;
  #adds = 0;
  #held = 0;
  #workers = 0;
  #handler: Handler<Key> | undefined;
  #idle: (() => void) | undefined;
  /** Since when handlers have begun without a break; undefined where none waits. */
  #turnBeganAt: number | undefined;
  #isYielding = false;

  constructor({ clock, failed }: WorkQueueOptions<Key>) {
    this.#clock = clock;
    this.#failed = failed;
    this.#delayed = new DelayedKeys(clock, (due) => {
      for (const { key, rank } of due) this.#enqueue(key, rank);
      this.#dispatch();
    });
  }

  /** A key that waits keeps its place, or takes a better class. */
  add(key: Key, priority: WorkPriority = 'normal'): void {
    this.#enqueue(key, WORK_PRIORITIES.indexOf(priority));
    this.#dispatch();
  }

  /** Adds the key `ms` from now; of several instants of one key the earliest holds, and with it its class. */
  addAfter(key: Key, ms: number, priority: WorkPriority = 'normal'): void {
    if (ms <= 0) {
      this.add(key, priority);
      return;
    }
    this.#delayed.add(key, ms, WORK_PRIORITIES.indexOf(priority));
  }

  /**
   * Works with `workers` handlers at a time until `signal` aborts; then starts no more, and resolves when those that
   * run, parked ones too, have ended. What waits still waits.
   */
  async run(workers: number, handler: Handler<Key>, signal: AbortSignal): Promise<void> {
    if (this.#handler !== undefined) throw new Error('the work queue runs already');
    if (signal.aborted) return;
    this.#handler = handler;
    this.#workers = workers;
    this.#delayed.start();
    this.#dispatch();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    this.#handler = undefined;
    this.#delayed.stop();
    if (this.#busy.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  stats(): WorkQueueStats {
    const now = this.#clock.monotonic();
    const depthOf = (priority: WorkPriority): number => this.#waiting.sizeOf(WORK_PRIORITIES.indexOf(priority));
    // Handlers begin in the order of the map, so the first is the longest.
    const [longest] = this.#busy.values();
    return {
      depth: {
        critical: depthOf('critical'),
        high: depthOf('high'),
        normal: depthOf('normal'),
        low: depthOf('low'),
        idle: depthOf('idle'),
      },
      adds: this.#adds,
      delayed: this.#delayed.size,
      running: this.#held,
      parked: this.#busy.size - this.#held,
      longestWaitMs: now - (this.#waiting.oldest() ?? now),
      longestRunMs: now - (longest?.since ?? now),
    };
  }

  #enqueue(key: Key, rank: number): void {
    const now = this.#clock.monotonic();
    const busy = this.#busy.get(key);
    if (busy !== undefined) {
      if (busy.again === undefined) this.#adds += 1;
      busy.again = Math.min(busy.again ?? rank, rank);
      return;
    }
    const place = this.#places.get(key);
    if (place !== undefined) {
      if (rank >= this.#waiting.lifted(place, now)) return;
      this.#waiting.delete(place);
    } else {
      this.#adds += 1;
    }
    this.#places.set(key, this.#waiting.push(key, rank, now));
  }

  #dispatch(): void {
    const handler = this.#handler;
    while (handler !== undefined && this.#held < this.#workers && this.#waiting.size > 0) {
      if (this.#isTurnOver()) return;
      const key = this.#waiting.take(this.#clock.monotonic());
      if (key === undefined) return;
      this.#places.delete(key);
      void this.#work(key, handler);
    }
    if (this.#waiting.size === 0) this.#turnBeganAt = undefined;
  }

  /** Then `#dispatch` goes on by itself when the event loop has been round. */
  #isTurnOver(): boolean {
    const now = this.#clock.monotonic();
    this.#turnBeganAt ??= now;
    if (this.#clock.real(now - this.#turnBeganAt) < TURN_MS) return false;
    if (!this.#isYielding) {
      this.#isYielding = true;
      setImmediate(() => {
        this.#isYielding = false;
        this.#turnBeganAt = undefined;
        this.#dispatch();
      });
    }
    return true;
  }

  /** Never rejects: the handler's error goes to `failed`. */
  async #work(key: Key, handler: Handler<Key>): Promise<void> {
    const busy: Busy = { since: this.#clock.monotonic(), parked: false, again: undefined };
    this.#busy.set(key, busy);
    this.#held += 1;
    // A handler does not begin inside the `add` that caused it.
    await Promise.resolve();
    try {
      await handler(key, { park: () => this.#park(busy) });
    } catch (error) {
      this.#failed(key, error);
    } finally {
      if (!busy.parked) this.#held -= 1;
      // Nothing may give the worker back twice.
      busy.parked = true;
      this.#busy.delete(key);
      // It was counted when it was added.
      if (busy.again !== undefined) this.#requeue(key, busy.again);
      this.#dispatch();
      if (this.#busy.size === 0) this.#idle?.();
    }
  }

  #requeue(key: Key, rank: number): void {
    this.#places.set(key, this.#waiting.push(key, rank, this.#clock.monotonic()));
  }

  #park(busy: Busy): void {
    if (busy.parked) return;
    busy.parked = true;
    this.#held -= 1;
    this.#dispatch();
  }
}

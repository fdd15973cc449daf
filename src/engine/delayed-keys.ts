import type { Clock } from '../core/clock.ts';
import { TimerHeap } from './timerheap.ts';

export interface DueKey<Key> {
  readonly key: Key;
  readonly rank: number;
}

/** Keys that wait for their instant. At most one timer is armed: for the earliest key. None before `start`. */
export class DelayedKeys<Key> {
  readonly #clock: Clock;
  readonly #due: (keys: readonly DueKey<Key>[]) => void;
  readonly #heap = new TimerHeap<Key>();
  readonly #ranks = new Map<Key, number>();
  #armed: { readonly at: number; readonly stop: AbortController } | undefined;
  #isStarted = false;

  constructor(clock: Clock, due: (keys: readonly DueKey<Key>[]) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Of several instants of one key the earliest holds, and with it its rank. */
  add(key: Key, ms: number, rank: number): void {
    if (!this.#heap.set(key, this.#clock.monotonic() + ms)) return;
    this.#ranks.set(key, rank);
    this.#arm();
  }

  start(): void {
    this.#isStarted = true;
    this.#arm();
  }

  /** What waits still waits. */
  stop(): void {
    this.#isStarted = false;
    this.#disarm();
  }

  #arm(): void {
    const next = this.#heap.next();
    if (next === undefined || !this.#isStarted) return;
    if (this.#armed !== undefined && this.#armed.at <= next.at) return;
    this.#disarm();
    const stop = new AbortController();
    this.#armed = { at: next.at, stop };
    this.#clock.sleep(Math.max(0, next.at - this.#clock.monotonic()), stop.signal).then(
      () => this.#wake(),
      // Only an abort rejects a sleep, and it was an earlier key, or the end, that aborted it.
      () => undefined,
    );
  }

  #wake(): void {
    this.#armed = undefined;
    const now = this.#clock.monotonic();
    const due: DueKey<Key>[] = [];
    for (let key = this.#heap.take(now); key !== undefined; key = this.#heap.take(now)) {
      due.push({ key, rank: this.#ranks.get(key) ?? 0 });
      this.#ranks.delete(key);
    }
    this.#arm();
    this.#due(due);
  }

  #disarm(): void {
    this.#armed?.stop.abort();
    this.#armed = undefined;
  }
}

import type { Clock } from '../core/clock.ts';
import type { Instant } from '../core/time.ts';

/** Where nothing is planned it is looked at so often all the same. */
const LONGEST_SLEEP_MS = 3_600_000;

interface Entry {
  readonly at: Instant;
  readonly order: number;
  readonly run: (at: Instant) => void;
}

/**
 * What is due to happen in the cloud, in order. Nothing here waits: `advance` is called before every request and
 * audit and lets all that became due happen at its own instant, so that the cloud behaves alike under a virtual,
 * a scaled and the real clock. Entries of the same instant run in the order in which they were planned. Only where the
 * cloud has somebody to tell does it act without being asked (`run`).
 */
export class Agenda {
  readonly #heap: Entry[] = [];
  #planned = 0;
  #sooner: (() => void) | undefined;

  /** Lets everything happen when it is due, until `signal` aborts. */
  async run(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.advance(clock.now());
      const sooner = new AbortController();
      this.#sooner = () => sooner.abort();
      const until = this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
      await clock
        .sleep(Math.min(until - clock.now(), LONGEST_SLEEP_MS), AbortSignal.any([signal, sooner.signal]))
        .catch(() => undefined);
    }
    this.#sooner = undefined;
  }

  plan(at: Instant, run: (at: Instant) => void): void {
    const entry = { at, order: this.#planned++, run };
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, entry)) break;
      heap[index] = above;
      heap[parent] = entry;
      index = parent;
    }
    if (index === 0) this.#sooner?.();
  }

  advance(now: Instant): void {
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#removeFirst();
      first.run(first.at);
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const smaller = right !== undefined && before(right, left) ? right : left;
      if (before(last, smaller)) break;
      heap[index] = smaller;
      index = smaller === left ? 2 * index + 1 : 2 * index + 2;
    }
    heap[index] = last;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

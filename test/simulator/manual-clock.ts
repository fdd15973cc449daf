import type { Clock, Deadline } from '../../src/core/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when it is told to; sleepers wake in their order, each at its own time. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(now = Date.parse('2026-03-01T00:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  real(ms: number): number {
    return ms;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal.reason);
      });
    });
  }

  deadline(ms: number, signal: AbortSignal): Deadline {
    const controller = new AbortController();
    const done = new AbortController();
    this.sleep(ms, AbortSignal.any([signal, done.signal])).then(
      () => controller.abort(new DOMException('too late', 'TimeoutError')),
      () => {
        if (signal.aborted) controller.abort(signal.reason);
      },
    );
    return { signal: controller.signal, end: () => done.abort() };
  }

  /** Lets `ms` pass, waking whoever is due on the way. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const due = this.#sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== due);
      this.#now = Math.max(this.#now, due.at);
      due.wake();
    }
    this.#now = until;
    await settle();
  }

  /** The time that a promise takes, with all sleepers served until it is done. */
  async run<Value>(work: Promise<Value>): Promise<Value> {
    let done = false;
    const end = (): void => {
      done = true;
    };
    work.then(end, end);
    for (let round = 0; round < 10_000; round++) {
      await settle();
      if (done) return work;
      const next = Math.min(...this.#sleepers.map(({ at }) => at));
      if (!Number.isFinite(next)) throw new Error('nobody sleeps and nothing is done');
      await this.pass(next - this.#now);
    }
    throw new Error('it never ends');
  }
}

/** Everything that can go on without time passing goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

import type { Clock, Deadline } from '../../src/core/clock.ts';

/** Time that passes only when told to. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(now = Date.parse('2026-12-01T09:00:00Z')) {
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
    return new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      if (ms <= 0) {
        setImmediate(resolve);
        return;
      }
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener(
        'abort',
        () => {
          this.#sleepers.delete(sleeper);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** For how long the sleepers would sleep yet. */
  sleeping(): readonly number[] {
    return [...this.#sleepers].map(({ until }) => until - this.#now);
  }

  deadline(ms: number, signal: AbortSignal): Deadline {
    const controller = new AbortController();
    const done = new AbortController();
    this.sleep(ms, AbortSignal.any([signal, done.signal])).then(
      () => controller.abort(new DOMException('deadline', 'TimeoutError')),
      () => {
        if (signal.aborted) controller.abort(signal.reason);
      },
    );
    return { signal: controller.signal, end: () => done.abort() };
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

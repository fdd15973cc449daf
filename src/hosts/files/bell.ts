import type { Clock } from '../../core/clock.ts';

/** Wakes one sleeper; a ring that nobody waits for is kept for the next one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits for a ring, for at most `ms` of the clock; tells whether it rang. Rejects with the signal's reason. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#rung) {
      const asleep = new AbortController();
      const stop = AbortSignal.any([asleep.signal, signal]);
      this.#wake = () => asleep.abort();
      try {
        await clock.sleep(ms, stop);
      } catch {
        // Woken by a ring, or aborted: told apart below.
      } finally {
        this.#wake = undefined;
      }
      signal.throwIfAborted();
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}

/**
 * For signals that thousands wait on: an EventTarget goes through all its listeners to add one or to take one away, and
 * this has a single one for each signal.
 */
export class Aborts {
  readonly #acts = new WeakMap<AbortSignal, Set<() => void>>();

  /** Calls `act` once `signal` aborts, later than now; returns what takes that back. */
  on(signal: AbortSignal, act: () => void): () => void {
    const acts = this.#acts.get(signal) ?? this.#watched(signal);
    acts.add(act);
    return () => void acts.delete(act);
  }

  #watched(signal: AbortSignal): Set<() => void> {
    const acts = new Set<() => void>();
    this.#acts.set(signal, acts);
    signal.addEventListener(
      'abort',
      () => {
        for (const act of acts) {
          acts.delete(act);
          act();
        }
      },
      { once: true },
    );
    return acts;
  }
}

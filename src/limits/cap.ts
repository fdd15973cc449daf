import type { Rate } from './tables.ts';

/** A 429 halves the cap at most this often: those that were on the wire together count as one. */
const HALVE_EVERY_MS = 1_000;

/** Without a 429 the cap grows by one this often; slower where the window is so long that its silence would cost more than a tenth. */
const GROW_EVERY_MS = 10_000;

/** How many calls a window takes: as many as the limit says, fewer after a 429, and slowly more again (design §6). */
export class Cap {
  readonly #monotonic: () => number;
  #full: Rate;
  #cap: number;
  /** When the last 429 came or the cap last grew. */
  #changedAt = Number.NEGATIVE_INFINITY;
  #halvedAt = Number.NEGATIVE_INFINITY;

  constructor(full: Rate, monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#full = full;
    this.#cap = full.cap;
  }

  get now(): number {
    return this.#cap;
  }

  get full(): Rate {
    return this.#full;
  }

  /** Takes in a project's edit, and what the cap has grown since the last 429. True where something has changed. */
  adjust(wanted: Rate): boolean {
    const growEvery = Math.max(GROW_EVERY_MS, 10 * wanted.perMs);
    const isThrottled = this.#cap < this.#full.cap;
    const grown = isThrottled ? Math.max(0, Math.floor((this.#monotonic() - this.#changedAt) / growEvery)) : 0;
    const isEdited = wanted.cap !== this.#full.cap || wanted.perMs !== this.#full.perMs;
    if (grown === 0 && !isEdited) return false;
    this.#full = wanted;
    this.#changedAt += grown * growEvery;
    this.#cap = isThrottled ? Math.min(this.#cap + grown, wanted.cap) : wanted.cap;
    return true;
  }

  /** Agora answered 429. True where the cap has changed. */
  throttled(): boolean {
    const now = this.#monotonic();
    this.#changedAt = now;
    if (now - this.#halvedAt < HALVE_EVERY_MS) return false;
    this.#halvedAt = now;
    const half = Math.max(1, Math.floor(this.#cap / 2));
    if (half === this.#cap) return false;
    this.#cap = half;
    return true;
  }
}

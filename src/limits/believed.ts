import { type Instant, minutes } from '../core/time.ts';
import type { Cell } from './levels.ts';

/** After a refusal for quota the first waiter tries again this much later. */
const PROBE_AFTER_MS = minutes(5);

/** So many probes in a row that succeed, and the table holds again. */
const SUCCESSES_TO_RESTORE = 2;

interface Belief {
  readonly limit: number;
  /** From then on one more than believed is let through; until its outcome is known the room is taken by it. */
  readonly probeAt: Instant;
  readonly successes: number;
}

/** Limits lower than the table's that Agora's refusals for quota taught (`406`, "Resources quota exceeded"). */
export class BelievedLimits {
  readonly #beliefs = new Map<Cell, Belief>();

  /** `held`: what runs without the one that was refused. */
  refused(cell: Cell, held: number, now: Instant): void {
    this.#beliefs.set(cell, { limit: Math.max(0, held), probeAt: now + PROBE_AFTER_MS, successes: 0 });
  }

  /** A start went through while `held`, itself included, were counted. True where that changed what is believed. */
  succeeded(cell: Cell, held: number): boolean {
    const belief = this.#beliefs.get(cell);
    // Below the believed limit a success proves nothing.
    if (belief === undefined || held <= belief.limit) return false;
    const successes = belief.successes + 1;
    if (successes >= SUCCESSES_TO_RESTORE) this.#beliefs.delete(cell);
    else this.#beliefs.set(cell, { ...belief, limit: belief.limit + 1, successes });
    return true;
  }

  /** The limits that hold now, an open probe included. */
  at(now: Instant): ReadonlyMap<Cell, number> {
    return new Map([...this.#beliefs].map(([cell, { limit, probeAt }]) => [cell, now >= probeAt ? limit + 1 : limit]));
  }

  /** Did a probe open after `from`? */
  hasOpened(from: Instant, now: Instant): boolean {
    for (const { probeAt } of this.#beliefs.values()) if (probeAt > from && probeAt <= now) return true;
    return false;
  }
}

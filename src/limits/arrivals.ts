import type { CallClass } from './slot.ts';

/** So much later than expected a call is thought to arrive at most; what takes longer takes it at the other end. */
const MOST_LATE_MS = 250;

/** A call on its way, for `Arrivals`. */
export interface Departure {
  readonly at: number;
  readonly class: CallClass;
  /** What the fastest answer of its class had taken by then; 0 where there was none. */
  readonly expectedMs: number;
  /** How long its answer took; absent until it came. */
  tookMs?: number;
}

/**
 * When calls may have arrived at the other end, which counts arrivals. A burst over connections that are still to be
 * opened arrives late and is caught up by the next one, which finds them open: spacing what leaves is not enough then. How
 * late, its answer tells. All in real milliseconds of a monotonic clock.
 */
export class Arrivals {
  #departures: Departure[] = [];
  readonly #fastest = new Map<CallClass, number>();

  left(callClass: CallClass, now: number): Departure {
    const departure: Departure = { at: now, class: callClass, expectedMs: this.#fastest.get(callClass) ?? 0 };
    this.#departures.push(departure);
    return departure;
  }

  answered(departure: Departure, now: number): void {
    const tookMs = now - departure.at;
    departure.tookMs = tookMs;
    // It rises slowly, since the way to the other end can become longer for good.
    this.#fastest.set(departure.class, Math.min(tookMs, (this.#fastest.get(departure.class) ?? tookMs) + 1));
  }

  /** How long to wait until fewer than `cap` calls may have arrived within `windowMs`; `marginMs` is added to each at least. */
  crowdedForMs(
    now: number,
    rate: { readonly cap: number; readonly windowMs: number; readonly marginMs: number },
  ): number {
    const { cap, windowMs, marginMs } = rate;
    // However late they arrived, and those of earlier windows with them: so few are no crowd.
    if (this.#departures.length < cap) return 0;
    const mostLate = Math.max(marginMs, Math.min(MOST_LATE_MS, windowMs / 4));
    const ends = new Map(
      this.#departures.map((departure) => {
        const late = (departure.tookMs ?? now - departure.at) - departure.expectedMs;
        return [departure, departure.at + Math.min(Math.max(late, marginMs), mostLate) + windowMs];
      }),
    );
    this.#departures = this.#departures.filter((departure) => (ends.get(departure) ?? 0) > now);
    if (this.#departures.length < cap) return 0;
    const later = this.#departures.map((departure) => ends.get(departure) ?? now).sort((a, b) => a - b);
    return Math.max(0, (later[later.length - cap] ?? now) - now);
  }
}

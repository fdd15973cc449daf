import type { Instant } from '../core/time.ts';

/** Agora counts calls in any second, not in calendar ones. */
const WINDOW_MS = 1_000;

/** A true sliding window: no second that ends now or ended earlier holds more accepted calls than the limit. */
export class SlidingWindow {
  readonly #accepted = new Recent();
  readonly #arrived = new Recent();
  #peak = 0;
  #above = 0;

  /** Counts a call; false where the limit refuses it. Refused calls take no room from later ones. */
  take(now: Instant, limit: number, enforce: boolean): boolean {
    const arrived = this.#arrived.add(now);
    if (arrived > this.#peak) this.#peak = arrived;
    if (arrived > limit) this.#above += 1;
    if (enforce && this.#accepted.count(now) >= limit) return false;
    this.#accepted.add(now);
    return true;
  }

  /** Most calls that arrived in one second, refused ones included. */
  get peak(): number {
    return this.#peak;
  }

  /** How often a call arrived as one too many. */
  get above(): number {
    return this.#above;
  }

  /** Calls accepted in the second that ends now. */
  used(now: Instant): number {
    return this.#accepted.count(now);
  }
}

/** The instants of the last second, oldest first. */
class Recent {
  #times: Instant[] = [];
  #first = 0;

  add(now: Instant): number {
    this.#times.push(now);
    return this.count(now);
  }

  count(now: Instant): number {
    while ((this.#times[this.#first] ?? Number.POSITIVE_INFINITY) <= now - WINDOW_MS) this.#first += 1;
    if (this.#first > 256 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }
}

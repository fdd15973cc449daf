import { type Instant, seconds } from '../core/time.ts';

/** How often something may happen: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: Instant;
}

/** Token buckets by key, on a clock that is passed in. At most `most` keys are remembered; the one used longest ago goes first. */
export class RateLimit {
  readonly #rate: Rate;
  readonly #most: number;
  /** In the order of use: the first is the oldest. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, most = 1) {
    this.#rate = rate;
    this.#most = most;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one; undefined where there was one, else in how many milliseconds there is. */
  take(key: string, now: Instant): number | undefined {
    const { perSecond, burst } = this.#rate;
    const before = this.#buckets.get(key);
    // A wall clock that is set back refills nothing, and takes nothing away.
    const passed = before === undefined ? 0 : Math.max(0, now - before.at) / seconds(1);
    const tokens = before === undefined ? burst : Math.min(burst, before.tokens + passed * perSecond);
    this.#buckets.delete(key);
    if (tokens < 1) {
      this.#buckets.set(key, { tokens, at: now });
      return Math.ceil(seconds((1 - tokens) / perSecond));
    }
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= this.#most && oldest !== undefined) this.#buckets.delete(oldest);
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
    return undefined;
  }
}

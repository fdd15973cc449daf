import { seconds } from '../../core/time.ts';
import { ApiError, isExpired } from './api-error.ts';

/** What went wrong with a list or a watch: each sort has waits of its own. */
export type Trouble = 'expired' | 'throttled' | 'refused' | 'unreachable';

export function troubleOf(error: unknown): Trouble {
  if (isExpired(error)) return 'expired';
  if (!(error instanceof ApiError)) return 'unreachable';
  return error.status === 429 ? 'throttled' : 'refused';
}

interface Ladder {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * An API server that is away is asked often: a refused connection costs it nothing, and what is new is to be handled soon
 * after its return. One that answers with errors, or wants everything listed again, is given time.
 */
const LADDERS: Readonly<Record<Trouble, Ladder>> = {
  expired: { firstMs: 800, mostMs: seconds(30) },
  throttled: { firstMs: seconds(1), mostMs: seconds(30) },
  refused: { firstMs: 400, mostMs: seconds(30) },
  unreachable: { firstMs: 200, mostMs: 1_500 },
};

/** Waits between attempts: doubling, the upper half drawn by lot, so that replicas do not ask in step. */
export class Backoff {
  readonly #random: () => number;
  #trouble: Trouble | undefined;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** How long to wait after this failure. A new sort of trouble begins at its own first rung. */
  after(error: unknown): number {
    const trouble = troubleOf(error);
    this.#failures = trouble === this.#trouble ? this.#failures + 1 : 0;
    this.#trouble = trouble;
    const { firstMs, mostMs } = LADDERS[trouble];
    const ms = Math.min(firstMs * 2 ** Math.min(this.#failures, 16), mostMs) * (0.5 + this.#random() / 2);
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(ms, Math.min(asked, seconds(60)));
  }

  reset(): void {
    this.#trouble = undefined;
    this.#failures = 0;
  }
}

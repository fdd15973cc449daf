import type { Instant } from '../../core/time.ts';

/** What a notice says of which converter it is about. */
export interface Identity {
  readonly converterId: string;
  readonly name?: string;
  /** The X-Request-ID of the create that it came of (event 1). */
  readonly createdBy?: string;
  readonly createTs?: number;
}

/**
 * All that notices have told of one converter, in whatever order and however often they came (D.3). It is volatile, and
 * kept until no entry is left that it concerns.
 */
export interface Told extends Identity {
  readonly updateTs?: number;
  readonly receivedAt: Instant;
  /** When it was last said to be alive, by Agora's clock. */
  readonly aliveAt?: Instant;
  /** Since when something calls for a Get: it stays the truth (MP-28). */
  readonly lookAfter?: Instant;
  readonly destroyed?: ToldEnd;
}

export interface ToldEnd {
  /** As Agora names it: Delete Request, Idle Timeout, Internal Error. */
  readonly reason: string;
  readonly at: Instant;
}

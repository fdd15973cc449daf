import type { Instant } from '../../core/time.ts';
import type { Sequences } from './sequences.ts';

/**
 * All that notices have told of one `sid`, in whatever order and however often they came (D.3). It is volatile, and kept
 * until no entry is left that it concerns.
 */
export interface Told {
  readonly sid: string;
  readonly cname: string;
  /** Its uid, and those under which it went on (event 12). */
  readonly uids: readonly string[];
  /** When the latest thing told of it happened, by Agora's clock, and when a notice of it last came, by ours. */
  readonly at: Instant;
  readonly receivedAt: Instant;
  /** Since when something calls for a query: it stays the truth (WR-11). */
  readonly lookAfter?: Instant;
  readonly end?: ToldEnd;
  /** 12: it goes on under another uid. */
  readonly failover?: { readonly newUid: string; readonly at: Instant };
  /** 72: what the page asks too much of. */
  readonly limitType?: string;
  /** 73: why the page was last reloaded. */
  readonly reload?: { readonly reason: string; readonly at: Instant };
  /** By uid: after a failover they may begin anew. */
  readonly sequences: Readonly<Record<string, Sequences>>;
}

export interface ToldEnd {
  readonly at: Instant;
  /** When the first notice of it came, by our clock. */
  readonly receivedAt: Instant;
  /** Of event 71; absent where only the last event of the session (11) has come. */
  readonly code?: number;
}

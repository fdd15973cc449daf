import type { Instant } from '../../core/time.ts';
import type { EndpointCheck } from '../endpoint.ts';
import type { Refusal } from '../kind.ts';
import type { Failures } from '../task.ts';
import type { Asking } from './action.ts';
import type { Told } from './notices.ts';

/** What was last seen of a converter; losing it costs one more look. */
export interface ConverterObservation {
  /** When this process first met the resource. */
  readonly knownSince: Instant;
  /** The latest Gets of each attempt. */
  readonly looks: Readonly<Record<number, Look>>;
  /** When an update was last sent, for their spacing. */
  readonly updatedAt?: Instant;
  /** Updates that failed in a row. */
  readonly update?: Failures;
  /** The ledger's last refusal. */
  readonly refusal?: {
    readonly at: Instant;
    readonly refusal: Refusal;
    readonly asking: Asking;
    /** Of the declaration that it was asked for: another one asks anew. */
    readonly inputs: string;
  };
  /** MP-22: what the latest checks of CDN addresses told, one an address. */
  readonly cdn?: readonly EndpointCheck[];
  /** What Agora told unasked, one for each converter. */
  readonly notices?: readonly Told[];
  /** Of a redundant set: what concerns one member only (ADR 0031). */
  readonly members?: Readonly<Record<string, Pick<ConverterObservation, 'refusal' | 'updatedAt' | 'update'>>>;
}

export interface Look {
  /** When the last Get was sent, and when its answer came. */
  readonly sentAt: Instant;
  readonly answeredAt: Instant;
  /** When the last Get that showed the task alive was sent. */
  readonly goodAt?: Instant;
  /** Answers in a row that did not say `running`. */
  readonly waiting: number;
  /** 5xx and lost answers that nothing vouches for yet: they count against the API (design §5.3). */
  readonly doubts?: Failures;
  /** The `updateTs` of the row at the last Get, where the Get itself shows none. */
  readonly rowUpdateTs?: number;
  /** Keyed hash of the address that Agora shows, which need not be written as it was sent. */
  readonly address?: string;
}

export const unseen = (now: Instant): ConverterObservation => ({ knownSince: now, looks: {} });

import { type Instant, seconds } from '../../core/time.ts';
import type { PageWatch, RecordingTask } from './types.ts';

/** What the page of one attempt has reported to this process. It is forgotten with the process; the page goes on reporting. */
export interface PageSeen {
  readonly attempt: number;
  /** Of the load that reported last. */
  readonly load: string;
  readonly reportedAt: Instant;
  /** Faults of the latest report that tell against the page. */
  readonly faults: readonly string[];
  /** Errors in its scripts were among them: told to people, held against no page that is otherwise as declared. */
  readonly scriptErrors: boolean;
  readonly readyAt?: Instant;
  /** The latest report without a fault, and the first one of its unbroken row. */
  readonly goodAt?: Instant;
  readonly goodSince?: Instant;
  /** The first report of an unbroken row with faults. */
  readonly badSince?: Instant;
  /** When it was first loaded anew since it was last good: however often it loads, it has one time to do so. */
  readonly reloadedAt?: Instant;
}

export const SCRIPT_ERROR = 'script: error';

/** The entry whose page is judged, and all that is known of that page. */
export interface Judged {
  readonly task: RecordingTask;
  readonly watch: PageWatch;
  readonly seen: PageSeen | undefined;
}

const STALE_HEARTBEATS = 4;
/** A page that has not reported for so many heartbeats is silent: one may be lost, and the next one late. */
const SILENT_HEARTBEATS = 2.5;

export const heartbeatMs = (watch: PageWatch): number => seconds(watch.heartbeatSeconds);
export const silentAfterMs = (watch: PageWatch): number => SILENT_HEARTBEATS * heartbeatMs(watch);
export const staleAfterMs = (watch: PageWatch): number =>
  seconds(watch.staleAfterSeconds ?? STALE_HEARTBEATS * watch.heartbeatSeconds);

/** Good, or bad, in at least two heartbeats in a row: a single one changes nothing. */
export const lasts = (since: Instant | undefined, reportedAt: Instant, watch: PageWatch): boolean =>
  since !== undefined && reportedAt - since >= heartbeatMs(watch) / 2;

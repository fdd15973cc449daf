/** How long things take in the cloud, in ms. The documents give orders of magnitude only; these are inside them. */
export interface Timings {
  /** Recording: status 1 until, 2 until, 3 until at least (about 5 s from start to record, reference B.3). */
  readonly initialisedMs: number;
  readonly startingMs: number;
  readonly readyMs: number;
  /** From ready (or resumed) to the first slice, which is status 5. */
  readonly firstSliceMs: number;
  /** From a stop to the last file uploaded; half of it is status 6, then 7, then 8. */
  readonly uploadMs: number;
  /** How long a recording that ended still answers queries. */
  readonly exitShownMs: number;
  /** From an address to `publishing` (recording) or `running` (converter). */
  readonly connectMs: number;
  /** How much later than Get List shows and forgets a converter. */
  readonly listLagMs: number;
  /** One way over the network, drawn evenly between the two for each way. */
  readonly latencyMs: readonly [number, number];
  /** From an event to its first notification, and how long that is waited for (reference D.3). */
  readonly noticeMs: number;
  readonly noticeTimeoutMs: number;
  /** Waits before each repetition of a notification that was not answered 200: at once, then growing; three at most. */
  readonly noticeRetriesMs: readonly number[];
  /** From opening a page to the first report of its watch script. */
  readonly scriptMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  initialisedMs: 1_000,
  startingMs: 3_000,
  readyMs: 5_000,
  firstSliceMs: 10_000,
  uploadMs: 2_000,
  exitShownMs: 5_000,
  connectMs: 3_000,
  listLagMs: 0,
  latencyMs: [10, 30],
  noticeMs: 500,
  noticeTimeoutMs: 10_000,
  noticeRetriesMs: [0, 10_000, 30_000],
  scriptMs: 500,
};

/** A resourceId serves for five minutes (reference B.2). */
export const RESOURCE_TTL_MS = 300_000;

import type { Instant } from '../../core/time.ts';
import type { Refusal } from '../kind.ts';
import type { Failures } from '../task.ts';
import type { Told } from './notices.ts';
import type { PageSeen } from './page-observed.ts';

/** What was last seen of a recording; losing it costs one more look. */
export interface RecordingObservation {
  /** When this process first met the resource: a steady task's first query comes at the next phase after it. */
  readonly knownSince: Instant;
  /** The latest query of each attempt: a lost one and its successor are looked at side by side. */
  readonly looks?: Readonly<Record<number, Look>>;
  /** Acquires that failed in a row; they have no effect, so no status needs to remember them. */
  readonly acquire?: Failures;
  /** Updates that failed in a row. */
  readonly update?: Failures;
  /** When the last update was sent: what a query saw before it proves nothing about it. */
  readonly updatedAt?: Instant;
  /** Since when its slot has been asked for, kept over an acquire that failed. */
  readonly askedSince?: Instant;
  /** What the page of the current attempt reported (WR-8, WR-12). */
  readonly page?: PageSeen;
  readonly refusal?: { readonly at: Instant; readonly refusal: Refusal };
  /** What Agora told unasked, one for each `sid`. */
  readonly notices?: readonly Told[];
}

export interface Look {
  readonly attempt: number;
  readonly sentAt: Instant;
  /** Answers since the `sid` that did not say 4 or 5 (WR-7 counts answers). */
  readonly answers: number;
  readonly answeredAt?: Instant;
  readonly status?: number;
  readonly onhold?: boolean;
  readonly publishStatus?: string;
  /** Looks that told nothing: 5xx, no answer, 429. */
  readonly uncertain?: Failures;
}

export const lookOf = (observation: RecordingObservation, attempt: number): Look | undefined =>
  observation.looks?.[attempt];

/** The observation with one more look; those of attempts that are listed no more are forgotten. */
export function withLook(
  observation: RecordingObservation,
  look: Look,
  tasks: readonly { readonly attempt: number }[],
): RecordingObservation {
  const listed = Object.entries(observation.looks ?? {}).filter(([attempt]) =>
    tasks.some((task) => task.attempt === Number(attempt)),
  );
  return { ...observation, looks: { ...Object.fromEntries(listed), [look.attempt]: look } };
}

export function withoutLook(observation: RecordingObservation, attempt: number): RecordingObservation {
  const { [attempt]: _look, ...looks } = observation.looks ?? {};
  return { ...observation, looks };
}

export const unseen = (now: Instant): RecordingObservation => ({ knownSince: now });

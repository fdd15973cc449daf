import type { ConverterRow } from '../../agora/answer.ts';
import type { Instant } from '../../core/time.ts';
import { NO_SWEEP, type Sweep } from '../context.ts';
import type { Failures } from '../task.ts';

/** What the list sweeps of a project have shown; losing it costs one sweep. */
export interface ProjectObservation {
  readonly knownSince: Instant;
  readonly sweep: Sweep;
  /** The sweep under way: pages read so far. */
  readonly pages?: { readonly begunAt: Instant; readonly rows: readonly ConverterRow[]; readonly cursor: string };
  /** When list was called within the last minute. */
  readonly calls: readonly Instant[];
  readonly failures?: Failures;
  /** What notices told of tasks that were left behind. */
  readonly left?: readonly LeftTold[];
}

/** What was told of a task that was left behind. */
export interface LeftTold {
  readonly uid: string;
  readonly attempt: number;
  /** Of a recording whose handle was not known: with it a person can stop it. */
  readonly sid?: string;
  readonly isOver: boolean;
}

export const unseen = (now: Instant): ProjectObservation => ({ knownSince: now, sweep: NO_SWEEP, calls: [] });

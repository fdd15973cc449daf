import type { Resource } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { Step } from '../kind.ts';
import type { Wish } from '../wish.ts';
import type { RecordingAction } from './action.ts';
import type { RecordingObservation } from './observation.ts';
import type { RecordingSpec, RecordingStatus } from './types.ts';

export type RecordingResource = Resource<RecordingSpec, RecordingStatus>;
export type RecordingStep = Step<RecordingStatus, RecordingAction>;

/** All that the parts of `decide` read. `status` is the resource's, tidied for `now`. */
export interface Situation {
  readonly resource: RecordingResource;
  readonly status: RecordingStatus;
  readonly observation: RecordingObservation;
  readonly context: Context;
  readonly wish: Wish;
  readonly now: Instant;
  /** A reconcile was requested and is answered by this pass: look at once, forget back-offs. */
  readonly asked: boolean;
}

/** Is a task being re-created, rather than started for the first time or after an edit? */
export const isRecovering = ({ status, resource }: Situation): boolean =>
  status.restarts !== undefined &&
  status.lastRanAt !== undefined &&
  status.restarts.generation === resource.metadata.generation;

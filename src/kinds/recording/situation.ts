import type { Resource } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { Step } from '../kind.ts';
import { tasksOf } from '../task.ts';
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
  /** The reconcile request that this pass answers: a look at once, back-offs forgotten. */
  readonly request?: string;
}

const BEGINNING: readonly string[] = ['Acquired', 'Starting', 'Confirming'];

/** Is a task being re-created, rather than started for the first time or after an edit? */
export function isRecovering({ status, resource }: Situation): boolean {
  const { restarts } = status;
  if (restarts === undefined || status.lastRanAt === undefined) return false;
  if (restarts.generation !== resource.metadata.generation) return false;
  return restarts.inRow > 0 || !tasksOf(status).some((task) => BEGINNING.includes(task.phase));
}

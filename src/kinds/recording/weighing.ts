import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { UserEvent } from '../kind.ts';
import type { RecordingObservation } from './observation.ts';
import type { RecordingResource } from './situation.ts';
import type { RecordingStatus } from './types.ts';

export interface Seen {
  readonly resource: RecordingResource;
  readonly observation: RecordingObservation;
  readonly context: Context;
  readonly now: Instant;
}

export interface Weighed {
  readonly status: RecordingStatus;
  readonly events: readonly UserEvent[];
  /** When what was told is to be weighed again. */
  readonly until?: Instant;
}

/** With what was weighed so far. */
export type Weighing = Seen & { readonly status: RecordingStatus };

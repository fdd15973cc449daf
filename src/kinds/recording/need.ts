import type { Verdict } from '../../core/conditions.ts';
import type { Instant } from '../../core/time.ts';
import type { ClaimRequest, IntentMark, UserEvent } from '../kind.ts';
import type { RecordingAction } from './action.ts';
import type { RecordingStatus } from './types.ts';

/** What one entry asks for. `status` is the resource's whole status where the need changes it. */
export type Need =
  | {
      readonly do: 'call';
      readonly action: RecordingAction;
      readonly status?: RecordingStatus;
      readonly intent?: IntentMark;
      readonly claims?: ClaimRequest;
      readonly events?: readonly UserEvent[];
    }
  | { readonly do: 'wait'; readonly until: Instant; readonly status?: RecordingStatus }
  | { readonly do: 'nothing'; readonly status?: RecordingStatus };

/** The current entry's need comes with what is to be said of the resource. */
export type CurrentNeed = Need & { readonly verdict: Verdict };

export const NOTHING: Need = { do: 'nothing' };

import type { Verdict } from '../../core/conditions.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { ClaimRequest, IntentMark, Step, UserEvent } from '../kind.ts';
import type { Wish } from '../wish.ts';
import type { ConverterAction } from './action.ts';
import type { Wished } from './desired.ts';
import type { ConverterObservation } from './observation.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterStatus } from './types.ts';

export type { ConverterResource } from './resource.ts';
export type ConverterStep = Step<ConverterStatus, ConverterAction>;

/** All that the parts of `decide` read. `status` is the resource's, tidied for `now` and the wish. */
export interface Situation {
  readonly resource: ConverterResource;
  readonly status: ConverterStatus;
  readonly observation: ConverterObservation;
  readonly context: Context;
  readonly wish: Wish;
  readonly wished: Wished;
  readonly now: Instant;
  /** The reconcile request that this pass answers: a look at once, back-offs forgotten. */
  readonly request?: string;
}

/** What one entry asks for. `status` is the resource's whole status where the need changes it. */
export type Need =
  | {
      readonly do: 'call';
      readonly action: ConverterAction;
      readonly status?: ConverterStatus;
      readonly intent?: IntentMark;
      readonly claims?: ClaimRequest;
      readonly events?: readonly UserEvent[];
    }
  | {
      readonly do: 'wait';
      readonly until: Instant;
      readonly status?: ConverterStatus;
      readonly events?: readonly UserEvent[];
    }
  | { readonly do: 'nothing'; readonly status?: ConverterStatus; readonly events?: readonly UserEvent[] };

/** The current entry's need comes with what is to be said of the resource. */
export type CurrentNeed = Need & { readonly verdict: Verdict };

export const NOTHING: Need = { do: 'nothing' };

export const nothing = (verdict: Verdict): CurrentNeed => ({ do: 'nothing', verdict });
export const until = (at: Instant, verdict: Verdict): CurrentNeed => ({ do: 'wait', until: at, verdict });
/** Waits for an event, or until then where that is known. */
export const untilKnown = (at: Instant | undefined, verdict: Verdict): CurrentNeed =>
  at === undefined ? nothing(verdict) : until(at, verdict);

export const EMPTY_STATUS: ConverterStatus = { observedGeneration: -1, conditions: [] };

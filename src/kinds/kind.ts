import type { AgoraAnswer } from '../agora/answer.ts';
import type { AgoraApi } from '../agora/api.ts';
import type { Key, KindName, Resource, StatusBase } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { CallClass, ClaimRequest, Claims, RateLimit, Refusal, Slot } from '../limits/slot.ts';
import type { Context } from './context.ts';
import type { EndpointWatch } from './endpoint.ts';
import type { Evidence } from './evidence.ts';

export type { ClaimRequest, Refusal } from '../limits/slot.ts';

/**
 * A kind is `decide` and `fold` (pure), `held` (pure) and `perform` (the one REST call). Its status is its whole
 * durable memory; `observation` is what was last seen outside, and losing it costs one more look (design §2, §5).
 */
export interface ResourceKind<Spec, Status extends StatusBase, Observation, Action extends ActionBase> {
  readonly kind: KindName;
  /** Volatile memory of a resource that was never looked at; `now` is when this process first met it. */
  unseen(now: Instant): Observation;
  decide(
    resource: Resource<Spec, Status>,
    observation: Observation,
    context: Context,
    now: Instant,
  ): Step<Status, Action>;
  /**
   * What the ledger's refusal of a call's claims changes; `resource.status` is what it was before the step. `decide` is then asked once
   * more with the same `now`: an observed refusal of that very instant makes it wait instead of asking again.
   */
  refused(
    resource: Resource<Spec, Status>,
    observation: Observation,
    action: Action,
    refusal: Refusal,
    now: Instant,
  ): Folded<Status, Observation>;
  /** What an answer changes. Called again on a fresh object when the write of its result met a conflict. */
  fold(
    resource: Resource<Spec, Status>,
    observation: Observation,
    action: Action,
    result: CallResult,
    context: Context,
    now: Instant,
  ): Folded<Status, Observation>;
  /**
   * Must a resource with this status outlive its deletion until it is released? The finalizer is on record before such a
   * status is; before that there is nothing that could be left behind (ADR 0035).
   */
  needsFinalizer(status: Status | undefined): boolean;
  /** What the status says is held; the ledger is only a mirror of this. */
  held(resource: Resource<Spec, Status>): Claims;
  /**
   * Keeps what was told unasked until `decide` has weighed it. Called at any time, also while a call of the resource is on
   * its way; evidence of a task that the status does not list is dropped here. Absent where nothing is ever told.
   */
  told?(resource: Resource<Spec, Status>, observation: Observation, evidence: Evidence, now: Instant): Observation;
  /** Absent where a kind never needs to know whether an endpoint can be reached. */
  readonly endpoints?: EndpointWatch<Spec, Status, Observation>;
  /** The call and nothing else: no decision, no retry. */
  perform(
    resource: Resource<Spec, Status>,
    action: Action,
    context: Context,
    api: AgoraApi,
    call: CallContext,
  ): Promise<AgoraAnswer>;
}

export interface ActionBase {
  readonly type: string;
  /** The project that the call is made through: the entry's App ID, never the spec's (design §4). */
  readonly appId: string;
  readonly limit: RateLimit;
  readonly class: CallClass;
  /** The task entry that the call is about; absent for list. */
  readonly attempt?: number;
  /** The slot that a start or create runs in: a refusal by quota corrects what is believed of it (design §6). */
  readonly slot?: Slot;
  /** The call is useless from here on (a resourceId that expires): the lane's check then sends nothing. */
  readonly notAfter?: Instant;
}

/** What a call leaves in the status before it is sent. The engine adds request ID, holder and time. */
export interface IntentMark {
  readonly attempt: number;
  readonly call: 'start' | 'create' | 'update' | 'stop' | 'delete';
}

export type Step<Status, Action> =
  | {
      readonly do: 'call';
      readonly action: Action;
      /** Status to be written before the call where it differs or an intent is marked; conditions included. */
      readonly status: Status;
      /** All that the resource would hold once the call is made; absent where the call changes no claim. */
      readonly claims?: ClaimRequest;
      /**
       * Present for a call that must not happen twice: written, under the version that was read, before it is sent.
       * `status` already holds the entry of `intent.attempt`; the engine adds request ID, holder and time to it.
       */
      readonly intent?: IntentMark;
      readonly events?: readonly UserEvent[];
    }
  | { readonly do: 'wait'; readonly until: Instant; readonly status: Status; readonly events?: readonly UserEvent[] }
  | { readonly do: 'rest'; readonly status: Status; readonly events?: readonly UserEvent[] }
  /** Nothing lives any more (or `leftBehind` lists it): the finalizer may go. */
  | { readonly do: 'release'; readonly status: Status; readonly events?: readonly UserEvent[] };

/** `not-sent`: the lane's check failed, so nothing left this process. */
export type CallResult = { readonly sent: true; readonly answer: AgoraAnswer } | { readonly sent: false };

export interface Folded<Status, Observation> {
  readonly status: Status;
  readonly observation: Observation;
  readonly events?: readonly UserEvent[];
  /** Other keys that what was seen concerns (a list sweep wakes converters). */
  readonly wake?: readonly Wake[];
}

/** Another key to run, with what was seen of it. */
export interface Wake {
  readonly key: Key;
}

export interface CallContext {
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface UserEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

import type { KindName } from '../core/resource.ts';
import type { Timestamp } from '../core/time.ts';
import type { RateLimit, Slot } from '../limits/slot.ts';

/**
 * `nothing`: it is as declared. `accept`: the controller takes the declaration over, and no call follows now. `create`,
 * `update` in place, `recreate`, `stop`: what happens to the task. `remove`: the resource is not declared any more.
 */
export const PLAN_ACTIONS = ['nothing', 'accept', 'create', 'update', 'recreate', 'stop', 'remove'] as const;
export type PlanAction = (typeof PLAN_ACTIONS)[number];

/** Plain data: what `plan -o json` prints. */
export interface Plan {
  readonly at: Timestamp;
  /** What the declaration was compared with: nothing, a state directory, or that and a running controller's memory. */
  readonly comparedWith: 'nothing' | 'state' | 'controller';
  readonly summary: Readonly<Record<PlanAction, number>>;
  /** How many of them would wait for a slot. */
  readonly waiting: number;
  readonly resources: readonly PlannedResource[];
  readonly limits: readonly PlannedLimit[];
  readonly rates: readonly PlannedRate[];
  /** What a reader should know about the plan as a whole. */
  readonly notes: readonly string[];
}

export interface PlannedResource {
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
  readonly action: PlanAction;
  readonly why: string;
  readonly changes: readonly PlannedChange[];
  /** Of a redundant converter: what happens to each, with the changes that are its own. */
  readonly members?: readonly PlannedMember[];
  /** What the action means for whoever watches or records. */
  readonly interruption?: string;
  /** Every slot that it holds once the plan is carried out, and those of them that it does not hold yet. */
  readonly slots: readonly Slot[];
  readonly newSlots: readonly Slot[];
  /** Why it would not go on at once. */
  readonly waits?: PlannedWait;
  /** Paths whose values come from Secrets that are not at hand. */
  readonly notCompared: readonly string[];
}

export interface PlannedMember {
  readonly name: string;
  readonly action: PlanAction;
  readonly why: string;
  readonly changes: readonly PlannedChange[];
}

export interface PlannedChange {
  readonly path: string;
  /** `settings`: only the controller reads it, or the task has it already; nothing is sent. */
  readonly how: 'update' | 'recreate' | 'settings';
  readonly why: string;
  /** Absent where it is not known, or not there. */
  readonly old?: string;
  readonly new?: string;
}

export interface PlannedWait {
  readonly reason: string;
  readonly message: string;
  readonly limit?: string;
  /** 1 is next. */
  readonly position?: number;
  readonly estimatedStartAt?: Timestamp;
  /** Set where the stops and removals of this very plan free its slot. */
  readonly freedByThisPlan?: true;
}

/** One bound of an App ID's concurrent tasks. */
export interface PlannedLimit {
  readonly appId: string;
  readonly limit: string;
  readonly allowed: number;
  readonly heldNow: number;
  /** The most while the plan is carried out: what is replaced and what replaces it may both be held. */
  readonly heldAtPeak: number;
  readonly waiting: number;
}

/** One bound of an App ID's calls. */
export interface PlannedRate {
  readonly appId: string;
  readonly limit: RateLimit;
  readonly allowed: number;
  readonly perSeconds: number;
  /** Calls a second once everything is steady. */
  readonly steadyPerSecond: number;
  /** Calls to get there, and how long they take at least. */
  readonly rolloutCalls: number;
  readonly rolloutSeconds: number;
}

import type { Reason } from './reasons.ts';
import { type Instant, type Timestamp, timestamp } from './time.ts';

export type ConditionType =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'Admitted'
  | 'PageAlive'
  | 'PagesReporting'
  | 'RedundancySatisfied'
  | 'ApiReachable'
  | 'NotificationsReady';

/** metav1.Condition. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: Timestamp;
}

/** What `decide` says of a resource; `setConditions` turns it into conditions by the table of design §4. */
export interface Verdict {
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason: Reason;
  readonly message: string;
  /** `Reconciling`: work goes on by itself. `Stalled`: a person must act. `Settled`: neither is present. */
  readonly progress: 'Reconciling' | 'Stalled' | 'Settled';
  /** Further conditions; a type that is not named stays as it was, `undefined` removes it. */
  readonly further?: Partial<Record<ConditionType, Pick<Condition, 'status' | 'reason' | 'message'> | undefined>>;
}

export const findCondition = (
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined => conditions?.find((condition) => condition.type === type);

/**
 * `Reconciling` and `Stalled` are present only when True and never both; `lastTransitionTime` moves only when a
 * condition's status changes. Returns the same array when nothing changed.
 */
export function setConditions(
  old: readonly Condition[],
  verdict: Verdict,
  at: { readonly generation: number; readonly now: Instant },
): readonly Condition[] {
  const { ready, reason, message, progress } = verdict;
  const wanted: [ConditionType, Pick<Condition, 'status' | 'reason' | 'message'> | undefined][] = [
    ['Ready', { status: ready, reason, message }],
    ['Reconciling', progress === 'Reconciling' ? { status: 'True', reason, message } : undefined],
    ['Stalled', progress === 'Stalled' ? { status: 'True', reason, message } : undefined],
    ...(Object.entries(verdict.further ?? {}) as [ConditionType, Condition | undefined][]),
  ];
  const byType = new Map(old.map((condition) => [condition.type, condition]));
  let changed = false;
  for (const [type, next] of wanted) {
    const before = byType.get(type);
    if (next === undefined) {
      changed = byType.delete(type) || changed;
    } else if (
      before === undefined ||
      before.status !== next.status ||
      before.reason !== next.reason ||
      before.message !== next.message ||
      before.observedGeneration !== at.generation
    ) {
      changed = true;
      byType.set(type, {
        type,
        status: next.status,
        reason: next.reason,
        message: next.message,
        observedGeneration: at.generation,
        lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : timestamp(at.now),
      });
    }
  }
  return changed ? [...byType.values()] : old;
}

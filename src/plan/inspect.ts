import { findCondition } from '../core/conditions.ts';
import type { Resource, StatusBase } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { Refusal } from '../limits/slot.ts';

/** A resource with everything that is known of it at one moment: what `get`, `explain` and `support` read. */
export interface Inspection {
  /** With the status that holds: the controller's, or what `decide` made of the written one. */
  readonly resource: Resource<unknown, StatusBase>;
  readonly context: Context;
  readonly observation: unknown;
  readonly now: Instant;
  /** What is due next. */
  readonly next: NextStep;
  /** `controller`: a running one answered. `state`: only what was written is known. */
  readonly source: 'controller' | 'state';
  /** Why the ledger makes it wait, where it does. */
  readonly refusal?: Refusal;
}

export interface NextStep {
  readonly do: 'call' | 'wait' | 'rest' | 'release';
  readonly until?: Instant;
  /** Of a call. */
  readonly action?: string;
}

export interface InspectOptions {
  readonly kind: AnyKind;
  readonly context: Context;
  /** Absent: nothing was seen yet. */
  readonly observation?: unknown;
  readonly now: Instant;
  readonly source: Inspection['source'];
  readonly refusal?: Refusal;
}

/** Runs `decide` on a resource as it is, and performs nothing. */
export function inspect(resource: Resource, options: InspectOptions): Inspection {
  const { kind, context, now, source, refusal } = options;
  const observation = options.observation ?? kind.unseen(now);
  const step = kind.decide(resource as Resource<unknown, StatusBase>, observation, context, now);
  const written = resource.status as StatusBase | undefined;
  const status = source === 'controller' && written !== undefined ? written : believable(written, step.status);
  return {
    resource: { ...resource, status },
    context,
    observation,
    now,
    source,
    next: {
      do: step.do,
      ...(step.do === 'wait' ? { until: step.until } : {}),
      ...(step.do === 'call' ? { action: step.action.type } : {}),
    },
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/**
 * Secret documents stand in the manifests, not in the state: where `decide` misses one that was there when the status
 * was written, the written status says more.
 */
function believable(written: StatusBase | undefined, decided: StatusBase): StatusBase {
  const reason = (status: StatusBase): string | undefined => findCondition(status.conditions, 'Ready')?.reason;
  if (written === undefined || reason(decided) !== 'DependencyNotReady') return decided;
  return reason(written) === undefined ? decided : written;
}

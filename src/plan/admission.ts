import type { Resource, StatusBase } from '../core/resource.ts';
import { type Key, keyOf } from '../core/resource.ts';
import { type Instant, instant } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import { endsOf } from '../kinds/ends.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase, ClaimRequest, Step } from '../kinds/kind.ts';
import type { TaskStatus } from '../kinds/task.ts';
import { Ledger } from '../limits/ledger.ts';
import { NO_CLAIMS, type Refusal, type Slot } from '../limits/slot.ts';
import type { Limits } from '../limits/tables.ts';

export type AnyStep = Step<StatusBase, ActionBase>;

/** A resource as `plan` would have it, and what it would ask for first. */
export interface Candidate {
  readonly resource: Resource;
  readonly kind: AnyKind;
  readonly context: Context;
  readonly observation: unknown;
  readonly step: AnyStep;
  /** What it asks the ledger for; absent where it asks for nothing. */
  readonly ask?: ClaimRequest;
  /** Is its present task stopped for good? */
  readonly ends: boolean;
}

export interface Admitted {
  /** What `decide` says once the ledger has answered. */
  readonly step: AnyStep;
  readonly refusal?: Refusal;
  readonly freedByThisPlan: boolean;
  /** No slot is free for both at once (Overlap), so that the old task is stopped first. */
  readonly fellBack?: true;
}

/** Of the running controller, where one answered. */
export interface ForeignConverters {
  readonly appId: string;
  readonly count: number;
}

/**
 * Lets the real ledger decide who may start, in the order in which it serves those who wait: priority, then age
 * (WR-1, MP-2). Nothing is stored; the ledger is one of the plan's own.
 */
export function admit(
  candidates: readonly Candidate[],
  options: {
    readonly limitsFor: (appId: string) => Limits;
    readonly foreign: readonly ForeignConverters[];
    readonly now: Instant;
  },
): { readonly ledger: Ledger; readonly before: Ledger; readonly outcomes: ReadonlyMap<Key, Admitted> } {
  const before = mirror(candidates, options, 'all');
  const ledger = mirror(candidates, options, 'all');
  const freed = mirror(candidates, options, 'staying');
  const outcomes = new Map<Key, Admitted>();
  const asking = candidates.filter(({ ask }) => ask !== undefined).toSorted(byTurn);
  for (const candidate of asking) {
    const { ask, resource } = candidate;
    if (ask === undefined) continue;
    ledger.request(keyOf(resource), ask, options.now);
    freed.request(keyOf(resource), ask, options.now);
  }
  for (const candidate of candidates) {
    const key = keyOf(candidate.resource);
    const { ask, step } = candidate;
    // Everybody has his place by now, so the answer is that of the queue as a whole.
    const grant = ask === undefined ? GRANTED : ledger.request(key, ask, options.now);
    if (ask === undefined || 'granted' in grant) {
      outcomes.set(key, { step, freedByThisPlan: false });
      continue;
    }
    const several = ask.claims.slots.length > (step.do === 'call' ? (step.claims?.claims.slots.length ?? 0) : 0) + 1;
    const after = several ? { step, refusal: grant } : afterRefusal(candidate, grant, { ledger, now: options.now });
    const waits = after.refusal?.why === 'wait';
    outcomes.set(key, {
      ...after,
      freedByThisPlan: waits && 'granted' in freed.request(key, after.asked ?? ask, options.now),
    });
  }
  return { ledger, before, outcomes };
}

function mirror(
  candidates: readonly Candidate[],
  {
    limitsFor,
    foreign,
  }: { readonly limitsFor: (appId: string) => Limits; readonly foreign: readonly ForeignConverters[] },
  which: 'all' | 'staying',
): Ledger {
  const ledger = new Ledger({ limitsFor });
  ledger.ready();
  for (const { resource, kind, ends } of candidates) {
    const held = which === 'staying' && ends ? NO_CLAIMS : kind.held(resource as Resource<unknown, StatusBase>);
    ledger.set(keyOf(resource), held, which === 'staying' && ends ? [] : endsOf(resource));
  }
  for (const { appId, count } of foreign) ledger.foreign(appId, count);
  return ledger;
}

interface AfterRefusal {
  readonly step: AnyStep;
  readonly refusal?: Refusal;
  readonly fellBack?: true;
  readonly asked?: ClaimRequest;
}

/**
 * As a pass has it: the refusal is folded in, and `decide` is asked once more. It may have something less to ask for: an
 * Overlap without room for both stops the old task first, a second after it has said so.
 */
function afterRefusal(
  { resource, kind, context, observation, step }: Candidate,
  refusal: Refusal,
  { ledger, now }: { readonly ledger: Ledger; readonly now: Instant },
): AfterRefusal {
  if (step.do !== 'call' || step.claims === undefined) return { step, refusal };
  const { status, observation: seen } = kind.refused(
    { ...resource, status: step.status },
    observation,
    step.action,
    refusal,
    now,
  );
  const decide = (at: Instant): AnyStep => kind.decide({ ...resource, status }, seen, context, at);
  const first = decide(now);
  const next = first.do === 'wait' && first.until <= now + FALL_BACK_MS ? decide(first.until) : first;
  if (next.do !== 'call') return { step: first, refusal };
  if (next.claims === undefined) return { step: next, fellBack: true };
  const again = ledger.request(keyOf(resource), next.claims, now);
  return 'granted' in again
    ? { step: next, fellBack: true, asked: next.claims }
    : { step: first, refusal: again, fellBack: true, asked: next.claims };
}

/** So long `decide` says that it falls back before it does. */
const FALL_BACK_MS = 1_000;
const GRANTED = { granted: true } as const;

const byTurn = (a: Candidate, b: Candidate): number =>
  (b.ask?.priority ?? 0) - (a.ask?.priority ?? 0) ||
  (a.ask?.since ?? 0) - (b.ask?.since ?? 0) ||
  (keyOf(a.resource) < keyOf(b.resource) ? -1 : 1);

/** All that would be held with one slot more, or one for each of so many tasks; where the first call is not the one that claims it all. */
export function askFor(
  resource: Resource,
  {
    kind,
    slot,
    now,
    tasks,
  }: { readonly kind: AnyKind; readonly slot: Slot; readonly now: Instant; readonly tasks?: number },
): ClaimRequest {
  const held = kind.held(resource as Resource<unknown, StatusBase>);
  const { priority = 0 } = resource.spec as { readonly priority?: number };
  const queue = (resource.status as TaskStatus | undefined)?.queue;
  const has = held.slots.some(
    (each) =>
      each.appId === slot.appId &&
      each.service === slot.service &&
      each.region === slot.region &&
      each.class === slot.class,
  );
  return {
    claims:
      has && tasks === undefined
        ? held
        : { ...held, slots: [...held.slots, ...Array.from({ length: tasks ?? 1 }, () => slot)] },
    priority,
    since: instant(queue?.since) ?? now,
  };
}

import { findCondition } from '../core/conditions.ts';
import { KIND_NAMES, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import { type Instant, timestamp } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import { classOf } from '../kinds/converter/desired.ts';
import type { ConverterSpec } from '../kinds/converter/types.ts';
import type { AnyKind } from '../kinds/index.ts';
import { wishedSlot } from '../kinds/recording/held.ts';
import type { RecordingSpec } from '../kinds/recording/types.ts';
import type { TaskSpec, TaskStatus } from '../kinds/task.ts';
import { type Wish, wishOf } from '../kinds/wish.ts';
import { without } from '../limits/claims.ts';
import type { Slot } from '../limits/slot.ts';
import type { Limits } from '../limits/tables.ts';
import { type Admitted, type AnyStep, admit, askFor, type Candidate, type ForeignConverters } from './admission.ts';
import { interruptionOf } from './interruption.ts';
import type { Intake } from './judge.ts';
import { limitRows } from './limit-rows.ts';
import { type LineDraft, lineDraft, linesOf, summed } from './lines.ts';
import {
  PLAN_ACTIONS,
  type Plan,
  type PlanAction,
  type PlannedChange,
  type PlannedMember,
  type PlannedResource,
  type PlannedWait,
} from './planned.ts';
import { ratesOf } from './rates.ts';
import { scrubOf } from './redact.ts';

export interface PlanOptions {
  readonly intakes: readonly Intake[];
  readonly kinds: Readonly<Record<Resource['kind'], AnyKind>>;
  readonly contextOf: (resource: Resource) => Context;
  readonly limitsFor: (appId: string) => Limits;
  readonly foreign: readonly ForeignConverters[];
  readonly comparedWith: Plan['comparedWith'];
  readonly notes: readonly string[];
  readonly now: Instant;
}

/** What would be done, resource by resource: the kinds' own `decide` and the real ledger, and nothing performed. */
export function makePlan(options: PlanOptions): Plan {
  const { intakes, limitsFor, now } = options;
  const drafts = intakes.map((intake) => draft(intake, options));
  const candidates = drafts.map(({ candidate }) => candidate);
  const { ledger, before, outcomes } = admit(candidates, options);
  const resources = drafts.map((each) => {
    const outcome = outcomes.get(keyOf(each.candidate.resource));
    return { draft: each, planned: planned(each, outcome) };
  });
  const callers = resources.flatMap(({ draft: { candidate, lines }, planned: { kind, action, waits } }) => {
    const appId = candidate.context.project?.appId;
    if (appId === undefined || kind === 'AgoraProject') return [];
    const service = kind === 'RtmpConverter' ? ('converter' as const) : ('recording' as const);
    return lines.map((line) => ({
      appId,
      service,
      action: lines.length === 1 ? action : line.action,
      runs: line.wish?.want === 'running',
      live: line.live,
      waits: waits !== undefined,
    }));
  });
  const rows = resources.filter(({ draft: { intake } }) => intake.aside !== true).map((each) => each.planned);
  return {
    at: timestamp(now),
    comparedWith: options.comparedWith,
    summary: summaryOf(rows),
    waiting: rows.filter(({ waits }) => waits?.limit !== undefined).length,
    resources: rows.toSorted(byKind),
    limits: limitRows(candidates, { before, peak: ledger }),
    rates: ratesOf(callers, limitsFor),
    notes: options.notes,
  };
}

interface Draft {
  readonly candidate: Candidate;
  readonly intake: Intake;
  /** Undefined for a project. */
  readonly wish: Wish | undefined;
  readonly action: PlanAction;
  readonly why: string;
  readonly changes: readonly PlannedChange[];
  readonly lines: readonly LineDraft[];
  readonly members?: readonly PlannedMember[];
  readonly notCompared: readonly string[];
  readonly live: boolean;
}

function draft(intake: Intake, { kinds, contextOf, now }: PlanOptions): Draft {
  const { after } = intake;
  const kind = kinds[after.kind];
  const context = contextOf(after);
  const observation = kind.unseen(now);
  const step = kind.decide(after as Resource<unknown, StatusBase>, observation, context, now);
  const wish =
    after.kind === 'AgoraProject' ? undefined : wishOf(after as Resource<TaskSpec, TaskStatus>, context, now);
  const lines = linesOf(intake).map((line) => lineDraft(line, { intake, context, now }));
  const { action, why, changes, members, notCompared, live } = summed(intake, lines);
  const claims = step.do === 'call' && step.claims !== undefined ? step.claims : undefined;
  const blind = action === 'recreate' && notCompared.length > 0;
  const begin = lines.filter((line) => line.action === 'create').length;
  const slot = begin > 0 || blind ? slotOf(after, context) : undefined;
  const asks = slot !== undefined && (blind || mayAsk(step));
  // Each output that begins asks for a slot; the first call asks for that of the first.
  const ask =
    members !== undefined && begin > 1 && asks
      ? askFor(after, { kind, slot, now, tasks: begin })
      : (claims ?? (asks ? askFor(after, { kind, slot, now }) : undefined));
  const ends = action === 'stop' || action === 'remove';
  return {
    candidate: { resource: after, kind, context, observation, step, ends, ...(ask === undefined ? {} : { ask }) },
    intake,
    wish,
    action,
    why,
    changes: action === 'remove' ? [] : changes,
    lines,
    ...(members === undefined || action === 'remove' ? {} : { members }),
    notCompared,
    live,
  };
}

function planned(each: Draft, outcome: Admitted | undefined): PlannedResource {
  const { candidate, action, why, changes, members, notCompared, live, wish } = each;
  const { resource, kind, context } = candidate;
  const { updateStrategy } = resource.spec as Partial<ConverterSpec>;
  const overlap = updateStrategy === 'Overlap' && outcome?.fellBack !== true;
  const interruption = interruptionOf(action, resource, { live, overlap });
  const slots = action === 'stop' || action === 'remove' ? [] : (candidate.ask?.claims.slots ?? heldSlots(candidate));
  const wants = action === 'create' || action === 'update' || action === 'recreate' || wish?.want === 'running';
  const waits = wants && action !== 'nothing' ? waitOf(each, outcome) : undefined;
  const scrub = scrubOf(resource, context);
  return {
    kind: kind.kind,
    namespace: resource.metadata.namespace,
    name: resource.metadata.name,
    action,
    why,
    changes,
    ...(members === undefined ? {} : { members }),
    ...(interruption === undefined ? {} : { interruption }),
    slots,
    newSlots: without(slots, heldSlots(candidate)),
    ...(waits === undefined ? {} : { waits: { ...waits, message: scrub(waits.message) } }),
    notCompared,
  };
}

const heldSlots = ({ resource, kind }: Candidate): readonly Slot[] =>
  kind.held(resource as Resource<unknown, StatusBase>).slots;

/** What `decide` says keeps it from going on: a limit, something missing, something that a person must change. */
function waitOf({ candidate }: Draft, outcome: Admitted | undefined): PlannedWait | undefined {
  const { step, refusal, freedByThisPlan = false } = outcome ?? { step: candidate.step };
  const { status } = step;
  const ready = findCondition(status.conditions, 'Ready');
  if (refusal?.why === 'wait') {
    const { limit, position, estimatedAt } = refusal;
    return {
      reason: 'WaitingForSlot',
      message: `waits for ${limit}`,
      limit,
      position,
      ...(estimatedAt === undefined ? {} : { estimatedStartAt: timestamp(estimatedAt) }),
      ...(freedByThisPlan ? { freedByThisPlan } : {}),
    };
  }
  if (ready === undefined || (step.do === 'call' && !isBlocked(status))) return undefined;
  if (!isBlocked(status) && !PAUSES.includes(ready.reason)) return undefined;
  return {
    reason: ready.reason,
    message: ready.message,
    ...(step.do === 'wait' && PAUSES.includes(ready.reason) ? { estimatedStartAt: timestamp(step.until) } : {}),
  };
}

/** Waits that end by themselves at the time of the step. */
const PAUSES: readonly string[] = ['WaitingForRetry', 'Recovering', 'WaitingForCleanup'];

/**
 * Those queue whose `decide` would call now (design §6). One that lacks a Secret is counted too, so that the plan of a
 * repository without Secrets tells what the whole declaration needs.
 */
const mayAsk = (step: AnyStep): boolean =>
  findCondition(step.status.conditions, 'Stalled') === undefined &&
  (step.do === 'call' || findCondition(step.status.conditions, 'Ready')?.reason === 'DependencyNotReady');

const BLOCKS: readonly string[] = ['DependencyNotReady', 'ProjectNotUsable'];

function isBlocked({ conditions }: StatusBase): boolean {
  const ready = findCondition(conditions, 'Ready');
  return findCondition(conditions, 'Stalled') !== undefined || (ready !== undefined && BLOCKS.includes(ready.reason));
}

/** The slot that the declaration asks for, which needs no Secret to be known. */
function slotOf(resource: Resource, context: Context): Slot | undefined {
  const appId = context.project?.appId;
  if (appId === undefined) return undefined;
  if (resource.kind === 'WebPageRecording') return wishedSlot(resource.spec as RecordingSpec, appId);
  const spec = resource.spec as ConverterSpec;
  return { appId, service: 'converter', region: spec.region, class: classOf(spec) };
}

function summaryOf(rows: readonly PlannedResource[]): Plan['summary'] {
  const count = (action: PlanAction): number => rows.filter((row) => row.action === action).length;
  const [nothing, accept, create, update, recreate, stop, remove] = PLAN_ACTIONS.map(count);
  return {
    nothing: nothing ?? 0,
    accept: accept ?? 0,
    create: create ?? 0,
    update: update ?? 0,
    recreate: recreate ?? 0,
    stop: stop ?? 0,
    remove: remove ?? 0,
  };
}

const byKind = (a: PlannedResource, b: PlannedResource): number =>
  KIND_NAMES.indexOf(a.kind) - KIND_NAMES.indexOf(b.kind) || (nameOf(a) < nameOf(b) ? -1 : 1);
const nameOf = ({ namespace, name }: PlannedResource): string => `${namespace}/${name}`;

/** Anything but `nothing`: exit code 2. */
export const hasChanges = ({ summary }: Plan): boolean =>
  PLAN_ACTIONS.some((action) => action !== 'nothing' && summary[action] > 0);

import { findCondition } from '../core/conditions.ts';
import { sameData } from '../core/equal.ts';
import { deletionRequested, KIND_NAMES, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import { type Instant, timestamp } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import { classOf } from '../kinds/converter/desired.ts';
import type { ConverterSpec, ConverterStatus } from '../kinds/converter/types.ts';
import type { AnyKind } from '../kinds/index.ts';
import { wishedSlot } from '../kinds/recording/held.ts';
import type { RecordingSpec, RecordingStatus } from '../kinds/recording/types.ts';
import { mayLive, type TaskSpec, type TaskStatus, tasksOf } from '../kinds/task.ts';
import { type Wish, wishOf } from '../kinds/wish.ts';
import { without } from '../limits/claims.ts';
import type { Slot } from '../limits/slot.ts';
import type { Limits } from '../limits/tables.ts';
import { type Admitted, type AnyStep, admit, askFor, type Candidate, type ForeignConverters } from './admission.ts';
import { plannedChanges } from './changes.ts';
import { interruptionOf } from './interruption.ts';
import { limitRows } from './limit-rows.ts';
import {
  PLAN_ACTIONS,
  type Plan,
  type PlanAction,
  type PlannedChange,
  type PlannedResource,
  type PlannedWait,
} from './planned.ts';
import { ratesOf } from './rates.ts';
import { scrubOf } from './redact.ts';
import { converterTaskValues, liveTask, recordingTaskValues, type TaskValues, taskChanges } from './task-values.ts';

/** A resource before and after the declaration would be taken over. */
export interface Intake {
  /** As the state has it; undefined where it is new. */
  readonly before: Resource | undefined;
  /** As it would be: marked for deletion where it is declared no more. */
  readonly after: Resource;
  /** An earlier one of this name is still being stopped; the declaration begins anew when it is gone. */
  readonly anew: boolean;
  /** Not part of what is planned; it holds and waits for slots all the same. */
  readonly aside?: true;
}

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
  const callers = resources.flatMap(({ draft: { candidate, wish, live }, planned: { kind, action, waits } }) => {
    const appId = candidate.context.project?.appId;
    if (appId === undefined || kind === 'AgoraProject') return [];
    const service = kind === 'RtmpConverter' ? ('converter' as const) : ('recording' as const);
    return [{ appId, service, action, runs: wish?.want === 'running', live, waits: waits !== undefined }];
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
  readonly notCompared: readonly string[];
  readonly live: boolean;
}

function draft(intake: Intake, { kinds, contextOf, now }: PlanOptions): Draft {
  const { before, after } = intake;
  const kind = kinds[after.kind];
  const context = contextOf(after);
  const observation = kind.unseen(now);
  const step = kind.decide(after as Resource<unknown, StatusBase>, observation, context, now);
  const wish =
    after.kind === 'AgoraProject' ? undefined : wishOf(after as Resource<TaskSpec, TaskStatus>, context, now);
  const task = liveTask(after);
  const newValues = valuesOf(after, context);
  const sent = task === undefined || newValues === undefined ? [] : taskChanges(after, task, newValues);
  const oldValues = before === undefined ? undefined : valuesOf(before, context);
  const changes = plannedChanges({ before, after, task, changes: sent, oldValues, newValues });
  const live = tasksOf(after.status as TaskStatus | undefined).some(mayLive);
  const { action, why } = judge({ intake, wish, changes, hasTask: task !== undefined, live });
  const claims = step.do === 'call' && step.claims !== undefined ? step.claims : undefined;
  const blind = action === 'recreate' && (newValues?.unknown ?? []).length > 0;
  const slot = action === 'create' || blind ? slotOf(after, context) : undefined;
  const ask =
    claims ?? (slot !== undefined && (blind || mayAsk(step)) ? askFor(after, { kind, slot, now }) : undefined);
  const ends = action === 'stop' || action === 'remove';
  return {
    candidate: { resource: after, kind, context, observation, step, ends, ...(ask === undefined ? {} : { ask }) },
    intake,
    wish,
    action,
    why,
    changes: action === 'remove' ? [] : changes,
    notCompared: task === undefined ? [] : (newValues?.unknown ?? []),
    live,
  };
}

function judge({
  intake: { before, after, anew },
  wish,
  changes,
  hasTask,
  live,
}: {
  readonly intake: Intake;
  readonly wish: Wish | undefined;
  readonly changes: readonly PlannedChange[];
  readonly hasTask: boolean;
  readonly live: boolean;
}): { readonly action: PlanAction; readonly why: string } {
  const edited = before === undefined || changes.length > 0 || !sameMarks(before, after);
  const quiet = (why: string): ReturnType<typeof judge> => ({ action: edited ? 'accept' : 'nothing', why });
  if (anew)
    return { action: 'recreate', why: 'it was removed before and is being stopped; it begins anew when that is gone' };
  if (deletionRequested(after)) return { action: 'remove', why: 'it is not declared any more' };
  if (wish === undefined)
    return quiet(before === undefined ? 'the project is new to the controller' : 'the settings of a project');
  switch (wish.want) {
    case 'gone':
      return { action: 'remove', why: 'it is being deleted' };
    case 'suspended':
      return quiet(`suspended by its ${wish.by}: no call is made`);
    case 'nothing':
      if (live) return { action: 'stop', why: NOT_WANTED[wish.why] };
      return quiet(wish.why === 'Scheduled' ? `it starts at ${timestamp(wish.until)}` : NOT_WANTED[wish.why]);
    case 'running': {
      if (!hasTask) return { action: 'create', why: before === undefined ? 'it is new' : 'it has no task that runs' };
      const forcing = changes.filter(({ how }) => how === 'recreate');
      if (forcing.length > 0)
        return { action: 'recreate', why: `${forcing.map(({ path }) => path).join(', ')} cannot be changed in place` };
      if (changes.some(({ how }) => how === 'update'))
        return { action: 'update', why: 'Agora’s update takes all that changed' };
      return quiet(edited ? 'nothing that the task has changes' : 'it is as declared');
    }
  }
}

const NOT_WANTED: Readonly<Record<Extract<Wish, { want: 'nothing' }>['why'], string>> = {
  Stopped: 'desiredState is Stopped',
  Completed: 'it came to its planned end',
  WindowMissed: 'its window is over and it never ran',
  TaskEnded: 'it ended, and restartPolicy is Never',
  Scheduled: 'its window has not begun',
};

function sameMarks(before: Resource, after: Resource): boolean {
  const marks = ({ metadata: { labels = {}, annotations = {}, deletionTimestamp } }: Resource) => [
    labels,
    annotations,
    deletionTimestamp,
  ];
  return sameData(marks(before), marks(after));
}

function planned(each: Draft, outcome: Admitted | undefined): PlannedResource {
  const { candidate, action, why, changes, notCompared, live, wish } = each;
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

function valuesOf(resource: Resource, context: Context): TaskValues | undefined {
  switch (resource.kind) {
    case 'WebPageRecording':
      return recordingTaskValues(resource as Resource<RecordingSpec, RecordingStatus>, context);
    case 'RtmpConverter':
      return converterTaskValues(resource as Resource<ConverterSpec, ConverterStatus>, context);
    case 'AgoraProject':
      return undefined;
  }
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

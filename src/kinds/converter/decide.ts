import { setConditions, type Verdict } from '../../core/conditions.ts';
import { hasFinalizer, reconcileRequest } from '../../core/resource.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { settled, stalled, waiting } from '../gate.ts';
import { abandonedAt, canBeLeft, isLeftBehind } from '../left-behind.ts';
import { acknowledge } from '../request-now.ts';
import { intentExpiresAt, LOST_KEPT_MS, mayLive, tasksOf } from '../task.ts';
import { type Wish, wishOf } from '../wish.ts';
import { currentOf } from './changes.ts';
import { decideAttempt } from './decide-attempt.ts';
import { decideCreate } from './decide-create.ts';
import { decideRunning } from './decide-running.ts';
import { decideStopping } from './decide-stopping.ts';
import { classOf, desiredOf } from './desired.ts';
import { admissionOf } from './held.ts';
import type { ConverterObservation } from './observation.ts';
import {
  type ConverterResource,
  type ConverterStep,
  type CurrentNeed,
  EMPTY_STATUS,
  type Need,
  nothing,
  type Situation,
  until,
} from './situation.ts';
import { tidy } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/**
 * The brain of an RTMP converter: what the status and the latest observation call for now (design §5, MP-6 to MP-26).
 *
 *   Starting ─201─► Confirming ─running─► Running ─strikes, state failed─► Stopping ─2xx─► Lost ─► (forgotten)
 *      │ lost answer: looked for by name      │ edit: update in place          │ 404 for 120 s ─► Lost
 *      ├─ found ─► Confirming                 └─ edit that re-creates, not wanted ─► Stopping
 *      └─ 409: ours → wait for the name, then `-r<n>`; foreign → conflictPolicy
 */
export function decide(
  resource: ConverterResource,
  observation: ConverterObservation,
  context: Context,
  now: Instant,
): ConverterStep {
  const wish = wishOf(resource, context, now);
  const requested = reconcileRequest(resource);
  const before = resource.status ?? EMPTY_STATUS;
  const status = tidy(
    { ...acknowledge<ConverterStatus>(before, requested), resolutionClass: classOf(resource.spec) },
    { resource, observation, context, wish, now },
  );
  const asked = requested !== undefined && requested !== before.lastHandledReconcileAt;
  const wished = desiredOf(resource, context);
  const request = asked ? { request: requested } : {};
  const situation: Situation = { resource, status, observation, context, wish, wished, now, ...request };

  if (wish.want === 'gone' && resource.spec.deletionPolicy === 'Orphan') return orphan(situation);
  if (wish.want === 'suspended') return suspended(situation);

  const needs = tasksOf<ConverterTask>(status).map((task) => decideStopping(situation, task));
  const current = decideCurrent(situation);
  const call = [...needs, current].find((need) => need.do === 'call');
  if (call !== undefined)
    return { ...call, status: conclude(situation, call.status ?? current.status ?? status, current.verdict) };
  const next = conclude(situation, current.status ?? status, current.verdict);
  const events = current.events === undefined ? {} : { events: current.events };
  if (wish.want === 'gone' && isReleased(situation, next))
    return { do: 'release', status: next, events: leftEvents(situation, next) };
  const due = [...needs, current].map(untilOf);
  const at = Math.min(...due, ...tasksOf<ConverterTask>(next).map(entryUntil), wishUntil(wish), graceUntil(situation));
  return Number.isFinite(at)
    ? { do: 'wait', until: Math.max(at, now), status: next, ...events }
    : { do: 'rest', status: next, ...events };
}

function decideCurrent(situation: Situation): CurrentNeed {
  const { wish, status } = situation;
  if (wish.want === 'suspended') return nothing(waiting('Pending', 'suspended'));
  if (wish.want !== 'running') return idle(situation, wish);
  const task = currentOf(status);
  if (task === undefined) return decideAttempt(situation);
  if (task.intent !== undefined) {
    return until(
      intentExpiresAt(task.intent),
      waiting(
        task.phase === 'Starting' ? 'Starting' : 'Updating',
        'a call is on its way, or its answer is lost; what it did is looked up when its time is over',
      ),
    );
  }
  return task.converterId === undefined
    ? decideCreate(situation, task)
    : decideRunning(situation, task, task.converterId);
}

const untilOf = (need: Need): Instant => (need.do === 'wait' ? need.until : Number.POSITIVE_INFINITY);

const wishUntil = (wish: Wish): Instant =>
  'until' in wish && wish.until !== undefined ? wish.until : Number.POSITIVE_INFINITY;

/** From then on what cannot be stopped for want of credentials is left behind (design §5.7). */
function graceUntil({ resource, context, now }: Situation): Instant {
  const at = abandonedAt(resource, context);
  return at !== undefined && at > now ? at : Number.POSITIVE_INFINITY;
}

/** When time alone changes what is known of an entry. */
function entryUntil(task: ConverterTask): Instant {
  if (task.intent !== undefined) return intentExpiresAt(task.intent);
  if (task.phase === 'Lost') return (instant(task.lostAt) ?? 0) + LOST_KEPT_MS;
  return Number.POSITIVE_INFINITY;
}

/** The status with everything that follows from its entries: admission, queue, conditions. */
function conclude(situation: Situation, status: ConverterStatus, verdict: Verdict): ConverterStatus {
  const { resource, wish, now } = situation;
  const wanted = wish.want === 'running' && verdict.progress !== 'Stalled';
  const { admission: _admission, queue, ...rest } = status;
  const admission = admissionOf(status, wanted);
  const queued = verdict.reason === 'WaitingForSlot' ? queue : undefined;
  const { generation } = resource.metadata;
  const further = { Admitted: admitted(verdict, admission !== undefined), ...verdict.further };
  return {
    ...rest,
    ...(admission === undefined ? {} : { admission }),
    ...(queued === undefined ? {} : { queue: queued }),
    observedGeneration: generation,
    conditions: setConditions(status.conditions, { ...verdict, further }, { generation, now }),
  };
}

function admitted(
  verdict: Verdict,
  hasSlot: boolean,
): { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string } {
  if (hasSlot) return { status: 'True', reason: 'SlotHeld', message: 'a slot is held' };
  if (verdict.reason === 'WaitingForSlot') return { status: 'False', reason: 'SlotAwaited', message: verdict.message };
  return { status: 'False', reason: 'NoSlotNeeded', message: 'no slot is held' };
}

/** Suspended: no call at all; Ready stays as it was (design §4). */
function suspended(situation: Situation): ConverterStep {
  const { status, wish, resource } = situation;
  const ready = status.conditions.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown';
  const byProject = wish.want === 'suspended' && wish.by === 'project';
  const message = byProject ? `AgoraProject ${resource.spec.projectRef.name} is suspended` : 'spec.suspend is set';
  return {
    do: 'rest',
    status: conclude(situation, status, { ready, reason: 'Suspended', message, progress: 'Settled' }),
  };
}

/** `deletionPolicy: Orphan`: whatever runs goes on; its handles are told once more. */
function orphan(situation: Situation): ConverterStep {
  const live = tasksOf<ConverterTask>(situation.status).filter(mayLive);
  const note = `left running as deletionPolicy Orphan asks: ${handlesOf(live)}`;
  const events = live.length === 0 ? [] : [{ type: 'Normal', reason: 'TaskOrphaned', note } as const];
  return { do: 'release', status: situation.status, events };
}

const handlesOf = (tasks: readonly ConverterTask[]): string =>
  tasks.map((task) => `${task.name} in ${task.region}, id ${task.converterId ?? 'unknown'}`).join('; ');

/** Nothing may live, or the project lists what cannot be stopped (design §5.7). */
function isReleased(situation: Situation, status: ConverterStatus): boolean {
  const { resource, context, now } = situation;
  if (!hasFinalizer(resource)) return true;
  const live = tasksOf<ConverterTask>(status).filter(mayLive);
  if (live.length === 0) return true;
  const left = canBeLeft<ConverterTask>({ ...resource, status }, context, now);
  return live.every((task) => left.includes(task)) && isLeftBehind(resource, live, context.project?.resource.status);
}

function leftEvents(
  { resource }: Situation,
  status: ConverterStatus,
): readonly { type: 'Warning'; reason: string; note: string }[] {
  const live = tasksOf<ConverterTask>(status).filter(mayLive);
  if (live.length === 0) return [];
  const note = `left behind, listed by AgoraProject ${resource.spec.projectRef.name}: ${handlesOf(live)}`;
  return [{ type: 'Warning', reason: 'TaskLeftBehind', note }];
}

/** What is said of a resource that wants no task, by what may still live. */
function idle(situation: Situation, wish: Exclude<Wish, { want: 'running' | 'suspended' }>): CurrentNeed {
  const live = tasksOf<ConverterTask>(situation.status).filter(mayLive);
  if (live.length > 0 || wish.want === 'gone') return nothing(waiting('Stopping', stoppingMessage(situation, live)));
  switch (wish.why) {
    case 'Scheduled':
      return until(wish.until, settled('Scheduled', `starts at ${timestamp(wish.until)}`));
    case 'WindowMissed':
      return nothing(
        stalled(
          'WindowMissed',
          'the window of spec.schedule ended before the converter ever ran; declare a new window',
        ),
      );
    case 'TaskEnded':
      return nothing(
        stalled('TaskEnded', 'the converter ended and restartPolicy is Never; edit the declaration to run it again'),
      );
    case 'Completed':
      return nothing(settled('Completed', 'the converter came to its planned end'));
    case 'Stopped':
      return nothing(settled('Stopped', 'no converter runs, as declared'));
  }
}

function stoppingMessage({ context, resource }: Situation, live: readonly ConverterTask[]): string {
  if (live.length === 0) return 'nothing runs any more';
  const { name } = resource.spec.projectRef;
  if (context.project === undefined)
    return `AgoraProject ${name} does not exist: nothing can be stopped; create it, or set deletionPolicy Orphan`;
  if (context.project.credentials === undefined)
    return `credentials of AgoraProject ${name} are missing: nothing can be stopped`;
  if (live.some((task) => task.converterId === undefined))
    return 'a converter whose create was not answered is looked for by its name, then stopped';
  return 'the converter is being stopped';
}

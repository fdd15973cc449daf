import type { Verdict } from '../../core/conditions.ts';
import { hasFinalizer, reconcileRequest } from '../../core/resource.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { settled, stalled, waiting } from '../gate.ts';
import { abandonedAt, canBeLeft, isLeftBehind } from '../left-behind.ts';
import { acknowledge } from '../request-now.ts';
import { intentExpiresAt, LOST_KEPT_MS, mayLive, tasksOf } from '../task.ts';
import { type Wish, wishOf } from '../wish.ts';
import { currentOf } from './changes.ts';
import { concluded, withConditions } from './conclude.ts';
import { decideAttempt } from './decide-attempt.ts';
import { decideCreate } from './decide-create.ts';
import { decideRunning } from './decide-running.ts';
import { decideStopping } from './decide-stopping.ts';
import { classOf, desiredOf, type Wished } from './desired.ts';
import type { ConverterObservation } from './observation.ts';
import type { ConverterResource } from './resource.ts';
import {
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
import { weigh } from './weigh.ts';

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
  const weighed = weigh(resource, observation, { status: resource.status ?? EMPTY_STATUS, context, now });
  const line = decideLine({ ...resource, status: weighed.status }, observation, { context, now });
  const { verdict, ...step } = line;
  const events = weighed.events.length === 0 ? {} : { events: [...weighed.events, ...(step.events ?? [])] };
  if (verdict === undefined) return { ...step, ...events };
  return { ...step, ...events, status: withConditions(resource, step.status, verdict, now) };
}

/** A step without its conditions, and what they are to say; nothing where they stay as they are. */
export type LineStep = ConverterStep & { readonly verdict?: Verdict };

/** One task after another: all of a resource without redundancy, or one member of a redundant set (ADR 0031). */
export function decideLine(
  resource: ConverterResource,
  observation: ConverterObservation,
  {
    context,
    now,
    wished = desiredOf(resource, context),
  }: { readonly context: Context; readonly now: Instant; readonly wished?: Wished },
): LineStep {
  const wish = wishOf(resource, context, now);
  const requested = reconcileRequest(resource);
  const before = resource.status ?? EMPTY_STATUS;
  const status = tidy(
    { ...acknowledge<ConverterStatus>(before, requested), resolutionClass: classOf(resource.spec) },
    { resource, observation, context, wish, now },
  );
  const asked = requested !== undefined && requested !== before.lastHandledReconcileAt;
  const request = asked ? { request: requested } : {};
  const situation: Situation = { resource, status, observation, context, wish, wished, now, ...request };

  if (wish.want === 'gone' && resource.spec.deletionPolicy === 'Orphan') return orphan(situation);
  if (wish.want === 'suspended') return suspended(situation);

  const needs = tasksOf<ConverterTask>(status).map((task) => decideStopping(situation, task));
  const current = decideCurrent(situation);
  const call = [...needs, current].find((need) => need.do === 'call');
  const { verdict } = current;
  // What a call that has to wait for this one would write is not so yet: no attempt, and no slot that nobody granted.
  const meanwhile = (current.do === 'call' ? undefined : current.status) ?? status;
  if (call !== undefined) return { ...call, status: concluded(situation, call.status ?? meanwhile, verdict), verdict };
  const next = concluded(situation, current.status ?? status, verdict);
  const events = current.events === undefined ? {} : { events: current.events };
  if (wish.want === 'gone' && isReleased(situation, next))
    return { do: 'release', status: next, verdict, events: leftEvents(situation, next) };
  const due = [...needs, current].map(untilOf);
  const at = Math.min(...due, ...tasksOf<ConverterTask>(next).map(entryUntil), wishUntil(wish), graceUntil(situation));
  return Number.isFinite(at)
    ? { do: 'wait', until: Math.max(at, now), status: next, verdict, ...events }
    : { do: 'rest', status: next, verdict, ...events };
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

/** Suspended: no call at all; Ready stays as it was (design §4). */
function suspended(situation: Situation): LineStep {
  const { status, wish, resource } = situation;
  const ready = status.conditions.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown';
  const byProject = wish.want === 'suspended' && wish.by === 'project';
  const message = byProject ? `AgoraProject ${resource.spec.projectRef.name} is suspended` : 'spec.suspend is set';
  const verdict: Verdict = { ready, reason: 'Suspended', message, progress: 'Settled' };
  return { do: 'rest', status: concluded(situation, status, verdict), verdict };
}

/** `deletionPolicy: Orphan`: whatever runs goes on; its handles are told once more. */
function orphan(situation: Situation): LineStep {
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
      return nothing(completedVerdict(situation));
    case 'Stopped':
      return nothing(settled('Stopped', 'no converter runs, as declared'));
  }
}

/** MP-21: no converter has a planned end but that of an idle channel. */
const completedVerdict = ({ status, resource }: Situation): Verdict =>
  status.completedReason === 'IdleEnded'
    ? settled(
        'IdleEnded',
        `nobody was in its channel for ${resource.spec.idleTimeout} s, so that Agora destroyed the converter; edit the declaration to run it again`,
      )
    : settled('Completed', 'the converter came to its planned end');

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

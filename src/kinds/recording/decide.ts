import type { Verdict } from '../../core/conditions.ts';
import { setConditions } from '../../core/conditions.ts';
import { hasFinalizer, reconcileRequest } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import { classify } from '../../limits/resolution.ts';
import type { Context } from '../context.ts';
import { canBeLeft, isLeftBehind } from '../left-behind.ts';
import { acknowledge } from '../request-now.ts';
import { intentExpiresAt, mayLive, tasksOf } from '../task.ts';
import { wishOf } from '../wish.ts';
import { decideCurrent } from './decide-current.ts';
import { decideStopping } from './decide-stopping.ts';
import { admissionFor, wishedSlot } from './held.ts';
import type { Need } from './need.ts';
import type { RecordingObservation } from './observation.ts';
import type { RecordingResource, RecordingStep, Situation } from './situation.ts';
import { tidy } from './tidy.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/**
 * The brain of a web page recording: what the status and the latest observation call for now (design §5, WR-1 to WR-11).
 *
 *   Acquired ─start─► Starting ─sid─► Confirming ─4,5─► Running
 *       ▲ new handle     │                │                │ 404 for 90 s ─► Lost ─► (forgotten after 10 min)
 *       └────────────────┤                └──── not wanted ┴─► Stopping ─answered, ended, silent─► gone
 *                        └─ may live, no sid ─► Unknown ─endsAt─► gone
 */
export function decide(
  resource: RecordingResource,
  observation: RecordingObservation,
  context: Context,
  now: Instant,
): RecordingStep {
  const wish = wishOf(resource, context, now);
  const requested = reconcileRequest(resource);
  const asked = requested !== undefined && requested !== resource.status?.lastHandledReconcileAt;
  const before = acknowledge<RecordingStatus>(resource.status ?? EMPTY, requested);
  const status = tidy(
    { ...before, resolutionClass: classify(resource.spec.videoWidth, resource.spec.videoHeight) },
    context,
    now,
  );
  const situation: Situation = { resource, status, observation, context, wish, now, asked };

  if (wish.want === 'gone' && resource.spec.deletionPolicy === 'Orphan') return orphan(situation);
  if (wish.want === 'suspended') return suspended(situation);

  const stops = tasksOf<RecordingTask>(status).map((task) => decideStopping(situation, task));
  const current = decideCurrent(situation);
  const needs = [...stops, current];
  const call = needs.find((need) => need.do === 'call');
  if (call !== undefined)
    return { ...call, status: conclude(situation, call.status ?? current.status ?? status, current.verdict) };
  const next = conclude(situation, current.status ?? status, current.verdict);
  if (wish.want === 'gone' && isReleased(situation, next)) return { do: 'release', status: next };
  const until = Math.min(...needs.map(untilOf), ...tasksOf<RecordingTask>(next).map((task) => entryUntil(task, now)));
  return Number.isFinite(until) ? { do: 'wait', until, status: next } : { do: 'rest', status: next };
}

const EMPTY: RecordingStatus = { observedGeneration: -1, conditions: [] };

const untilOf = (need: Need): Instant => (need.do === 'wait' ? need.until : Number.POSITIVE_INFINITY);

/** When time alone changes what is known of an entry. */
function entryUntil(task: RecordingTask, now: Instant): Instant {
  if (task.intent !== undefined) return Math.max(now, intentExpiresAt(task.intent));
  if (task.phase === 'Unknown' && task.endsAt !== undefined) return Math.max(now + 1_000, Date.parse(task.endsAt));
  return Number.POSITIVE_INFINITY;
}

/** The status with everything that follows from its entries: admission, queue, conditions. */
function conclude(situation: Situation, status: RecordingStatus, verdict: Verdict): RecordingStatus {
  const { resource, wish, now, context } = situation;
  const wanted = wish.want === 'running' && verdict.progress !== 'Stalled';
  const appId = context.project?.appId;
  const keep = wanted && appId !== undefined ? wishedSlot(resource.spec, appId) : undefined;
  const { admission: _admission, queue, ...rest } = status;
  const admission = admissionFor(status, keep);
  const queued = verdict.reason === 'WaitingForSlot' ? queue : undefined;
  return {
    ...rest,
    ...(admission === undefined ? {} : { admission }),
    ...(queued === undefined ? {} : { queue: queued }),
    observedGeneration: resource.metadata.generation,
    conditions: setConditions(
      status.conditions,
      { ...verdict, further: { Admitted: admitted(verdict, admission !== undefined), ...verdict.further } },
      { generation: resource.metadata.generation, now },
    ),
  };
}

function admitted(
  verdict: Verdict,
  hasSlot: boolean,
): (Pick<Verdict, 'reason' | 'message'> & { status: 'True' | 'False' }) | undefined {
  if (hasSlot) return { status: 'True', reason: 'SlotHeld', message: 'a slot is held' };
  if (verdict.reason === 'WaitingForSlot') return { status: 'False', reason: 'SlotAwaited', message: verdict.message };
  return undefined;
}

/** Suspended: no call at all; Ready stays as it was (design §4). */
function suspended(situation: Situation): RecordingStep {
  const { status, wish, resource } = situation;
  const ready = status.conditions.find((condition) => condition.type === 'Ready')?.status ?? 'Unknown';
  const by =
    wish.want === 'suspended' && wish.by === 'project'
      ? `AgoraProject ${resource.spec.projectRef.name} is suspended`
      : 'spec.suspend is set';
  return {
    do: 'rest',
    status: conclude(situation, status, { ready, reason: 'Suspended', message: by, progress: 'Settled' }),
  };
}

/** `deletionPolicy: Orphan`: whatever runs goes on; its handles are told once more. */
function orphan(situation: Situation): RecordingStep {
  const live = tasksOf<RecordingTask>(situation.status).filter(mayLive);
  const handles = live.map((task) => `${task.cname}/${task.uid} sid ${task.sid ?? 'unknown'}`).join(', ');
  const note = `left running as deletionPolicy Orphan asks: ${handles}`;
  const events = live.length === 0 ? [] : [{ type: 'Normal', reason: 'TaskOrphaned', note } as const];
  return { do: 'release', status: situation.status, events };
}

/** Nothing may live, or the project lists what cannot be stopped (design §5.7). */
function isReleased(situation: Situation, status: RecordingStatus): boolean {
  const { resource, context, now } = situation;
  if (!hasFinalizer(resource)) return true;
  const live = tasksOf<RecordingTask>(status).filter(mayLive);
  if (live.length === 0) return true;
  const left = canBeLeft({ ...resource, status }, context.project?.credentials !== undefined, now);
  return live.every((task) => left.includes(task)) && isLeftBehind(resource, live, context.project?.resource.status);
}

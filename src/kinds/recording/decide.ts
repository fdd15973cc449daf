import type { Verdict } from '../../core/conditions.ts';
import { findCondition, setConditions } from '../../core/conditions.ts';
import { hasFinalizer, reconcileRequest } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import { classify } from '../../limits/resolution.ts';
import type { Context } from '../context.ts';
import type { UserEvent } from '../kind.ts';
import { abandonedAt, canBeLeft, isLeftBehind } from '../left-behind.ts';
import { acknowledge } from '../request-now.ts';
import { findTask, intentExpiresAt, mayLive, tasksOf } from '../task.ts';
import { type Wish, wishOf } from '../wish.ts';
import { currentOf } from './current.ts';
import { decideCurrent } from './decide-current.ts';
import { decideStopping } from './decide-stopping.ts';
import { gaveUp } from './give-up.ts';
import { admissionFor, wishedSlot } from './held.ts';
import type { Need } from './need.ts';
import type { RecordingObservation } from './observation.ts';
import { normal } from './outcome.ts';
import { pageView, withPageReady } from './page.ts';
import type { RecordingResource, RecordingStep, Situation } from './situation.ts';
import { overAtOf, tidy } from './tidy.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';
import { weigh } from './weigh.ts';

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
  const requested = reconcileRequest(resource);
  const asked = requested !== undefined && requested !== resource.status?.lastHandledReconcileAt;
  const before = acknowledge<RecordingStatus>(resource.status ?? EMPTY, requested);
  const resolutionClass = classify(resource.spec.videoWidth, resource.spec.videoHeight);
  const tidied = tidy({ ...(asked ? tryAnyPage(before) : before), resolutionClass }, { resource, context, now });
  const weighed = weigh(tidied, { resource, observation, context, now });
  const status = withPageReady(weighed.status, observation);
  // What has just ended may have completed what was wished for.
  const wish = wishOf({ ...resource, status }, context, now);
  const request = asked ? { request: requested } : {};
  const situation: Situation = { resource, status, observation, context, wish, now, ...request };

  if (wish.want === 'gone' && resource.spec.deletionPolicy === 'Orphan') return orphan(situation);
  if (wish.want === 'suspended') return { ...suspended(situation), ...eventsOf(weighed.events) };

  const stops = tasksOf<RecordingTask>(status).map((task) => decideStopping(situation, task));
  const current = decideCurrent(situation);
  const needs = [...stops, current];
  const call = needs.find((need) => need.do === 'call');
  // What the current entry's call would put into the status belongs to that call alone.
  const changed = call?.status ?? (current.do !== 'call' || current === call ? current.status : undefined) ?? status;
  const next = conclude(situation, owed(situation, changed), current.verdict, call);
  const pages = pageNews(weighed.status, status);
  const told = eventsOf([...weighed.events, ...pages, ...(call?.events ?? []), ...givenUp(resource.status, next)]);
  if (call !== undefined) return { ...call, status: next, ...told };
  if (wish.want === 'gone' && isReleased(situation, next)) return { do: 'release', status: next, ...told };
  const until = Math.min(
    ...needs.map(untilOf),
    wishUntil(wish),
    graceUntil(situation),
    pageView({ ...situation, status: next })?.until ?? Number.POSITIVE_INFINITY,
    weighed.until ?? Number.POSITIVE_INFINITY,
    ...entriesUntil(situation, next),
  );
  return Number.isFinite(until)
    ? { do: 'wait', until: Math.max(until, now), status: next, ...told }
    : { do: 'rest', status: next, ...told };
}

const EMPTY: RecordingStatus = { observedGeneration: -1, conditions: [] };

const eventsOf = (events: readonly UserEvent[]): { readonly events?: readonly UserEvent[] } =>
  events.length === 0 ? {} : { events };

/** A request tries a page again that was beyond Agora's capability (WR-11). */
function tryAnyPage(status: RecordingStatus): RecordingStatus {
  const { notCapable: _count, ...rest } = status;
  return rest;
}

/** A reconcile request is answered by a look at a task that lives; until that is made it stays open. */
function owed({ request, resource, wish }: Situation, status: RecordingStatus): RecordingStatus {
  if (request === undefined || wish.want !== 'running') return status;
  const task = currentOf(status);
  if (task?.phase !== 'Running' && task?.phase !== 'Confirming') return status;
  const { lastHandledReconcileAt: _handled, ...rest } = status;
  const handled = resource.status?.lastHandledReconcileAt;
  return handled === undefined ? rest : { ...rest, lastHandledReconcileAt: handled };
}

/** A Warning for each entry that this pass gave up (design §5.2). */
const givenUp = (before: RecordingStatus | undefined, next: RecordingStatus): readonly UserEvent[] =>
  tasksOf<RecordingTask>(next)
    .filter((task) => task.phase === 'Unknown')
    .filter((task) => findTask<RecordingTask>(before, task.attempt)?.phase !== 'Unknown')
    .map((task) => gaveUp(task, task.reason ?? 'its handle is not known'));

/** Told once an attempt. */
const pageNews = (before: RecordingStatus, after: RecordingStatus): readonly UserEvent[] =>
  before === after ? [] : [normal('PageReady', `the page of attempt ${currentOf(after)?.attempt} is ready`)];

const untilOf = (need: Need): Instant => (need.do === 'wait' ? need.until : Number.POSITIVE_INFINITY);

/** A window that begins or ends. */
const wishUntil = (wish: Wish): Instant =>
  'until' in wish && wish.until !== undefined ? wish.until : Number.POSITIVE_INFINITY;

/** From then on what cannot be stopped for want of credentials is left behind (design §5.7). */
function graceUntil({ resource, context, now }: Situation): Instant {
  const at = abandonedAt(resource, context);
  return at !== undefined && at > now ? at : Number.POSITIVE_INFINITY;
}

/** When time alone changes what is known of the entries. */
const entriesUntil = ({ context, now }: Situation, status: RecordingStatus): readonly Instant[] =>
  tasksOf<RecordingTask>(status).flatMap((task) => [
    overAtOf(task, context, now),
    ...(task.intent === undefined ? [] : [intentExpiresAt(task.intent)]),
  ]);

/**
 * The status with everything that follows from its entries: admission, queue, conditions. A step that asks for a slot
 * while it waits for one leaves queue and `Admitted` as they are: the answer of the ledger decides.
 */
function conclude(situation: Situation, status: RecordingStatus, verdict: Verdict, call?: Need): RecordingStatus {
  const { resource, wish, now, context } = situation;
  const wanted = wish.want === 'running' && verdict.progress !== 'Stalled';
  const appId = context.project?.appId;
  const keep = wanted && appId !== undefined ? wishedSlot(resource.spec, appId) : undefined;
  const { admission: _admission, queue, ...rest } = status;
  const admission = admissionFor(status, keep);
  const waited = findCondition(status.conditions, 'Ready')?.reason === 'WaitingForSlot';
  const asks = waited && call?.do === 'call' && call.claims !== undefined;
  const queued = asks || verdict.reason === 'WaitingForSlot' ? queue : undefined;
  const slot = asks ? {} : { Admitted: admitted(verdict, admission !== undefined) };
  return {
    ...rest,
    ...(admission === undefined ? {} : { admission }),
    ...(queued === undefined ? {} : { queue: queued }),
    observedGeneration: resource.metadata.generation,
    conditions: setConditions(
      status.conditions,
      { ...verdict, further: { ...slot, ...pageAlive({ ...situation, status }), ...verdict.further } },
      { generation: resource.metadata.generation, now },
    ),
  };
}

/** `PageAlive` of what the entries have become; it stays as it was where nothing was observed that would change it. */
function pageAlive(situation: Situation): Verdict['further'] {
  if (situation.wish.want === 'suspended') return {};
  const view = pageView(situation);
  if (view === undefined) return { PageAlive: undefined };
  return view.condition === undefined ? {} : { PageAlive: view.condition };
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
  const left = canBeLeft({ ...resource, status }, context, now);
  return live.every((task) => left.includes(task)) && isLeftBehind(resource, live, context.project?.resource.status);
}

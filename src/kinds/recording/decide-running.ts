import { rung } from '../../core/backoff.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { ClaimRequest, Slot } from '../../limits/slot.ts';
import { closedGate, settled, stalled, waiting } from '../gate.ts';
import { isRestored, retryAt, withTask } from '../task.ts';
import { type Change, changes, hashes, inputsHash, wishedValues } from './changes.ts';
import { claimsWith, refusedNeed } from './decide-attempt.ts';
import { decidePage, pageVerdict } from './decide-page.ts';
import { look } from './decide-stopping.ts';
import { plannedFrom } from './ended.ts';
import { sameSlot, slotOf, wishedSlot } from './held.ts';
import { resolveInputs } from './inputs.ts';
import type { CurrentNeed } from './need.ts';
import { type Look, lookOf } from './observation.ts';
import { unfitAddress } from './page-address.ts';
import { isRecovering, type Situation } from './situation.ts';
import { PAGE_LOAD_TIMEOUT } from './stop-code.ts';
import { stopCurrent } from './stop-current.ts';
import {
  ASK_AGAIN_MS,
  CONFIRM_LADDER,
  confirmWindowMs,
  FIRST_QUERY_MS,
  MISSING_LADDER,
  nextSteadyQuery,
  UNCERTAIN_LADDER,
} from './timing.ts';
import { toldLookAt } from './told-look.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** An entry with a handle that is wanted: confirm it, make it as declared, keep an eye on it. */
export function decideRunning(situation: Situation, task: RecordingTask): CurrentNeed {
  const recalled = recall(situation, task);
  if (recalled === undefined) return nextStep(situation, task);
  const status = withTask<RecordingTask, RecordingStatus>(situation.status, task.attempt, recalled);
  return { status, ...nextStep({ ...situation, status }, recalled) };
}

/** Only its handle came back: it was made from this very declaration, so it has what is declared. */
function recall({ resource, context, wish }: Situation, task: RecordingTask): RecordingTask | undefined {
  if (!isRestored(task) || task.generation !== resource.metadata.generation || wish.want !== 'running')
    return undefined;
  const resolved = resolveInputs(resource, context);
  return resolved.ok
    ? { ...task, applied: hashes(resource, wishedValues(resource, resolved.inputs, wish.onHold)) }
    : undefined;
}

function nextStep(situation: Situation, task: RecordingTask): CurrentNeed {
  if (notStarted(situation, task))
    return stopCurrent(situation, task, 'not started: no query answered status 4 or 5 in time');
  const lost = decidePage(situation, task);
  if (lost !== undefined) return lost;
  const edited = decideEdit(situation, task);
  if (edited !== undefined) return edited;
  return decideLook(situation, task, runningVerdict(situation, task));
}

/**
 * WR-7: the ladder counts answers; when the fourth has not said 4 or 5 the recording has not started. WR-10: with
 * `readyTimeout` the page may be reloaded once, so status 1 to 3 is progress until a look at the window's end says so too.
 */
function notStarted({ observation, resource }: Situation, task: RecordingTask): boolean {
  if (task.phase !== 'Confirming') return false;
  const seen = lookOf(observation, task.attempt);
  if (seen === undefined || seen.uncertain !== undefined || seen.answers <= CONFIRM_LADDER.length) return false;
  const loading = seen.status !== undefined && seen.status >= 1 && seen.status <= 3;
  return !loading || seen.sentAt >= windowEnd(task, resource.spec.readyTimeout);
}

const windowEnd = (task: RecordingTask, readyTimeout: number | undefined): Instant =>
  (instant(task.sidAt) ?? 0) + confirmWindowMs(readyTimeout ?? 0);

/** What the declaration changed: in place, or by a re-creation that claims another class or region first (MP-25's twin, B.6). */
function decideEdit(situation: Situation, task: RecordingTask): CurrentNeed | undefined {
  const { resource, context, wish, status, now } = situation;
  const watched = (verdict: CurrentNeed['verdict']): CurrentNeed => decideLook(situation, task, verdict);
  const resolved = resolveInputs(resource, context);
  // A Secret that is gone changes nothing about a task that runs.
  if (!resolved.ok || context.project === undefined || wish.want !== 'running') return undefined;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, wish.onHold));
  const changed = withDrift(situation, task, changes(task, wished));
  if (changed.length === 0) return undefined;
  const unfit = unfitAddress(resource.spec, resolved.inputs);
  if (unfit !== undefined) return watched(stalled('InvalidSpec', `${unfit}; the recording goes on as it was`));

  if (status.blocked !== undefined && status.blocked.inputs === inputsHash(resource, wished, context)) {
    return watched(stalled('ParameterRefused', `${status.blocked.message}; the recording goes on as it was`));
  }
  const recreate = changed.filter((change) => change.how === 'recreate');
  if (recreate.length > 0) return decideReplace(situation, task, recreate);
  if (task.phase !== 'Running' || task.missingSince !== undefined) return undefined;
  const due = situation.observation.update === undefined ? 0 : retryAt(situation.observation.update, UNCERTAIN_LADDER);
  const paths = changed.map((change) => change.path);
  const verdict = waiting('Updating', `updated in place: ${paths.join(', ')}`);
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  if (closed !== undefined)
    return closed.until === undefined ? { do: 'nothing', verdict } : { do: 'wait', until: closed.until, verdict };
  if (now < due) return sooner(watched(verdict), due);
  return updateCall(situation, task, { paths, wished, onHold: wish.onHold, verdict });
}

/** A query that saw another `onhold` than we set, after the last update: somebody else changed it; set it again. */
function withDrift(
  { observation, wish }: Situation,
  task: RecordingTask,
  changed: readonly Change[],
): readonly Change[] {
  const seen = lookOf(observation, task.attempt);
  if (seen?.onhold === undefined || wish.want !== 'running') return changed;
  if (seen.onhold === wish.onHold || seen.sentAt <= (observation.updatedAt ?? 0) || task.phase !== 'Running')
    return changed;
  return changed.some((change) => change.path === 'onhold') ? changed : [...changed, { path: 'onhold', how: 'update' }];
}

/**
 * Stop, then start. Another class or region is claimed first, in exchange for the slot that the stop frees (design §6):
 * while it is not to be had the recording goes on as it was.
 */
function decideReplace(situation: Situation, task: RecordingTask, changed: readonly Change[]): CurrentNeed {
  const { resource, context, observation, now, status } = situation;
  const reason = `changed: ${changed.map((change) => change.path).join(', ')}`;
  const slot = wishedSlot(resource.spec, context.project?.appId ?? task.appId);
  const stop = stopCurrent(situation, task, reason);
  const has = (status.admission ?? []).some((admitted) => sameSlot(admitted, slot));
  if (stop.do !== 'call' || has || sameSlot(slotOf(task), slot)) return stop;
  const refusal = observation.refusal?.at === now ? observation.refusal.refusal : undefined;
  if (refusal !== undefined)
    return sooner(decideLook(situation, task, refusedNeed(situation, refusal, slot).verdict), now + ASK_AGAIN_MS);
  const admission = [...(status.admission ?? []), { ...slot, since: timestamp(now) }];
  const withSlot = stop.status === undefined ? {} : { status: { ...stop.status, admission } };
  const action = stop.action.type === 'stop' ? { ...stop.action, admits: slot } : stop.action;
  return { ...stop, ...withSlot, action, claims: exchange(claimsWith(situation, slot), slotOf(task)) };
}

/** The claim without one unit of the slot that is given back. */
function exchange(request: ClaimRequest, freed: Slot): ClaimRequest {
  const { slots } = request.claims;
  const index = slots.findIndex((slot) => sameSlot(slot, freed));
  return { ...request, claims: { ...request.claims, slots: slots.filter((_, at) => at !== index) } };
}

function updateCall(
  situation: Situation,
  task: RecordingTask,
  change: {
    readonly paths: readonly string[];
    readonly wished: Readonly<Record<string, string>>;
    readonly onHold: boolean;
    readonly verdict: CurrentNeed['verdict'];
  },
): CurrentNeed {
  const { paths, wished, onHold, verdict } = change;
  if (task.resourceId === undefined || task.sid === undefined) return { do: 'nothing', verdict };
  const open = Object.fromEntries(paths.map((path) => [path, '']));
  const pending = Object.fromEntries(paths.map((path) => [path, wished[path] ?? '']));
  const updating: RecordingTask = { ...task, applied: { ...task.applied, ...open }, pending };
  return {
    do: 'call',
    action: {
      type: 'update',
      limit: 'recording',
      class: 'update',
      appId: task.appId,
      attempt: task.attempt,
      cname: task.cname,
      uid: task.uid,
      resourceId: task.resourceId,
      sid: task.sid,
      paths,
      onHold,
      was: task,
    },
    intent: { attempt: task.attempt, call: 'update' },
    status: withTask<RecordingTask, RecordingStatus>(situation.status, task.attempt, updating),
    verdict,
  };
}

/** The next query, and what is said meanwhile. */
function decideLook(situation: Situation, task: RecordingTask, verdict: CurrentNeed['verdict']): CurrentNeed {
  const { resource, context, now, request } = situation;
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  // Trouble of the API or the project is the project's state: a task keeps its conditions (design §5.3).
  if (closed !== undefined)
    return closed.until === undefined ? { do: 'nothing', verdict } : { do: 'wait', until: closed.until, verdict };
  if (task.resourceId === undefined || task.sid === undefined) return { do: 'nothing', verdict };
  const regular = request === undefined ? lookDueAt(situation, task) : now;
  const due = Math.min(regular, toldLookAt(situation, task) ?? regular);
  if (now < due) return { do: 'wait', until: due, verdict };
  const handle = { resourceId: task.resourceId, sid: task.sid };
  const why = request !== undefined ? { request } : now < regular ? { told: true as const } : {};
  return { ...look(task, handle, why), verdict };
}

/** The same need, but asked again at `at` where nothing is due before. */
function sooner(need: CurrentNeed, at: Instant): CurrentNeed {
  if (need.do === 'call') return need;
  return { ...need, do: 'wait', until: need.do === 'wait' ? Math.min(need.until, at) : at };
}

function lookDueAt({ observation, resource, now }: Situation, task: RecordingTask): Instant {
  const seen = lookOf(observation, task.attempt);
  if (seen?.uncertain !== undefined) return retryAt(seen.uncertain, UNCERTAIN_LADDER);
  if (task.phase === 'Confirming') return confirmDueAt(seen, task, resource.spec.readyTimeout);
  if (task.missingSince !== undefined && task.failures !== undefined) return retryAt(task.failures, MISSING_LADDER);
  if (seen?.status !== undefined && seen.answers > 0 && seen.answeredAt !== undefined)
    return seen.answeredAt + rung(UNCERTAIN_LADDER, seen.answers);
  return nextSteadyQuery(resource.metadata.uid, seen?.sentAt ?? Math.min(observation.knownSince, now));
}

/** WR-7's ladder; where its last rung repeats, the last look is the one at the end of WR-10's window. */
function confirmDueAt(seen: Look | undefined, task: RecordingTask, readyTimeout: number | undefined): Instant {
  if (seen === undefined || seen.answers === 0 || seen.answeredAt === undefined)
    return (instant(task.sidAt) ?? 0) + FIRST_QUERY_MS;
  const next = seen.answeredAt + rung(CONFIRM_LADDER, seen.answers);
  const end = windowEnd(task, readyTimeout);
  return seen.answers > CONFIRM_LADDER.length && seen.sentAt < end ? Math.min(next, end) : next;
}

function runningVerdict(situation: Situation, task: RecordingTask): CurrentNeed['verdict'] {
  const { wish } = situation;
  if (task.phase === 'Confirming') {
    return isRecovering(situation)
      ? waiting('Recovering', 'the re-created recording is being confirmed')
      : waiting('Confirming', `a query is to answer status 4 or 5${reloadedIn(task)}`);
  }
  if (task.missingSince !== undefined) {
    return {
      ready: 'Unknown',
      reason: 'MigrationSuspected',
      message: missingMessage(situation, task, task.missingSince),
      progress: 'Reconciling',
    };
  }
  return wish.want === 'running' && wish.onHold
    ? settled('OnHold', 'the page is open and nothing is written, as declared')
    : pageVerdict(situation, settled('Running', 'the recording runs as declared'));
}

/** B.10: what the planned end, or a notice of the failover, explains. */
function missingMessage({ resource }: Situation, task: RecordingTask, since: string): string {
  const { failover } = task;
  const { maxRecordingHour } = resource.spec;
  if (failover === undefined && (instant(since) ?? 0) >= plannedFrom(task, maxRecordingHour))
    return `Agora has not known the recording since ${since}, when its ${maxRecordingHour} h were over; it counts as ended when that has lasted for 90 s`;
  const suspected = `Agora has not known the recording since ${since}; it may be moving to another server (up to 90 s)`;
  if (failover === undefined) return suspected;
  return `Agora moved the recording to another server at ${failover.at} and has not known it since ${since}; it may be out of sight for up to 90 s, and its files go on with the prefix bak<n>_`;
}

/** WR-10: Agora's own detection reloads the page once, then gives it up. */
const reloadedIn = ({ reloaded }: RecordingTask): string =>
  reloaded?.reason === PAGE_LOAD_TIMEOUT
    ? `; the page did not call notifyReady in time and was loaded again at ${reloaded.at}`
    : '';

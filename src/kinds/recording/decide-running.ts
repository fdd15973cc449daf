import { type Instant, instant, timestamp } from '../../core/time.ts';
import { closedGate, settled, stalled, waiting } from '../gate.ts';
import { retryAt, withTask } from '../task.ts';
import { type Change, changes, hashes, inputsHash, wishedValues } from './changes.ts';
import { claimsWith, refusedNeed } from './decide-attempt.ts';
import { look } from './decide-stopping.ts';
import { sameSlot, slotOf, wishedSlot } from './held.ts';
import { resolveInputs } from './inputs.ts';
import type { CurrentNeed } from './need.ts';
import { isRecovering, type Situation } from './situation.ts';
import { stopCurrent } from './stop-current.ts';
import {
  CONFIRM_LADDER,
  confirmWindowMs,
  FIRST_QUERY_MS,
  MISSING_LADDER,
  nextSteadyQuery,
  UNCERTAIN_LADDER,
} from './timing.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';
import { unsupportedField } from './unsupported.ts';

/** An entry with a handle that is wanted: confirm it, make it as declared, keep an eye on it. */
export function decideRunning(situation: Situation, task: RecordingTask): CurrentNeed {
  if (notStarted(situation, task))
    return stopCurrent(situation, task, 'not started: no query answered status 4 or 5 in time');
  const edited = decideEdit(situation, task);
  if (edited !== undefined) return edited;
  return decideLook(situation, task, runningVerdict(situation, task));
}

/**
 * WR-7: the ladder counts answers; when the fourth has not said 4 or 5 the recording has not started. WR-10: with
 * `readyTimeout` the page may be reloaded once, so status 1 to 3 is progress until the window is over.
 */
function notStarted({ observation, resource, now }: Situation, task: RecordingTask): boolean {
  if (task.phase !== 'Confirming' || task.sidAt === undefined) return false;
  const seen = observation.look?.attempt === task.attempt ? observation.look : undefined;
  if (seen === undefined || seen.answers <= CONFIRM_LADDER.length) return false;
  const loading = seen.status !== undefined && seen.status >= 1 && seen.status <= 3;
  return !loading || now >= instant(task.sidAt) + confirmWindowMs(resource.spec.readyTimeout ?? 0);
}

/** What the declaration changed: in place, or by a re-creation that claims another class or region first (MP-25's twin, B.6). */
function decideEdit(situation: Situation, task: RecordingTask): CurrentNeed | undefined {
  const { resource, context, wish, status, now } = situation;
  const unsupported = unsupportedField(resource.spec);
  const watched = (verdict: CurrentNeed['verdict']): CurrentNeed => decideLook(situation, task, verdict);
  if (unsupported !== undefined)
    return watched(
      stalled('NotYetSupported', `${unsupported} is not supported yet; remove it; the recording goes on as it was`),
    );
  const resolved = resolveInputs(resource, context);
  // A Secret that is gone changes nothing about a task that runs.
  if (!resolved.ok || context.project === undefined || wish.want !== 'running') return undefined;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, wish.onHold));
  const changed = withDrift(situation, task, changes(task, wished));
  if (changed.length === 0) return undefined;

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
  if (now < due) return { do: 'wait', until: due, verdict };
  return updateCall(situation, task, { paths, wished, onHold: wish.onHold, verdict });
}

/** A query that saw another `onhold` than we set, after the last update: somebody else changed it; set it again. */
function withDrift(
  { observation, wish }: Situation,
  task: RecordingTask,
  changed: readonly Change[],
): readonly Change[] {
  const seen = observation.look;
  if (seen?.attempt !== task.attempt || seen.onhold === undefined || wish.want !== 'running') return changed;
  if (seen.onhold === wish.onHold || seen.sentAt <= (observation.updatedAt ?? 0) || task.phase !== 'Running')
    return changed;
  return changed.some((change) => change.path === 'onhold') ? changed : [...changed, { path: 'onhold', how: 'update' }];
}

function decideReplace(situation: Situation, task: RecordingTask, changed: readonly Change[]): CurrentNeed {
  const { resource, context, observation, now, status } = situation;
  const reason = `changed: ${changed.map((change) => change.path).join(', ')}`;
  const slot = wishedSlot(resource.spec, context.project?.appId ?? task.appId);
  const stop = stopCurrent(situation, task, reason);
  const has = (status.admission ?? []).some((admitted) => sameSlot(admitted, slot));
  if (stop.do !== 'call' || has || sameSlot(slotOf(task), slot)) return stop;
  // Another class or region: its slot is claimed before the old task is stopped (design §6). Where both at once fit no
  // account at all, the old one gives way first.
  const refusal = observation.refusal?.at === now ? observation.refusal.refusal : undefined;
  if (refusal?.why === 'excluded') return stop;
  if (refusal !== undefined) return decideLook(situation, task, refusedNeed(refusal, slot).verdict);
  const admission = [...(status.admission ?? []), { ...slot, since: timestamp(now) }];
  const withSlot = stop.status === undefined ? {} : { status: { ...stop.status, admission } };
  return { ...stop, ...withSlot, claims: claimsWith(situation, slot) };
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
    },
    intent: { attempt: task.attempt, call: 'update' },
    status: withTask<RecordingTask, RecordingStatus>(situation.status, task.attempt, updating),
    verdict,
  };
}

/** The next query, and what is said meanwhile. */
function decideLook(situation: Situation, task: RecordingTask, verdict: CurrentNeed['verdict']): CurrentNeed {
  const { resource, context, now, asked } = situation;
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  // Trouble of the API or the project is the project's state: a task keeps its conditions (design §5.3).
  if (closed !== undefined)
    return closed.until === undefined ? { do: 'nothing', verdict } : { do: 'wait', until: closed.until, verdict };
  if (task.resourceId === undefined || task.sid === undefined) return { do: 'nothing', verdict };
  const due = asked ? now : lookDueAt(situation, task);
  if (now < due) return { do: 'wait', until: due, verdict };
  return { ...look(task, { resourceId: task.resourceId, sid: task.sid }), verdict };
}

function lookDueAt({ observation, resource, now }: Situation, task: RecordingTask): Instant {
  const seen = observation.look?.attempt === task.attempt ? observation.look : undefined;
  if (seen?.uncertain !== undefined) return retryAt(seen.uncertain, UNCERTAIN_LADDER);
  if (task.missingSince !== undefined && task.failures !== undefined) return retryAt(task.failures, MISSING_LADDER);
  if (task.phase === 'Confirming') return confirmDueAt(seen, task);
  if (seen?.status !== undefined && seen.status !== 4 && seen.status !== 5)
    return seen.sentAt + (CONFIRM_LADDER[0] ?? 0);
  return nextSteadyQuery(resource.metadata.uid, seen?.sentAt ?? Math.min(observation.knownSince, now));
}

function confirmDueAt(seen: Situation['observation']['look'], task: RecordingTask): Instant {
  if (seen === undefined || seen.answers === 0 || seen.answeredAt === undefined)
    return instant(task.sidAt ?? timestamp(0)) + FIRST_QUERY_MS;
  return seen.answeredAt + (CONFIRM_LADDER[Math.min(seen.answers, CONFIRM_LADDER.length) - 1] ?? 0);
}

function runningVerdict(situation: Situation, task: RecordingTask): CurrentNeed['verdict'] {
  const { wish } = situation;
  if (task.phase === 'Confirming') {
    return isRecovering(situation)
      ? waiting('Recovering', 'the re-created recording is being confirmed')
      : waiting('Confirming', 'a query is to answer status 4 or 5');
  }
  if (task.missingSince !== undefined) {
    return {
      ready: 'Unknown',
      reason: 'MigrationSuspected',
      message: `Agora has not known the recording since ${task.missingSince}; it may be moving to another server (up to 90 s)`,
      progress: 'Reconciling',
    };
  }
  return wish.want === 'running' && wish.onHold
    ? settled('OnHold', 'the page is open and nothing is written, as declared')
    : settled('Running', 'the recording runs as declared');
}

import { type Instant, instant, seconds, timestamp } from '../../core/time.ts';
import { closedGate, waiting } from '../gate.ts';
import { callDeadlineMs, retryAt, withTask } from '../task.ts';
import { ACQUIRED, hashes, wishedValues } from './changes.ts';
import { claimsWith, decideAttempt, refusedNeed } from './decide-attempt.ts';
import { giveUp } from './give-up.ts';
import { usableHandle } from './handles.ts';
import { sameSlot, slotOf, wishedSlot } from './held.ts';
import { resolveInputs } from './inputs.ts';
import type { CurrentNeed } from './need.ts';
import { withToken } from './page-address.ts';
import { isRecovering, type Situation } from './situation.ts';
import { ACQUIRE_LADDER, HANDLE_USABLE_MS, latestEnd, startLadder } from './timing.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/**
 * WR-6 and design §5.2: an attempt that has no `sid` yet. Repeats the same request while its ladder and its handle last;
 * then probes with a new handle for the same uid if it may run; then gives the uid up.
 */
export function decideStarting(situation: Situation, task: RecordingTask): CurrentNeed {
  return { status: situation.status, ...nextStep(situation, task) };
}

function nextStep(situation: Situation, task: RecordingTask): CurrentNeed {
  const { resource, context, now } = situation;
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  if (closed !== undefined)
    return {
      ...(closed.until === undefined ? { do: 'nothing' } : { do: 'wait', until: closed.until }),
      verdict: closed.verdict,
    };
  if (isExhausted(task)) return exhausted(situation, task);
  const due = startDueAt(task);
  if (now < due) return { do: 'wait', until: due, verdict: retryVerdict(situation, task, due) };
  const handle = usableHandle(task, now);
  // Too old: acquire anew for the same uid; if a start may have had an effect this is the probe.
  return handle === undefined ? acquireAgain(situation, task) : startCall(situation, task, handle);
}

/** One counter an attempt, the ladder of the kind seen last; network failures without effect count towards nothing. */
const isExhausted = (task: RecordingTask): boolean =>
  task.failures !== undefined && task.failures.count > startLadder(task.failures.kind).length;

function startDueAt(task: RecordingTask): Instant {
  if (task.failures === undefined) return 0;
  return retryAt(task.failures, startLadder(task.failures.kind));
}

function startCall(
  situation: Situation,
  task: RecordingTask,
  handle: { readonly resourceId: string; readonly acquiredAt: string },
): CurrentNeed {
  const { resource, status, observation, context, now, wish } = situation;
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok && wish.want === 'gone') {
    // Without its secrets nobody can find out any more what became of it: it is left to its end (design §5.7).
    return {
      do: 'nothing',
      status: giveUp(status, task, resolved.missing),
      verdict: waiting('Stopping', resolved.missing),
    };
  }
  if (!resolved.ok) return { do: 'nothing', verdict: waiting('DependencyNotReady', resolved.missing) };
  // Nothing may begin once the wish is gone; a repeat only finds out what became of the first.
  const onHold = wish.want === 'running' ? wish.onHold : true;
  const first = task.phase === 'Acquired';
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, onHold));
  const sent = first ? wished : { ...wished, ...asAcquired(task) };
  // An edit may have changed the frame while the outcome was open: what this try would begin needs its own slot.
  const slot =
    wish.want === 'running' ? { ...wishedSlot(resource.spec, task.appId), region: task.region } : slotOf(task);
  const hasSlot = (status.admission ?? []).some((held) => sameSlot(held, slot));
  const refusal = observation.refusal?.at === now ? observation.refusal.refusal : undefined;
  if (!hasSlot && refusal !== undefined) return withoutSlot(situation, task, refusedNeed(situation, refusal, slot));
  const notAfter = instant(handle.acquiredAt) + HANDLE_USABLE_MS;
  const endsAt = latestEnd(notAfter + callDeadlineMs('start'), resource.spec.maxRecordingHour);
  const begun: RecordingTask = {
    ...task,
    phase: 'Starting',
    applied: task.mayHaveEffect === true ? openWhereDifferent(task.applied, sent) : sent,
    pending: sent,
    startedAt: task.startedAt ?? timestamp(now),
    endsAt: timestamp(Math.max(endsAt, task.mayHaveEffect === true ? (instant(task.endsAt) ?? 0) : 0)),
  };
  const starting = withToken(begun, resource, context);
  const { blocked: _blocked, ...clean } = withTask<RecordingTask, RecordingStatus>(status, task.attempt, starting);
  const admission = [...(status.admission ?? []), ...(hasSlot ? [] : [{ ...slot, since: timestamp(now) }])];
  return {
    do: 'call',
    action: {
      type: 'start',
      limit: 'recording',
      class: 'start',
      appId: task.appId,
      attempt: task.attempt,
      cname: task.cname,
      uid: task.uid,
      resourceId: handle.resourceId,
      onHold,
      resolutionClass: slot.class,
      notAfter,
      slot,
      was: task,
      ...(starting.pageTokenExpiresAt === undefined
        ? {}
        : { pageTokenExpiresAt: instant(starting.pageTokenExpiresAt) }),
      ...(hasSlot ? {} : { admits: slot }),
    },
    intent: { attempt: task.attempt, call: 'start' },
    // Granted before the acquire, unless something came between: then it is asked for again.
    ...(hasSlot ? {} : { claims: claimsWith(situation, slot) }),
    status: { ...clean, admission },
    verdict: startingVerdict(situation),
  };
}

/** What acquire said holds, whatever the declaration has become since. */
const asAcquired = (task: RecordingTask): RecordingTask['applied'] =>
  Object.fromEntries(
    ACQUIRED.flatMap((path) => {
      const hash = task.applied[path];
      return hash === undefined ? [] : [[path, hash]];
    }),
  );

/** No slot for a start: a handle that was never used waits; an open outcome waits too, unless no room will ever be. */
function withoutSlot(situation: Situation, task: RecordingTask, refused: CurrentNeed): CurrentNeed {
  if (task.mayHaveEffect !== true || refused.verdict.progress !== 'Stalled') return refused;
  return {
    ...refused,
    status: giveUp(situation.status, task, 'its slot was edited away before its start was answered'),
  };
}

/** An earlier try may have begun it with other values: what differs is known only when this try turns out to be the one. */
function openWhereDifferent(
  sent: RecordingTask['applied'],
  wished: RecordingTask['applied'],
): RecordingTask['applied'] {
  return Object.fromEntries(Object.entries(wished).map(([path, hash]) => [path, sent[path] === hash ? hash : '']));
}

/** A deleted resource asks so often for the room that its probe needs. */
const PROBES_WITHOUT_ROOM = 3;

function acquireAgain(situation: Situation, task: RecordingTask): CurrentNeed {
  const { resource, observation, now, status, wish } = situation;
  const { acquire } = observation;
  if (wish.want === 'gone' && acquire?.kind === 'quota' && (acquire.network ?? 0) >= PROBES_WITHOUT_ROOM) {
    // Most likely it takes the very slot that the probe would need: a deletion does not wait for it (design §5.7).
    const why = 'there is no room to find out whether it runs';
    return { do: 'nothing', status: giveUp(status, task, why), verdict: waiting('Stopping', why) };
  }
  if (observation.acquire !== undefined && situation.request === undefined) {
    const due = retryAt(observation.acquire, ACQUIRE_LADDER);
    if (now < due) return { do: 'wait', until: due, verdict: retryVerdict(situation, task, due) };
  }
  return {
    do: 'call',
    action: {
      type: 'acquire',
      limit: 'recording',
      class: 'acquire',
      appId: task.appId,
      attempt: task.attempt,
      cname: task.cname,
      uid: task.uid,
      member: task.member,
      region: task.region,
      generation: resource.metadata.generation,
      resolutionClass: task.class,
      ...(task.mayHaveEffect === true ? { probe: true } : {}),
    },
    verdict: startingVerdict(situation),
  };
}

/** The ladder is used up: another uid where nothing can live, a probe where something may, at last `Unknown`. */
function exhausted(situation: Situation, task: RecordingTask): CurrentNeed {
  const { status, wish } = situation;
  if (task.mayHaveEffect !== true) {
    const next = { ...situation, status: withTask<RecordingTask, RecordingStatus>(status, task.attempt, undefined) };
    if (wish.want === 'running') return decideAttempt(next);
    return { do: 'nothing', status: next.status, verdict: waiting('Stopping', 'the start never had an effect') };
  }
  if (task.step !== 'Probe') return acquireAgain(situation, task);
  const next = { ...situation, status: giveUp(status, task, 'no answer told whether it runs') };
  if (wish.want === 'running') return decideAttempt(next);
  return {
    do: 'nothing',
    status: next.status,
    verdict: waiting('Stopping', 'a recording may live and cannot be stopped'),
  };
}

const startingVerdict = (situation: Situation): CurrentNeed['verdict'] => {
  if (situation.wish.want !== 'running')
    return waiting('Stopping', 'a start whose outcome is open is resolved, then stopped');
  return isRecovering(situation)
    ? waiting('Recovering', 'the recording is being re-created')
    : waiting('Starting', 'the recording is being started');
};

function retryVerdict(situation: Situation, task: RecordingTask, due: Instant): CurrentNeed['verdict'] {
  const failed = situation.status.lastError;
  const what = failed === undefined ? 'the start' : `${failed.call}: ${failed.message}`;
  const at = timestamp(Math.ceil(due / seconds(1)) * seconds(1));
  if (situation.wish.want !== 'running')
    return waiting('Stopping', `a start whose outcome is open is looked up at ${at}`);
  return waiting(
    isRecovering(situation) ? 'Recovering' : 'WaitingForRetry',
    `attempt ${task.attempt} is tried again at ${at} after ${what}`,
  );
}

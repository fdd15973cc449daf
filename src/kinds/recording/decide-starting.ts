import { type Instant, instant, seconds, timestamp } from '../../core/time.ts';
import { countStart } from '../budget.ts';
import { closedGate, waiting } from '../gate.ts';
import { callDeadlineMs, retryAt, withTask } from '../task.ts';
import { hashes, wishedValues } from './changes.ts';
import { decideAttempt } from './decide-attempt.ts';
import { giveUp } from './give-up.ts';
import { sameSlot, slotOf } from './held.ts';
import { resolveInputs } from './inputs.ts';
import type { CurrentNeed } from './need.ts';
import { isRecovering, type Situation } from './situation.ts';
import { ACQUIRE_LADDER, HANDLE_USABLE_MS, LOAD_LADDER, latestEnd, startLadder } from './timing.ts';
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
  if (
    task.resourceId === undefined ||
    task.acquiredAt === undefined ||
    now >= instant(task.acquiredAt) + HANDLE_USABLE_MS
  ) {
    // A handle that is too old: acquire anew for the same uid; if a start may have had an effect this is the probe.
    return acquireAgain(situation, task);
  }
  return startCall(situation, task, { resourceId: task.resourceId, acquiredAt: task.acquiredAt });
}

/** One counter an attempt, the ladder of the kind seen last; network failures without effect count towards nothing. */
const isExhausted = (task: RecordingTask): boolean =>
  task.failures !== undefined && !isLoad(task) && task.failures.count > startLadder(task.failures.kind).length;

const isLoad = (task: RecordingTask): boolean => task.failures?.kind === 'load';

function startDueAt(task: RecordingTask): Instant {
  if (task.failures === undefined) return 0;
  return retryAt(task.failures, isLoad(task) ? LOAD_LADDER : startLadder(task.failures.kind));
}

function startCall(
  situation: Situation,
  task: RecordingTask,
  handle: { readonly resourceId: string; readonly acquiredAt: string },
): CurrentNeed {
  const { resource, status, context, now, wish } = situation;
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok && wish.want === 'gone') {
    // Without its secrets nobody can find out any more what became of it: it is left to its end (design §5.7).
    return { do: 'nothing', status: giveUp(status, task, resolved.missing), verdict: waiting('Stopping', resolved.missing) };
  }
  if (!resolved.ok) return { do: 'nothing', verdict: waiting('DependencyNotReady', resolved.missing) };
  // Nothing may begin once the wish is gone; a repeat only finds out what became of the first.
  const onHold = wish.want === 'running' ? wish.onHold : true;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, onHold));
  const first = task.phase === 'Acquired';
  const notAfter = instant(handle.acquiredAt) + HANDLE_USABLE_MS;
  const starting: RecordingTask = {
    ...task,
    phase: 'Starting',
    applied: task.mayHaveEffect === true ? openWhereDifferent(task.applied, wished) : wished,
    pending: wished,
    startedAt: task.startedAt ?? timestamp(now),
    endsAt: timestamp(latestEnd(notAfter + callDeadlineMs('start'), resource.spec.maxRecordingHour)),
  };
  const slot = slotOf(task);
  const admission = (status.admission ?? []).some((held) => sameSlot(held, slot))
    ? (status.admission ?? [])
    : [...(status.admission ?? []), { ...slot, since: timestamp(now) }];
  const next: RecordingStatus = {
    ...withTask<RecordingTask, RecordingStatus>(status, task.attempt, starting),
    admission,
  };
  const { blocked: _blocked, ...clean } = next;
  const restarts = countStart(
    status.restarts,
    {
      generation: resource.metadata.generation,
      cause: startCause(status, task),
    },
    now,
  );
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
      notAfter,
      slot,
    },
    intent: { attempt: task.attempt, call: 'start' },
    status: first ? { ...clean, restarts } : next,
    verdict: startingVerdict(situation),
  };
}

/** An earlier try may have begun it with other values: what differs is known only when this try turns out to be the one. */
function openWhereDifferent(
  sent: RecordingTask['applied'],
  wished: RecordingTask['applied'],
): RecordingTask['applied'] {
  return Object.fromEntries(Object.entries(wished).map(([path, hash]) => [path, sent[path] === hash ? hash : '']));
}

/** The first attempt ever, one that an edit asked for, or a re-creation (design §5.5). */
function startCause(status: RecordingStatus, task: RecordingTask): 'first' | 'edit' | 'recreate' {
  if (status.restarts === undefined) return 'first';
  return status.restarts.generation === task.generation ? 'recreate' : 'edit';
}

function acquireAgain(situation: Situation, task: RecordingTask): CurrentNeed {
  const { observation, now } = situation;
  if (observation.acquire !== undefined) {
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

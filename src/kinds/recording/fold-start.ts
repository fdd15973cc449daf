import type { Failure } from '../../agora/answer.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { Slot } from '../../limits/slot.ts';
import { countStart, uncountStart } from '../budget.ts';
import { isLoad, isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { addTask, countFailure } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { hashes, inputsHash, wishedValues } from './changes.ts';
import { gaveUp, giveUp } from './give-up.ts';
import { keepHandle, provenHandle } from './handles.ts';
import { admissionFor, sameSlot, slotOf } from './held.ts';
import { resolveInputs } from './inputs.ts';
import { withoutLook } from './observation.ts';
import { cleared, type FoldedRecording, isValue, normal, type Outcome, replace, warning, without } from './outcome.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

type Acquire = Extract<RecordingAction, { type: 'acquire' }>;
type Start = Extract<RecordingAction, { type: 'start' }>;

/** A handle, or a failure without effect (acquire never begins anything). */
export function foldAcquire(outcome: Outcome<Acquire>): FoldedRecording {
  const { status, task, action, answer, now } = outcome;
  const observation =
    action.askedSince === undefined ? outcome.observation : { ...outcome.observation, askedSince: action.askedSince };
  if (isValue(answer, 'acquire')) {
    const { acquire: _failures, ...seenNow } = observation;
    const handle = { resourceId: answer.value.resourceId, acquiredAt: timestamp(answer.sentAt) };
    const next =
      task === undefined
        ? newAttempt(status, action, handle, now)
        : replace(status, { ...reacquired(keepHandle(task), action), ...handle });
    return { status: next, observation: seenNow };
  }
  if (answer.ok) return { status, observation };
  const failed = { ...status, lastError: lastErrorOf('acquire', answer, now) };
  if (isProjects(answer)) return { status: failed, observation };
  if (isRefusal(answer)) {
    if (task !== undefined) return refused(outcome, failed, task, answer.message);
    return { status: blocked({ ...outcome, status: failed }, answer.message), observation };
  }
  // The ledger makes it wait, in its place; where an entry still needs the slot it only backs off.
  if (answer.kind === 'quota' && task === undefined && action.slot !== undefined && !isUsed(status, action.slot))
    return withoutAdmission(failed, action.slot, observation);
  const how = isNetwork(answer) || isLoad(answer) || answer.kind === 'quota' ? 'network' : 'counted';
  const acquire = countFailure(observation.acquire, answer.kind, now, how);
  return { status: failed, observation: { ...observation, acquire } };
}

/** Refused for what it says: it would be refused again. */
const isRefusal = (answer: Failure): boolean =>
  ['parameter', 'no-route', 'not-found', 'name-taken'].includes(answer.kind);

/** The attempt begins with its handle, and counts from here on (design §5.5). */
function newAttempt(
  status: RecordingStatus,
  action: Acquire,
  handle: { readonly resourceId: string; readonly acquiredAt: string },
  now: Instant,
): RecordingStatus {
  const entry: RecordingTask = {
    attempt: action.attempt,
    member: action.member,
    phase: 'Acquired',
    appId: action.appId,
    region: action.region,
    class: action.resolutionClass,
    generation: action.generation,
    cname: action.cname,
    uid: action.uid,
    applied: {},
    ...handle,
  };
  const { restarts } = status;
  const cause = restarts === undefined ? 'first' : restarts.generation === action.generation ? 'recreate' : 'edit';
  const added = addTask<RecordingTask, RecordingStatus>(status, entry);
  if (added === undefined) return status;
  return { ...added, restarts: countStart(restarts, { generation: action.generation, cause }, now) };
}

const isUsed = (status: RecordingStatus, slot: Slot): boolean =>
  (admissionFor(status, undefined) ?? []).some((held) => sameSlot(held, slot));

/**
 * 406: the slot that the resource held is given back, else it would be granted again at once; its place in the queue is
 * that of its admission. One that an earlier entry still uses is kept.
 */
function withoutAdmission(
  status: RecordingStatus,
  slot: Slot,
  observation: FoldedRecording['observation'],
): FoldedRecording {
  const { admission = [], ...rest } = status;
  const own = admission.find((held) => sameSlot(held, slot));
  if (own === undefined || isUsed(status, slot)) return { status, observation };
  const others = admission.filter((held) => held !== own);
  const askedSince = Math.min(observation.askedSince ?? Number.POSITIVE_INFINITY, instant(own.since));
  return {
    status: { ...rest, ...(others.length === 0 ? {} : { admission: others }) },
    observation: { ...observation, askedSince },
  };
}

/** A probe begins a ladder of its own, once. */
function reacquired(task: RecordingTask, action: Acquire): RecordingTask {
  if (action.probe !== true || task.step === 'Probe') return cleared(task);
  const { failures: _failures, ...rest } = cleared(task);
  return { ...rest, step: 'Probe' };
}

/** WR-6: started only when the answer carries a `sid`; everything else goes on its ladder or ends the attempt. */
export function foldStart(outcome: Outcome<Start>): FoldedRecording {
  const { status, observation, answer, now } = outcome;
  if (outcome.task === undefined) return { status, observation };
  const task = cleared(outcome.task);
  if (isValue(answer, 'start')) {
    const started = { ...task, class: outcome.action.resolutionClass, applied: task.pending ?? task.applied };
    return begun(outcome, started, answer.value.sid);
  }
  if (answer.ok) return { status: replace(status, task), observation };
  if (answer.sid !== undefined) return begun(outcome, task, answer.sid);

  const failed = { ...status, lastError: lastErrorOf('start', answer, now) };
  const maybe = answer.effect === 'maybe' || task.mayHaveEffect === true;
  const marked: RecordingTask = maybe ? { ...task, mayHaveEffect: true } : task;
  const counted = (kind: string, how: 'counted' | 'network'): FoldedRecording => ({
    status: replace(failed, { ...marked, failures: countFailure(sameSort(marked, how), kind, now, how) }),
    observation,
  });
  const givenUp = (why: string): FoldedRecording => ({
    status: giveUp(failed, task, why),
    observation,
    events: [gaveUp(task, why)],
  });
  if (isProjects(answer)) return { status: replace(failed, marked), observation };
  if (answer.kind === 'quota' && !maybe) return backToQueue(outcome, failed, task);
  if (isNetwork(answer) || isLoad(answer) || answer.kind === 'quota') return counted(answer.kind, 'network');
  switch (answer.kind) {
    case 'already-started':
      return givenUp('it was already started, and the answer did not say with which sid');
    case 'task-conflict':
      return givenUp('another recording of the same cname and uid lives');
    case 'handle-expired': {
      const failures = countFailure(sameSort(marked, 'counted'), answer.kind, now, 'counted');
      return { status: replace(failed, { ...stale(marked), failures }), observation };
    }
    case 'handle-invalid':
      return invalidHandle(outcome, failed, marked);
    case 'parameter':
    case 'no-route':
    case 'not-found':
    case 'name-taken':
      return refused(outcome, failed, marked, answer.message);
    case 'jitter':
      return counted('jitter', 'counted');
    default:
      return counted(answer.kind, 'counted');
  }
}

/** One counter an attempt (WR-6); what the network and load did before an answer came is over with it. */
function sameSort(task: RecordingTask, how: 'counted' | 'network'): RecordingTask['failures'] {
  if (task.failures === undefined || how === 'network') return task.failures;
  const { network: _network, ...counted } = task.failures;
  return counted;
}

/**
 * 406 to a start: it never began and its slot is not to be had, whatever the table says. It waits in the queue again, in
 * the place of its first request (design §6); a start that Agora had no room for is none of the budget's.
 */
function backToQueue(outcome: Outcome<Start>, status: RecordingStatus, task: RecordingTask): FoldedRecording {
  const { restarts, ...rest } = without(status, task);
  const uncounted = { ...rest, ...(restarts === undefined ? {} : { restarts: uncountStart(restarts) }) };
  return withoutAdmission(uncounted, slotOf(task), outcome.observation);
}

function begun(outcome: Outcome<Start>, task: RecordingTask, sid: string): FoldedRecording {
  const { status, observation, answer } = outcome;
  const { failures: _failures, step: _step, mayHaveEffect: _maybe, pending: _pending, ...rest } = provenHandle(task);
  const confirming: RecordingTask = { ...rest, phase: 'Confirming', sid, sidAt: timestamp(outcome.now) };
  const { lastError: _lastError, ...clean } = status;
  const { askedSince: _askedSince, ...fresh } = withoutLook(observation, task.attempt);
  return {
    status: replace(clean, confirming),
    observation: fresh,
    events: [normal('TaskStarted', `attempt ${task.attempt} was started: sid ${sid}, request ${answer.ids.requestId}`)],
  };
}

/** The handle is spent; the next step acquires anew for the same uid. */
function stale(task: RecordingTask): RecordingTask {
  const { resourceId: _resourceId, acquiredAt: _acquiredAt, ...rest } = keepHandle(task);
  return rest;
}

/** 432, 1001, 1003: acquire anew once, then stop with a condition (WR-6). */
function invalidHandle(outcome: Outcome<Start>, status: RecordingStatus, task: RecordingTask): FoldedRecording {
  const { observation, answer } = outcome;
  const message = answer.ok ? '' : answer.message;
  if (task.step === 'Reacquired' || task.step === 'Probe') return refused(outcome, status, task, message);
  return {
    status: replace(status, { ...stale(task), step: task.mayHaveEffect === true ? 'Probe' : 'Reacquired' }),
    observation,
  };
}

/** WR-6, 40x: stops with a condition that names the parameter. An earlier try that may live is not forgotten. */
function refused(
  outcome: Outcome<Acquire> | Outcome<Start>,
  status: RecordingStatus,
  task: RecordingTask,
  message: string,
): FoldedRecording {
  const next = blocked({ ...outcome, status }, message);
  const events = [warning('StartFailed', `Agora refused the ${outcome.action.type}: ${message}`)];
  if (task.mayHaveEffect === true)
    return {
      status: giveUp(next, task, message),
      observation: outcome.observation,
      events: [...events, gaveUp(task, message)],
    };
  return { status: without(next, task), observation: outcome.observation, events };
}

/** Not tried again until the declaration, a secret it names or its project changes, or on request. */
export function blocked(
  outcome: Pick<Outcome, 'resource' | 'status' | 'context' | 'now' | 'action'>,
  message: string,
): RecordingStatus {
  const { resource, status, context, now } = outcome;
  const resolved = resolveInputs(resource, context);
  const onHold = resource.spec.desiredState === 'OnHold';
  const wished = resolved.ok ? hashes(resource, wishedValues(resource, resolved.inputs, onHold)) : {};
  return {
    ...status,
    blocked: {
      reason: 'ParameterRefused',
      message: `Agora refused ${outcome.action.type}: ${message}`,
      inputs: inputsHash(resource, wished, context),
      at: timestamp(now),
    },
  };
}

import { timestamp } from '../../core/time.ts';
import { isLoad, isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { addTask, countFailure } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { hashes, inputsHash, wishedValues } from './changes.ts';
import { giveUp } from './give-up.ts';
import { wishedSlot } from './held.ts';
import { resolveInputs } from './inputs.ts';
import { cleared, type FoldedRecording, isValue, normal, type Outcome, replace, warning, without } from './outcome.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

type Acquire = Extract<RecordingAction, { type: 'acquire' }>;
type Start = Extract<RecordingAction, { type: 'start' }>;

/** A handle, or a failure without effect (acquire never begins anything). */
export function foldAcquire(outcome: Outcome<Acquire>): FoldedRecording {
  const { status, task, action, answer, resource, now } = outcome;
  const observation =
    action.askedSince === undefined ? outcome.observation : { ...outcome.observation, askedSince: action.askedSince };
  if (isValue(answer, 'acquire')) {
    const { acquire: _failures, ...seenNow } = observation;
    const handle = { resourceId: answer.value.resourceId, acquiredAt: timestamp(answer.sentAt) };
    if (task !== undefined)
      return { status: replace(status, { ...reacquired(task, action), ...handle }), observation: seenNow };
    const entry: RecordingTask = {
      attempt: action.attempt,
      member: action.member,
      phase: 'Acquired',
      appId: action.appId,
      region: action.region,
      class: wishedSlot(resource.spec, action.appId).class,
      generation: resource.metadata.generation,
      cname: action.cname,
      uid: action.uid,
      applied: {},
      ...handle,
    };
    return { status: addTask<RecordingTask, RecordingStatus>(status, entry) ?? status, observation: seenNow };
  }
  if (answer.ok) return { status, observation };
  const lastError = lastErrorOf('acquire', answer, now);
  if (isProjects(answer)) return { status: { ...status, lastError }, observation };
  if (answer.kind === 'parameter') return { status: { ...blocked(outcome, answer.message), lastError }, observation };
  // Without an entry the ledger makes it wait; an entry keeps its slot and only backs off.
  if (answer.kind === 'quota' && task === undefined) return { status: { ...status, lastError }, observation };
  const load = isLoad(answer) || answer.kind === 'quota';
  const acquire = countFailure(
    observation.acquire,
    load ? 'load' : answer.kind,
    now,
    isNetwork(answer) ? 'network' : 'counted',
  );
  return { status: { ...status, lastError }, observation: { ...observation, acquire } };
}

/** A probe begins a ladder of its own. */
function reacquired(task: RecordingTask, action: Acquire): RecordingTask {
  if (action.probe !== true) return cleared(task);
  const { failures: _failures, ...rest } = cleared(task);
  return { ...rest, step: 'Probe' };
}

/** WR-6: started only when the answer carries a `sid`; everything else goes on its ladder or ends the attempt. */
export function foldStart(outcome: Outcome<Start>): FoldedRecording {
  const { status, observation, answer, now } = outcome;
  if (outcome.task === undefined) return { status, observation };
  const task = cleared(outcome.task);
  if (isValue(answer, 'start')) return begun(outcome, { ...task, applied: task.pending ?? task.applied }, answer.value.sid);
  if (answer.ok) return { status: replace(status, task), observation };
  if (answer.sid !== undefined) return begun(outcome, task, answer.sid);

  const failed = { ...status, lastError: lastErrorOf('start', answer, now) };
  const maybe = answer.effect === 'maybe' || task.mayHaveEffect === true;
  const marked: RecordingTask = maybe ? { ...task, mayHaveEffect: true } : task;
  const counted = (kind: string, how: 'counted' | 'network'): FoldedRecording => ({
    status: replace(failed, { ...marked, failures: countFailure(sameSort(marked, how), kind, now, how) }),
    observation,
  });
  if (isProjects(answer)) return { status: replace(failed, marked), observation };
  if (isNetwork(answer)) return counted(answer.kind, 'network');
  if (isLoad(answer) || answer.kind === 'quota') return counted('load', 'counted');
  switch (answer.kind) {
    case 'already-started':
      return unknown(failed, task, 'it was already started, and the answer did not say with which sid', outcome);
    case 'task-conflict':
      return unknown(failed, task, 'another recording of the same cname and uid lives', outcome);
    case 'handle-expired':
      return { status: replace(failed, stale(marked)), observation };
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

/** One counter an attempt (WR-6), but what load and the network do is no failure of the start. */
function sameSort(task: RecordingTask, how: 'counted' | 'network'): RecordingTask['failures'] {
  if (task.failures === undefined) return undefined;
  if (task.failures.kind === 'load') return undefined;
  if (how === 'network') return task.failures;
  const { network: _network, ...counted } = task.failures;
  return counted;
}

function begun(outcome: Outcome<Start>, task: RecordingTask, sid: string): FoldedRecording {
  const { status, observation, answer } = outcome;
  const { failures: _failures, step: _step, mayHaveEffect: _maybe, pending: _pending, ...rest } = task;
  const confirming: RecordingTask = { ...rest, phase: 'Confirming', sid, sidAt: timestamp(outcome.now) };
  const { lastError: _lastError, ...clean } = status;
  const { look: _look, askedSince: _askedSince, ...fresh } = observation;
  return {
    status: replace(clean, confirming),
    observation: fresh,
    events: [normal('TaskStarted', `attempt ${task.attempt} was started: sid ${sid}, request ${answer.ids.requestId}`)],
  };
}

function unknown(status: RecordingStatus, task: RecordingTask, why: string, outcome: Outcome<Start>): FoldedRecording {
  const note = `attempt ${task.attempt} (${task.cname}/${task.uid}) may run without a handle until ${task.endsAt ?? 'it ends'} and be billed: ${why}`;
  return {
    status: giveUp(status, task, why),
    observation: outcome.observation,
    events: [warning('StartOutcomeUnknown', note)],
  };
}

/** The handle is spent; the next step acquires anew for the same uid. */
function stale(task: RecordingTask): RecordingTask {
  const { resourceId: _resourceId, acquiredAt: _acquiredAt, failures: _failures, ...rest } = task;
  return task.mayHaveEffect === true ? { ...rest, step: 'Probe' } : rest;
}

/** 432, 1001, 1003: acquire anew once, then stop with a condition (WR-6). */
function invalidHandle(outcome: Outcome<Start>, status: RecordingStatus, task: RecordingTask): FoldedRecording {
  const { observation, answer } = outcome;
  const message = answer.ok ? '' : answer.message;
  if (task.step === 'Reacquired' || task.step === 'Probe') return refused(outcome, status, task, message);
  const { step: _step, ...rest } = stale(task);
  return {
    status: replace(status, { ...rest, step: task.mayHaveEffect === true ? 'Probe' : 'Reacquired' }),
    observation,
  };
}

/** WR-6, 40x: stops with a condition that names the parameter. An earlier try that may live is not forgotten. */
function refused(
  outcome: Outcome<Start>,
  status: RecordingStatus,
  task: RecordingTask,
  message: string,
): FoldedRecording {
  const next = blocked({ ...outcome, status }, message);
  const events = [warning('StartFailed', `Agora refused the start: ${message}`)];
  if (task.mayHaveEffect === true)
    return { status: giveUp(next, task, message), observation: outcome.observation, events };
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

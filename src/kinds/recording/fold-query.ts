import type { Failure } from '../../agora/answer.ts';
import { timestamp } from '../../core/time.ts';
import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { acknowledge } from '../request-now.ts';
import { countFailure, tasksOf } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { ended, isSilentEnough } from './ended.ts';
import { giveUp } from './give-up.ts';
import { nextHandle, provenHandle } from './handles.ts';
import { type Look, lookOf, type RecordingObservation, withLook } from './observation.ts';
import {
  type FoldedRecording,
  isValue,
  missed,
  normal,
  type Outcome,
  replace,
  seen,
  warning,
  without,
} from './outcome.ts';
import { pageReloads } from './page-seen.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

type Query = Extract<RecordingAction, { type: 'query' }>;

const STOP_REQUESTED = 6;
const ENDED = [7, 8, 20];

/** What a query shows: alive, ended, out of sight, or nothing (WR-7, WR-11 as far as a query shows it, design §5.1). */
export function foldQuery(given: Outcome<Query>): FoldedRecording {
  const outcome = { ...given, status: acknowledge<RecordingStatus>(given.status, given.action.request) };
  const { status, task, observation, action, answer, now } = outcome;
  if (task === undefined) return { status, observation };
  const before = lookOf(observation, action.attempt);
  const looked = (look: Look): RecordingObservation => withLook(observation, look, tasksOf(status));
  const base: Look = {
    attempt: action.attempt,
    sentAt: answer.sentAt,
    answers: before?.answers ?? 0,
    ...(before?.answeredAt === undefined ? {} : { answeredAt: before.answeredAt }),
  };
  // WR-7's ladder counts the looks that are due by it, not those that a notice called for.
  const counts = action.told === true ? base : { answers: base.answers + 1, answeredAt: now };
  if (isValue(answer, 'query')) {
    const { status: state, onhold, publishStatus } = answer.value;
    const running = state === 4 || state === 5;
    const look: Look = {
      ...base,
      ...counts,
      status: state,
      ...(running ? { answers: 0, answeredAt: now } : {}),
      ...(onhold === undefined ? {} : { onhold }),
      ...(publishStatus === undefined ? {} : { publishStatus }),
    };
    return showed(outcome, provenHandle(task), state, looked(look));
  }
  if (answer.ok) return { status, observation };
  if (answer.kind === 'not-found') {
    const missing = missed(task, answer, now);
    return silent(outcome, nextHandle(missing, 'not-found') ?? missing, looked({ ...base, ...counts }));
  }
  if (answer.kind === 'stopping') {
    // Code 501 to a query: it is leaving. What it becomes is seen by the next looks.
    return {
      status,
      observation: looked({ ...base, ...counts, status: STOP_REQUESTED }),
    };
  }
  if (answer.kind === 'handle-invalid' && task.otherResourceIds !== undefined)
    return wrongHandle(outcome, task, answer);
  // Nothing is known by it: 5xx, no answer, 429, and what the project has to put right (design §5.3).
  const how = isNetwork(answer) ? 'network' : 'counted';
  const uncertain = isProjects(answer) ? before?.uncertain : countFailure(before?.uncertain, answer.kind, now, how);
  const kept = before?.status === undefined ? {} : { status: before.status };
  const look: Look = { ...base, ...kept, ...(uncertain === undefined ? {} : { uncertain }) };
  const strange =
    answer.kind === 'parameter' ||
    answer.kind === 'no-route' ||
    answer.kind === 'handle-invalid' ||
    answer.kind === 'handle-expired';
  return {
    status: strange ? { ...status, lastError: lastErrorOf('query', answer, now) } : status,
    observation: looked(look),
  };
}

function showed(
  outcome: Outcome<Query>,
  task: RecordingTask,
  state: number,
  observation: RecordingObservation,
): FoldedRecording {
  const { status, now, task: given } = outcome;
  if (ENDED.includes(state)) {
    const events = [warning('TaskEnded', `attempt ${task.attempt} ended (status ${state})`)];
    if (task.phase === 'Stopping' || task.phase === 'Lost') return { status: without(status, task), observation };
    return { status: ended(outcome, task, 'known'), observation, events };
  }
  if (task.phase === 'Lost') {
    // Seen again after it was concluded gone: it is stopped, a newer attempt took its place (design §5.1).
    // `lostAt` stays: it tells that its slot may be its successor's by now.
    const stopping: RecordingTask = {
      ...seen(task),
      phase: 'Stopping',
      reason: 'seen again after it was given up',
      stoppingSince: timestamp(now),
    };
    return {
      status: replace(status, stopping),
      observation,
      events: [warning('TaskReturned', `attempt ${task.attempt} is seen again and is stopped`)],
    };
  }
  const alive = task.missingSince === undefined ? task : seen(task);
  // Where it went its page has to load anew (WR-9).
  const observed = alive === task ? observation : pageReloads(observation, task.attempt, now);
  if (task.phase === 'Confirming' && (state === 4 || state === 5)) {
    const { failures: _failures, ...rest } = alive;
    const running: RecordingTask = { ...rest, phase: 'Running', runningSince: timestamp(now) };
    return {
      status: { ...replace(status, running), lastRanAt: timestamp(now) },
      observation: observed,
      events: [normal('StartConfirmed', `attempt ${task.attempt} runs (status ${state})`)],
    };
  }
  return { status: alive === given ? status : replace(status, alive), observation: observed };
}

/** The `sid` came by a notice, and its resource ID is looked for among those that its start was sent with. */
function wrongHandle(outcome: Outcome<Query>, task: RecordingTask, answer: Failure): FoldedRecording {
  const { status, observation, now } = outcome;
  const failed = { ...status, lastError: lastErrorOf('query', answer, now) };
  const next = nextHandle(task, 'wrong');
  if (next !== undefined) return { status: replace(failed, next), observation };
  return {
    status: giveUp(failed, task, 'none of its resource IDs belongs to the sid that a notice named'),
    observation,
  };
}

/** §5.1, silence: every look 404 for 90 s, at least four, the last after the window. */
function silent(outcome: Outcome<Query>, task: RecordingTask, observation: RecordingObservation): FoldedRecording {
  const { status, answer } = outcome;
  if (task.phase === 'Lost') return { status, observation };
  if (!isSilentEnough(task, answer.sentAt)) return { status: replace(status, task), observation };
  const note = `attempt ${task.attempt} is taken for gone: ${task.missingLooks} looks since ${task.missingSince} answered 404`;
  return { status: ended(outcome, task, 'silence'), observation, events: [warning('TaskLost', note)] };
}

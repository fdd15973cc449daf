import { type Instant, instant, timestamp } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import type { Context } from '../context.ts';
import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { countFailure, tasksOf } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { changes, hashes, wishedValues } from './changes.ts';
import { resolveInputs } from './inputs.ts';
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
import type { RecordingResource } from './situation.ts';
import { MIGRATION_LOOKS, MIGRATION_MS, PLANNED_END_TOLERANCE_MS } from './timing.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

type Query = Extract<RecordingAction, { type: 'query' }>;

const STOP_REQUESTED = 6;
const ENDED = [7, 8, 20];

/** What a query shows: alive, ended, out of sight, or nothing (WR-7, WR-11 as far as a query shows it, design §5.1). */
export function foldQuery(outcome: Outcome<Query>): FoldedRecording {
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
  if (isValue(answer, 'query')) {
    const { status: state, onhold, publishStatus } = answer.value;
    const running = state === 4 || state === 5;
    const look: Look = {
      ...base,
      status: state,
      answers: running ? 0 : base.answers + 1,
      answeredAt: now,
      ...(onhold === undefined ? {} : { onhold }),
      ...(publishStatus === undefined ? {} : { publishStatus }),
    };
    return showed(outcome, task, state, looked(look));
  }
  if (answer.ok) return { status, observation };
  if (answer.kind === 'not-found') {
    const look: Look = { ...base, answers: base.answers + 1, answeredAt: now };
    return silent(outcome, missed(task, answer, now), looked(look));
  }
  if (answer.kind === 'stopping') {
    // Code 501 to a query: it is leaving. What it becomes is seen by the next looks.
    return {
      status,
      observation: looked({ ...base, status: STOP_REQUESTED, answeredAt: now, answers: base.answers + 1 }),
    };
  }
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
  const { status, now } = outcome;
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
  if (task.phase === 'Confirming' && (state === 4 || state === 5)) {
    const { failures: _failures, ...rest } = alive;
    const running: RecordingTask = { ...rest, phase: 'Running', runningSince: timestamp(now) };
    return {
      status: { ...replace(status, running), lastRanAt: timestamp(now) },
      observation,
      events: [normal('StartConfirmed', `attempt ${task.attempt} runs (status ${state})`)],
    };
  }
  return { status: alive === task ? status : replace(status, alive), observation };
}

/** §5.1, silence: every look 404 for 90 s, at least four, the last after the window. */
function silent(outcome: Outcome<Query>, task: RecordingTask, observation: RecordingObservation): FoldedRecording {
  const { status, answer } = outcome;
  if (task.phase === 'Lost') return { status, observation };
  if (!isSilentEnough(task, answer.sentAt)) return { status: replace(status, task), observation };
  const note = `attempt ${task.attempt} is taken for gone: ${task.missingLooks} looks since ${task.missingSince} answered 404`;
  return { status: ended(outcome, task, 'silence'), observation, events: [warning('TaskLost', note)] };
}

export const isSilentEnough = (task: RecordingTask, sentAt: Instant): boolean =>
  (task.missingLooks ?? 0) >= MIGRATION_LOOKS &&
  sentAt >= instant(task.missingSince ?? timestamp(sentAt)) + MIGRATION_MS;

/**
 * The task is gone though nobody stopped it. `OnFailure` takes a planned end for the completion of its generation,
 * `Never` every end; `Always` re-creates (WR-11, design §5.7).
 */
export function ended(
  outcome: Pick<Outcome, 'status' | 'resource' | 'context' | 'now'>,
  task: RecordingTask,
  how: 'known' | 'silence',
): RecordingStatus {
  const { status, resource, context, now } = outcome;
  const gone = how === 'known' ? without(status, task) : replace(status, lost(task, now));
  const next = afterEnd(gone, task, now);
  const restarts =
    next.restarts === undefined
      ? {}
      : { restarts: { ...next.restarts, lastReason: how === 'known' ? 'the task ended' : 'the task was lost' } };
  const completed =
    task.runningSince === undefined
      ? undefined
      : completion(resource.spec.restartPolicy, isPlanned(task, resource.spec.maxRecordingHour, endedBy(task, now)));
  if (completed === undefined) return { ...next, ...restarts };
  return {
    ...next,
    ...restarts,
    completedGeneration: generationOf(resource, task, context),
    completedReason: completed,
  };
}

/** What silence concludes happened before the first look that missed it. */
const endedBy = (task: RecordingTask, now: Instant): Instant => instant(task.missingSince) ?? now;

/** An edit that the task took in place, or that does not concern it, is served by it; one that re-creates is not. */
function generationOf(resource: RecordingResource, task: RecordingTask, context: Context): number {
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok) return task.generation;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, resource.spec.desiredState === 'OnHold'));
  const isServed = changes(task, wished).every((change) => change.how === 'update');
  return isServed ? resource.metadata.generation : task.generation;
}

function completion(policy: 'Always' | 'OnFailure' | 'Never', planned: boolean): 'Completed' | 'TaskEnded' | undefined {
  if (policy === 'Always') return undefined;
  if (planned) return 'Completed';
  return policy === 'Never' ? 'TaskEnded' : undefined;
}

const isPlanned = (task: RecordingTask, maxRecordingHour: number, at: Instant): boolean =>
  task.startedAt !== undefined &&
  at >= instant(task.startedAt) + maxRecordingHour * 3_600_000 - PLANNED_END_TOLERANCE_MS;

export function lost(task: RecordingTask, now: Instant): RecordingTask {
  const { failures: _failures, stoppingSince: _stopping, intent: _intent, ...rest } = task;
  return { ...rest, phase: 'Lost', lostAt: timestamp(now) };
}

import { timestamp } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import { isLoad, isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { countFailure } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { isSilentEnough, lost } from './ended.ts';
import { giveUp } from './give-up.ts';
import { nextHandle, provenHandle } from './handles.ts';
import {
  cleared,
  type FoldedRecording,
  isValue,
  missed,
  normal,
  type Outcome,
  replace,
  warning,
  without,
} from './outcome.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

type Stop = Extract<RecordingAction, { type: 'stop' }>;
const LISTED_FILES = 20;

/** A stop is a success only by its own answer; a 404 is a look, 49 says that it is leaving (design §5.1). */
export function foldStop(outcome: Outcome<Stop>): FoldedRecording {
  const { status, observation, answer, now } = outcome;
  if (outcome.task === undefined) return { status, observation };
  const task = cleared(outcome.task);
  if (isValue(answer, 'stop') || (!answer.ok && answer.kind === 'no-data'))
    return { ...stopped(outcome, task), observation };
  if (answer.ok) return { status: replace(status, task), observation };

  const answered: RecordingTask = { ...task, stopAnswered: true };
  if (answer.kind === 'not-found') {
    const silent = nextHandle(missed(answered, answer, now), 'not-found') ?? answered;
    if (!isSilentEnough(silent, answer.sentAt)) return { status: replace(status, silent), observation };
    const note = `attempt ${task.attempt} is taken for gone: ${silent.missingLooks} stops since ${silent.missingSince} answered 404`;
    return {
      status: afterEnd(replace(status, lost(silent, now)), task, now),
      observation,
      events: [normal('TaskStopped', note)],
    };
  }
  const failed: RecordingStatus = { ...status, lastError: lastErrorOf('stop', answer, now) };
  if (answer.kind === 'stopping') {
    const { missingSince: _since, missingLooks: _looks, failures: _failures, ...alive } = provenHandle(answered);
    return {
      status: replace(status, {
        ...alive,
        failures: countFailure(restart(task, 'stopping'), 'stopping', now, 'counted'),
      }),
      observation,
    };
  }
  if (isProjects(answer)) return { status: replace(failed, task), observation };
  const another = answer.kind === 'handle-invalid' ? nextHandle(task, 'wrong') : undefined;
  if (another !== undefined) return { status: replace(status, another), observation };
  if (
    answer.kind === 'parameter' ||
    answer.kind === 'handle-expired' ||
    answer.kind === 'handle-invalid' ||
    answer.kind === 'no-route'
  ) {
    // Its handle is no longer taken: nobody can stop it; it ends by itself (design §5.7).
    const note = `attempt ${task.attempt} (sid ${task.sid ?? 'unknown'}) cannot be stopped and is billed until ${task.endsAt ?? 'it ends'}: ${answer.message}`;
    return {
      status: giveUp(failed, answered, `it cannot be stopped: ${answer.message}`),
      observation,
      events: [warning('StopFailed', note)],
    };
  }
  const how = isNetwork(answer) || isLoad(answer) ? 'network' : 'counted';
  // WR-7: an answer, whatever it says. A gateway that turns the call away by load answers nothing.
  const heard = answer.status !== undefined && !isLoad(answer) ? answered : task;
  return {
    status: replace(failed, { ...heard, failures: countFailure(restart(task, answer.kind), answer.kind, now, how) }),
    observation,
  };
}

/** A failure of another sort begins its own ladder. */
const restart = (task: RecordingTask, kind: string): RecordingTask['failures'] =>
  task.failures?.kind === kind ? task.failures : undefined;

function stopped(outcome: Outcome<Stop>, task: RecordingTask): Pick<FoldedRecording, 'status' | 'events'> {
  const { status, answer, now } = outcome;
  const value = isValue(answer, 'stop') ? answer.value : undefined;
  const lastRecording: RecordingStatus['lastRecording'] = {
    sid: task.sid ?? '',
    files: (value?.files ?? []).slice(0, LISTED_FILES),
    endedAt: timestamp(now),
    ...(value?.uploadingStatus === undefined ? {} : { uploadingStatus: value.uploadingStatus }),
  };
  const { lastError: _lastError, ...rest } = status;
  return {
    status: { ...afterEnd(without(rest, task), task, now), lastRecording },
    events: [
      normal(
        'TaskStopped',
        `attempt ${task.attempt} (sid ${task.sid ?? 'unknown'}) was stopped: ${task.reason ?? 'not wanted'}`,
      ),
    ],
  };
}

import type { AgoraAnswer, AgoraValue, Failure } from '../../agora/answer.ts';
import { type Instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { Folded, UserEvent } from '../kind.ts';
import type { RecordingAction } from './action.ts';
import type { RecordingObservation } from './observation.ts';
import type { RecordingResource } from './situation.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

export type FoldedRecording = Folded<RecordingStatus, RecordingObservation>;

/** One answer and everything it is weighed against. */
export interface Outcome<Action extends RecordingAction = RecordingAction> {
  readonly resource: RecordingResource;
  readonly status: RecordingStatus;
  readonly task: RecordingTask | undefined;
  readonly observation: RecordingObservation;
  readonly action: Action;
  readonly answer: AgoraAnswer;
  readonly context: Context;
  readonly now: Instant;
}

export function replace(status: RecordingStatus, task: RecordingTask): RecordingStatus {
  return { ...status, tasks: (status.tasks ?? []).map((entry) => (entry.attempt === task.attempt ? task : entry)) };
}

export const without = (status: RecordingStatus, task: RecordingTask): RecordingStatus => ({
  ...status,
  tasks: (status.tasks ?? []).filter((entry) => entry.attempt !== task.attempt),
});

export function cleared(task: RecordingTask): RecordingTask {
  const { intent: _intent, ...rest } = task;
  return rest;
}

/** A look that answered 404: the first one in a row starts the window (design §5.1). */
export function missed(task: RecordingTask, failure: Failure, now: Instant): RecordingTask {
  const missingLooks = (task.missingLooks ?? 0) + 1;
  const missingSince = task.missingSince ?? timestamp(failure.sentAt);
  return {
    ...task,
    missingSince,
    missingLooks,
    failures: { kind: 'missing', count: missingLooks, since: missingSince, lastAt: timestamp(now) },
  };
}

/** A sign of life ends the silence. */
export function seen(task: RecordingTask): RecordingTask {
  const { missingSince: _since, missingLooks: _looks, failures: _failures, ...rest } = task;
  return rest;
}

export const isValue = <Call extends AgoraValue['call']>(
  answer: AgoraAnswer,
  call: Call,
): answer is Extract<AgoraAnswer, { ok: true }> & { value: Extract<AgoraValue, { call: Call }> } =>
  answer.ok && answer.value.call === call;

export const normal = (reason: string, note: string): UserEvent => ({ type: 'Normal', reason, note });
export const warning = (reason: string, note: string): UserEvent => ({ type: 'Warning', reason, note });

import type { AgoraAnswer, AgoraValue, Failure } from '../../agora/answer.ts';
import { type Instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { Folded, UserEvent } from '../kind.ts';
import type { ConverterAction } from './action.ts';
import type { ConverterObservation, Look } from './observation.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

export type FoldedConverter = Folded<ConverterStatus, ConverterObservation>;

/** An answer, and what it is an answer about. */
export interface Outcome<Action extends ConverterAction = ConverterAction> {
  readonly resource: ConverterResource;
  readonly status: ConverterStatus;
  readonly observation: ConverterObservation;
  /** Without the intent of the call, which is answered. */
  readonly task: ConverterTask;
  readonly action: Action;
  readonly answer: AgoraAnswer;
  readonly context: Context;
  readonly now: Instant;
}

export const isValue = <Call extends AgoraValue['call']>(
  answer: AgoraAnswer,
  call: Call,
): answer is Extract<AgoraAnswer, { ok: true }> & { value: Extract<AgoraValue, { call: Call }> } =>
  answer.ok && answer.value.call === call;

/** A look that answered 404: the first one in a row begins the window (design §5.1). */
export function missed(task: ConverterTask, failure: Failure, now: Instant): ConverterTask {
  const missingLooks = (task.missingLooks ?? 0) + 1;
  const missingSince = task.missingSince ?? timestamp(failure.sentAt);
  return {
    ...task,
    missingSince,
    missingLooks,
    failures: { kind: 'not-found', count: missingLooks, since: missingSince, lastAt: timestamp(now) },
  };
}

/** What the latest Get of an entry told, kept in the volatile memory. */
export function withLook(observation: ConverterObservation, attempt: number, look: Look): ConverterObservation {
  return { ...observation, looks: { ...observation.looks, [attempt]: look } };
}

export const normal = (reason: string, note: string): UserEvent => ({ type: 'Normal', reason, note });
export const warning = (reason: string, note: string): UserEvent => ({ type: 'Warning', reason, note });

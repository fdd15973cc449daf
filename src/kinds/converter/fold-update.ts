import type { Failure } from '../../agora/answer.ts';
import { type Instant, timestamp } from '../../core/time.ts';
import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { countFailure } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { block } from './blocked.ts';
import { epochSeconds, isEpoch } from './decide-update.ts';
import { classOf, desiredOf } from './desired.ts';
import { type FoldedConverter, isValue, missed, type Outcome, warning } from './outcome.ts';
import { replaced } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

type Update = Extract<ConverterAction, { type: 'update' }>;

/**
 * MP-24: 2xx with an `updateTs` that moved applies what was sent. One that did not move was too low a number: the paths
 * stay open and go out again once, numbered by the time. A lost answer leaves them open too.
 */
export function foldUpdate(outcome: Outcome<Update>): FoldedConverter {
  const { status, action, answer, now, resource } = outcome;
  const { pending, ...task } = outcome.task;
  const sentAt = answer.sentAt;
  const { update: _failures, ...rest } = outcome.observation;
  const observation = { ...rest, updatedAt: Math.max(sentAt, now) };
  if (isValue(answer, 'updateConverter')) {
    const { updateTs } = answer.value;
    const stuck = updateTs !== undefined && task.updateTs !== undefined && updateTs <= task.updateTs;
    if (stuck && !isEpoch(action.sequence)) {
      const jumped = { ...task, sequence: jump(action.sequence, now) };
      return { status: replaced(status, task.attempt, jumped), observation };
    }
    const applied = { ...task.applied, ...pending };
    const updated: ConverterTask = {
      ...task,
      applied,
      class: classOf(resource.spec),
      ...(updateTs === undefined ? {} : { updateTs }),
    };
    return { status: replaced(status, task.attempt, updated), observation };
  }
  if (answer.ok) return { status: replaced(status, task.attempt, task), observation };
  return refused({ ...outcome, task, observation }, answer);
}

/** The next number is this one's successor: the time in whole seconds, or beyond where that is not more. */
const jump = (sequence: number, now: Instant): number => Math.max(sequence, epochSeconds(now) - 1);

function refused(outcome: Outcome<Update>, failure: Failure): FoldedConverter {
  const { resource, context, status, task, observation, now } = outcome;
  const failed: ConverterStatus = replaced(
    { ...status, lastError: lastErrorOf('update', failure, now) },
    task.attempt,
    task,
  );
  if (isProjects(failure)) return { status: failed, observation };
  if (failure.kind === 'not-found') {
    const count = (task.failures?.count ?? 0) + 1;
    const struck = missed(task, failure, now);
    const failures = {
      kind: failure.kind,
      count,
      since: task.failures?.since ?? timestamp(failure.sentAt),
      lastAt: timestamp(now),
    };
    return { status: replaced(failed, task.attempt, { ...struck, failures }), observation };
  }
  if (failure.kind === 'parameter' || failure.kind === 'no-route' || failure.kind === 'name-taken') {
    const wished = desiredOf(resource, context);
    const message = `Agora refused update: ${failure.message}`;
    const what = { reason: 'ParameterRefused', message, inputs: wished.ok ? wished.desired.inputs : '' } as const;
    return { status: block(failed, what, now), observation, events: [warning('UpdateFailed', message)] };
  }
  const how = isNetwork(failure) ? 'network' : 'counted';
  const update = countFailure(outcome.observation.update, failure.kind, now, how);
  return { status: failed, observation: { ...observation, update } };
}

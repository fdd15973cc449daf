import type { Failure } from '../../agora/answer.ts';
import { type Instant, timestamp } from '../../core/time.ts';
import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import type { UserEvent } from '../kind.ts';
import { countFailure, tasksOf } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { block } from './blocked.ts';
import { desiredOf } from './desired.ts';
import { type FoldedConverter, isValue, normal, type Outcome, warning } from './outcome.ts';
import { counted, isUnanswered, lost, remembered, replaced, retired } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

type Create = Extract<ConverterAction, { type: 'create' }>;

/** MP-26: an id, a refusal, or an outcome that has to be looked up by name. */
export function foldCreate(outcome: Outcome<Create>): FoldedConverter {
  const { status, observation, task, answer, now } = outcome;
  if (isValue(answer, 'create')) {
    const { failures: _failures, mayHaveEffect: _maybe, createRequestIds: _ids, ...rest } = task;
    const { id, updateTs, state } = answer.value;
    const created: ConverterTask = {
      ...rest,
      phase: state === 'running' ? 'Running' : 'Confirming',
      converterId: id,
      ...(updateTs === undefined ? {} : { updateTs }),
      ...(state === 'running' ? { runningSince: timestamp(now) } : {}),
    };
    const { lastError: _lastError, ...clean } = nameFound(status, task, now);
    const note = `attempt ${task.attempt} was created: ${task.name}, id ${id}, request ${answer.ids.requestId}`;
    // The first update comes a second later than this, so that it moves `updateTs` (MP-24).
    const seen = { ...observation, updatedAt: now };
    const events = [normal('TaskCreated', note), ...otherArea(outcome)];
    return { status: replaced(clean, task.attempt, created), observation: seen, events };
  }
  if (answer.ok) return { status: replaced(status, task.attempt, task), observation };
  return refused(outcome, answer);
}

/** Agora gave the name away, so that no earlier create of it lives that was never answered (MP-18). */
function nameFound(status: ConverterStatus, { attempt, name, appId }: ConverterTask, now: Instant): ConverterStatus {
  const others = tasksOf<ConverterTask>(status).filter(
    (other) => other.attempt !== attempt && other.name === name && other.appId === appId && isUnanswered(other),
  );
  return others.reduce((next, other) => replaced(next, other.attempt, lost(other, now)), status);
}

/** MP-15: the region is best that of the CDN's origin. */
function otherArea({ resource }: Outcome<Create>): readonly UserEvent[] {
  const { cdnArea, region } = resource.spec;
  if (cdnArea === undefined || cdnArea === region) return [];
  return [
    warning(
      'CdnAreaDiffers',
      `spec.region is ${region}, but the CDN’s origin is in ${cdnArea}; the same area is faster`,
    ),
  ];
}

function refused(outcome: Outcome<Create>, failure: Failure): FoldedConverter {
  const { status, observation, now } = outcome;
  const failed: ConverterStatus = { ...status, lastError: lastErrorOf('create', failure, now) };
  const open = failure.effect === 'maybe' ? remembered(outcome.task, failure.ids.requestId) : outcome.task;
  const maybe = failure.effect === 'maybe' || outcome.task.mayHaveEffect === true;
  const task: ConverterTask = maybe ? { ...open, mayHaveEffect: true } : open;
  const count = (how: 'counted' | 'network'): FoldedConverter => {
    const old = how === 'network' ? task.failures : counted(task);
    // What load, the network and a taken name do are rows of their own: each begins its ladder anew.
    const same = old?.kind === failure.kind || how === 'network' || !APART.includes(failure.kind) ? old : undefined;
    const failures = countFailure(same, failure.kind, now, how);
    return { status: replaced(failed, task.attempt, { ...task, failures }), observation };
  };
  if (isNetwork(failure)) return count('network');
  if (isProjects(failure)) return { status: replaced(failed, task.attempt, task), observation };
  switch (failure.kind) {
    case 'parameter':
    case 'no-route':
    case 'not-found':
      return blocked(outcome, failed, task, failure);
    case 'quota': {
      const waited = count('counted');
      const since = status.admission?.[0]?.since ?? timestamp(now);
      const queue = status.queue ?? { since, limit: 'Agora’s quota', position: 1, writtenAt: timestamp(now) };
      return { ...waited, status: { ...waited.status, queue } };
    }
    default:
      return count('counted');
  }
}

const APART: readonly string[] = ['name-taken', 'throttle', 'no-resources', 'quota'];

/** 40x: a person must change what the message names. An earlier create that may have had an effect is not forgotten. */
function blocked(
  outcome: Outcome<Create>,
  status: ConverterStatus,
  task: ConverterTask,
  failure: Failure,
): FoldedConverter {
  const { resource, context, observation, now } = outcome;
  const wished = desiredOf(resource, context);
  const inputs = wished.ok ? wished.desired.inputs : '';
  const message = `Agora refused create: ${failure.message}`;
  const left = retired(status, task, message, now);
  return {
    status: block(left, { reason: 'ParameterRefused', message, inputs }, now),
    observation,
    events: [warning('CreateFailed', message)],
  };
}

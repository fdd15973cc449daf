import type { Verdict } from '../../core/conditions.ts';
import { timestamp } from '../../core/time.ts';
import { closedGate, waiting } from '../gate.ts';
import { blockedVerdict } from './blocked.ts';
import { causeOf } from './cause.ts';
import { refusedNow } from './claim.ts';
import { createCall, decideAttempt } from './decide-attempt.ts';
import { decideConflict } from './decide-conflict.ts';
import type { Desired } from './desired.ts';
import { rowsNamed, sweepFor } from './rows.ts';
import { type CurrentNeed, nothing, type Situation, until, untilKnown } from './situation.ts';
import { lost, replaced } from './tidy.ts';
import { createDueAt, lookedForUntil } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/** Failures after which the create may have had an effect: it is looked up by name before it is repeated (MP-26). */
const OPEN: readonly string[] = ['lost', 'gateway-timeout', 'server', 'unreadable'];

/** An entry that has no id yet: its create is to be sent, repeated, or looked up (MP-18, MP-22, MP-26). */
export function decideCreate(situation: Situation, task: ConverterTask): CurrentNeed {
  const { resource, status, context, wished, now } = situation;
  if (!wished.ok && task.mayHaveEffect !== true) {
    const next = replaced(status, task.attempt, undefined);
    return { do: 'nothing', status: next, verdict: wished.verdict };
  }
  const closed = closedGate(resource.spec.projectRef.name, 'converter', context, now);
  if (closed !== undefined) return untilKnown(closed.until, closed.verdict);
  const { uid } = resource.metadata;
  const verdict = startingVerdict(situation, task);
  const sweep = sweepFor(task, context);
  const lastAt = task.failures === undefined ? 0 : Date.parse(task.failures.lastAt);

  if (task.failures?.kind === 'name-taken' && task.failures.network === undefined)
    return decideConflict(situation, task, verdict);
  const taken = sweep.begunAt !== undefined && sweep.begunAt > lastAt && rowsNamed(task.name, sweep).length > 0;
  if (task.mayHaveEffect === true && task.failures !== undefined && taken)
    return decideConflict(situation, task, verdict);

  const open =
    task.mayHaveEffect === true && OPEN.includes(task.failures?.kind ?? '') && task.failures?.network === undefined;
  const due = open ? lookedForUntil(uid, task) : createDueAt(uid, task);
  if (now < due) return until(due, verdict);
  // Where List is refused nothing can be looked up: the name alone keeps the next create from making a twin.
  if (open && !sweep.refused && (sweep.begunAt ?? 0) < due) return nothing(verdict);
  if (!wished.ok) return { do: 'nothing', status: leftUnanswered(situation, task), verdict: wished.verdict };
  return createAgain(situation, task, wished.desired, verdict);
}

function createAgain(situation: Situation, given: ConverterTask, desired: Desired, verdict: Verdict): CurrentNeed {
  const blocked = blockedVerdict(situation, desired);
  if (blocked !== undefined) return nothing(blocked);
  const changed = Object.keys(desired.applied).some((path) => desired.applied[path] !== given.applied[path]);
  // What is sent now differs: should the earlier one appear after all, it is told apart by what it was sent with.
  if (changed && given.mayHaveEffect === true)
    return decideAttempt({ ...situation, status: leftUnanswered(situation, given) });
  const refused = refusedNow(situation, 'first', desired.slot);
  if (refused !== undefined) return refused;
  const { service: _service, ...place } = desired.slot;
  const name = given.applied['name'] === desired.applied['name'] ? given.name : desired.baseName;
  const task: ConverterTask = changed
    ? {
        ...withoutQuota(given),
        ...place,
        name,
        applied: desired.applied,
        generation: situation.resource.metadata.generation,
      }
    : withoutQuota(given);
  return createCall(situation, replaced(situation.status, task.attempt, task), task, { asking: 'first', verdict });
}

/** It was refused for the quota: the ledger says when it is asked again, no ladder does. */
function withoutQuota(task: ConverterTask): ConverterTask {
  if (task.failures?.kind !== 'quota') return task;
  const { failures: _failures, ...rest } = task;
  return rest;
}

/**
 * Not there in complete sweeps begun after its call: concluded gone, and watched for ten minutes more. Where List is
 * refused nothing has looked: it stays `Unknown` until a sweep, or a create that gets its name, tells.
 */
function leftUnanswered({ status, context, now }: Situation, task: ConverterTask): ConverterStatus {
  const left: ConverterTask = sweepFor(task, context).refused
    ? { ...task, phase: 'Unknown', reason: 'its create was not answered, and List is refused' }
    : { ...lost(task, now), reason: 'its create was not answered and nothing of its name appeared' };
  return replaced(status, task.attempt, left);
}

/** The state in words; the times are those of the last failure, so that it changes with it only. */
function startingVerdict(situation: Situation, task: ConverterTask): Verdict {
  const { status } = situation;
  const { failures } = task;
  const error = status.lastError;
  const what = error === undefined ? '' : ` after ${error.call}: ${error.message}`;
  if (failures === undefined)
    return waiting(
      causeOf(situation) === 'first' ? 'Starting' : 'Recovering',
      `converter ${task.name} is being created`,
    );
  switch (failures.kind) {
    case 'quota':
      return waiting('WaitingForSlot', `Agora’s quota is used up${what}`);
    case 'name-taken':
      return waiting('WaitingForRetry', `the name ${task.name} is taken; its owner is looked up`);
    case 'lost':
    case 'dns':
    case 'refused':
      return waiting('ApiUnreachable', `the create is looked up by its name, then repeated${what}`);
    default:
      return waiting(
        'WaitingForRetry',
        `the create is looked up by its name, then repeated${what} at ${timestamp(Date.parse(failures.lastAt))}`,
      );
  }
}

import { assertNever } from '../../core/assert.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { CallResult } from '../kind.ts';
import { findTask } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { foldCreate } from './fold-create.ts';
import { foldDelete } from './fold-delete.ts';
import { foldGet } from './fold-get.ts';
import { foldUpdate } from './fold-update.ts';
import type { ConverterObservation } from './observation.ts';
import type { FoldedConverter } from './outcome.ts';
import type { ConverterResource } from './resource.ts';
import { EMPTY_STATUS } from './situation.ts';
import { replaced } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/** What an answer makes of status and observation; conditions are `decide`'s. */
export function fold(
  resource: ConverterResource,
  observation: ConverterObservation,
  action: ConverterAction,
  result: CallResult,
  context: Context,
  now: Instant,
): FoldedConverter {
  const status = resource.status ?? EMPTY_STATUS;
  const given = findTask<ConverterTask>(status, action.attempt);
  if (given === undefined) return { status, observation };
  const { intent: _intent, ...task } = given;
  if (!result.sent) return { status: withdrawn(status, task, action), observation };
  const outcome = { resource, status, observation, task, answer: result.answer, context, now };
  switch (action.type) {
    case 'create':
      return foldCreate({ ...outcome, action });
    case 'get':
      return foldGet({ ...outcome, action });
    case 'update':
      return foldUpdate({ ...outcome, action });
    case 'delete':
      return foldDelete({ ...outcome, action });
    default:
      return assertNever(action);
  }
}

/**
 * Nothing was sent. An entry whose create never left stays for the next try; the number of an update is used up all the
 * same (MP-24); a task whose first delete never left is still what it was, so that a resource that returns goes on.
 */
function withdrawn(status: ConverterStatus, task: ConverterTask, action: ConverterAction): ConverterStatus {
  if (action.type === 'get') return status;
  const { pending: _pending, ...rest } = task;
  if (action.type !== 'delete' || action.from === undefined) return replaced(status, task.attempt, rest);
  const { stoppingSince: _since, reason: _reason, deliberate: _deliberate, ...live } = rest;
  return replaced(status, task.attempt, { ...live, phase: action.from });
}

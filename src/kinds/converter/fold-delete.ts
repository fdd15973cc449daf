import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { countFailure } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { type FoldedConverter, missed, type Outcome } from './outcome.ts';
import { counted, lost, replaced } from './tidy.ts';
import type { ConverterTask } from './types.ts';

type Delete = Extract<ConverterAction, { type: 'delete' }>;

/**
 * 2xx is known to be gone; its id is kept for ten minutes more, so that a row that still shows it is never adopted
 * (design §5.4). A 404 is a look (§5.1), but an answer: the replacement may be created (MP-7).
 */
export function foldDelete(outcome: Outcome<Delete>): FoldedConverter {
  const { status, observation, task, answer, now } = outcome;
  if (answer.ok)
    return { status: replaced(status, task.attempt, { ...lost(task, now), stopAnswered: true }), observation };
  const failed = { ...status, lastError: lastErrorOf('delete', answer, now) };
  if (answer.kind === 'not-found') {
    const looked: ConverterTask = { ...missed(task, answer, now), stopAnswered: true };
    return { status: replaced(status, task.attempt, looked), observation };
  }
  if (isProjects(answer)) return { status: replaced(failed, task.attempt, task), observation };
  const how = isNetwork(answer) ? 'network' : 'counted';
  const failures = countFailure(how === 'network' ? task.failures : counted(task), answer.kind, now, how);
  return { status: replaced(failed, task.attempt, { ...task, failures }), observation };
}

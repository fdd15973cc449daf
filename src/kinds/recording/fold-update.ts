import { isLoad, isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import { countFailure } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { blocked } from './fold-start.ts';
import { cleared, type FoldedRecording, isValue, missed, normal, type Outcome, replace, warning } from './outcome.ts';

type Update = Extract<RecordingAction, { type: 'update' }>;

/** B.6: success makes the changed paths known again; after anything else they stay open, so the update is sent anew. */
export function foldUpdate(outcome: Outcome<Update>): FoldedRecording {
  const { status, observation, action, answer, now } = outcome;
  if (outcome.task === undefined) return { status, observation };
  const { pending, ...task } = cleared(outcome.task);
  const { update: _failures, ...rest } = observation;
  const sent = { ...rest, updatedAt: now };
  if (isValue(answer, 'updateRecording')) {
    const applied = { ...task.applied, ...pending };
    const { blocked: _blocked, lastError: _lastError, ...clean } = status;
    return {
      status: replace(clean, { ...task, applied }),
      observation: sent,
      events: [normal('TaskUpdated', `updated in place: ${action.paths.join(', ')}`)],
    };
  }
  if (answer.ok) return { status: replace(status, task), observation: sent };
  if (answer.kind === 'not-found') return { status: replace(status, missed(task, answer, now)), observation: sent };
  const failed = { ...replace(status, task), lastError: lastErrorOf('update', answer, now) };
  if (isProjects(answer)) return { status: failed, observation: sent };
  if (
    answer.kind === 'parameter' ||
    answer.kind === 'no-route' ||
    answer.kind === 'handle-expired' ||
    answer.kind === 'handle-invalid'
  ) {
    return {
      status: blocked({ ...outcome, status: failed }, answer.message),
      observation: sent,
      events: [warning('UpdateRefused', `Agora refused the update: ${answer.message}`)],
    };
  }
  const how = isNetwork(answer) || isLoad(answer) ? 'network' : 'counted';
  return { status: failed, observation: { ...sent, update: countFailure(observation.update, answer.kind, now, how) } };
}

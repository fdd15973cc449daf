import type { Verdict } from '../../core/conditions.ts';
import { closedGate, settled, waiting } from '../gate.ts';
import { isRestored } from '../task.ts';
import { blockedVerdict } from './blocked.ts';
import { changesTo } from './changes.ts';
import { getCall, nextLook } from './decide-look.ts';
import { decideReplace } from './decide-replace.ts';
import { decideUpdate, epochSeconds } from './decide-update.ts';
import { slotOf } from './held.ts';
import { type CurrentNeed, type Situation, until, untilKnown } from './situation.ts';
import { replaced } from './tidy.ts';
import { strikeDueAt } from './timing.ts';
import type { ConverterTask } from './types.ts';

/** An entry with an id: looked at, changed, replaced. */
export function decideRunning(situation: Situation, task: ConverterTask, converterId: string): CurrentNeed {
  const recalled = recall(situation, task);
  if (recalled === undefined) return nextStep(situation, task, converterId);
  const status = replaced(situation.status, task.attempt, recalled);
  return { status, ...nextStep({ ...situation, status }, recalled, converterId) };
}

/**
 * Only its handle came back: it was made from this very declaration, so it has what is declared. What sequence it has
 * seen is not known, so that the next one is a time (MP-24).
 */
function recall({ resource, wished, now }: Situation, task: ConverterTask): ConverterTask | undefined {
  if (!isRestored(task) || task.generation !== resource.metadata.generation || !wished.ok) return undefined;
  return { ...task, applied: wished.desired.applied, sequence: task.sequence ?? epochSeconds(now) };
}

function nextStep(situation: Situation, task: ConverterTask, converterId: string): CurrentNeed {
  const { resource, context, wished, now, request } = situation;
  const changes = wished.ok ? changesTo(task, resource.spec, wished.desired.applied) : [];
  const moved = wished.ok && wished.desired.slot.appId !== task.appId;
  const reclassed = wished.ok && wished.desired.slot.class !== task.class;
  const verdict = runningVerdict(situation, task);

  const closed = closedGate(resource.spec.projectRef.name, 'converter', context, now);
  if (closed !== undefined) {
    // Running tasks keep their conditions; only what is to be changed and cannot be is said (design §5.3).
    const waits = changes.length > 0 || moved || task.phase !== 'Running';
    return untilKnown(closed.until, waits ? closed.verdict : verdict);
  }
  if (request !== undefined) return { ...getCall(task, converterId, request), verdict };
  if (task.failures !== undefined) {
    const due = strikeDueAt(resource.metadata.uid, task);
    return now < due ? until(due, verdict) : { ...getCall(task, converterId), verdict };
  }
  if (!wished.ok) return looked(situation, task, converterId, wished.verdict);
  const { desired } = wished;
  const blocked = changes.length > 0 || moved || reclassed ? blockedVerdict(situation, desired) : undefined;
  if (blocked !== undefined) return looked(situation, task, converterId, blocked);

  const recreates = changes.filter((change) => change.how === 'recreate');
  if (recreates.length > 0 || moved) {
    const what = recreates.length > 0 ? recreates : [{ path: 'projectRef', why: 'the project has another App ID' }];
    return looking(
      situation,
      task,
      converterId,
      decideReplace(situation, task, { converterId, desired, changes: what }),
    );
  }
  if (changes.length > 0 || reclassed) {
    const paths = changes.map((change) => change.path);
    return looking(situation, task, converterId, decideUpdate(situation, task, { converterId, desired, paths }));
  }
  return looked(situation, task, converterId, verdict);
}

/** A task whose change has to wait is looked at all the same. */
function looking(situation: Situation, task: ConverterTask, converterId: string, need: CurrentNeed): CurrentNeed {
  if (need.do === 'call' || need.status !== undefined) return need;
  const look = looked(situation, task, converterId, need.verdict);
  return need.do === 'wait' && look.do === 'wait' && need.until < look.until ? need : look;
}

/** The next look, which changes nothing by itself. */
function looked(situation: Situation, task: ConverterTask, converterId: string, verdict: Verdict): CurrentNeed {
  const at = nextLook(situation, task);
  return situation.now < at ? until(at, verdict) : { ...getCall(task, converterId), verdict };
}

function runningVerdict({ status, resource }: Situation, task: ConverterTask): Verdict {
  const kept = task.adopted === true ? ' (adopted)' : '';
  const outgoing = (status.tasks ?? []).some((other) => other.attempt < task.attempt && other.phase === 'Running');
  if (task.missingSince !== undefined || task.failures !== undefined) {
    const wait =
      resource.spec.replaceAfter === 'MigrationWindow'
        ? 'it is replaced if it does not return within 120 s'
        : 'it is replaced if three more looks are bad as well';
    return {
      ready: 'Unknown',
      reason: 'MigrationSuspected',
      message: `converter ${task.name} is out of sight; ${wait}`,
      progress: 'Reconciling',
    };
  }
  if (task.phase === 'Running')
    return settled('Running', `converter ${task.name} runs in ${slotOf(task).region}${kept}`);
  if (outgoing)
    return waiting('Replacing', `converter ${task.name} was created beside the old one, which is stopped when it runs`);
  return waiting('Confirming', `converter ${task.name} is connecting${kept}`);
}

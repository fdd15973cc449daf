import { instant } from '../../core/time.ts';
import { closedGate } from '../gate.ts';
import { type Need, NOTHING, type Situation } from './situation.ts';
import { MIGRATION_MS, stopDueAt } from './timing.ts';
import type { ConverterTask } from './types.ts';

/**
 * An entry that is not wanted: deleted, and then looked at until it is known to be gone. A 404 to the delete is a look,
 * not a success (design §5.1).
 */
export function decideStopping(situation: Situation, task: ConverterTask): Need {
  const { resource, context, now } = situation;
  if (task.phase !== 'Stopping' && task.phase !== 'Unknown') return NOTHING;
  if (task.intent !== undefined) return NOTHING;
  const { converterId } = task;
  // Unresolved: the sweeps find it, or their silence ends it.
  if (converterId === undefined) return unresolved(task, now);
  const closed = closedGate(resource.spec.projectRef.name, 'converter', context, now);
  if (closed !== undefined) return closed.until === undefined ? NOTHING : { do: 'wait', until: closed.until };
  const due = stopDueAt(resource.metadata.uid, task);
  if (now < due) return { do: 'wait', until: due };
  const target = { appId: task.appId, region: task.region, attempt: task.attempt, converterId };
  if (task.missingSince !== undefined) {
    return { do: 'call', action: { type: 'get', limit: 'converter-get', class: 'query', ...target } };
  }
  return deleteCall(situation, task, converterId);
}

/** The delete of an entry that is `Stopping` in the situation's status. */
export function deleteCall(
  { resource }: Situation,
  task: ConverterTask,
  converterId: string,
): Need & { readonly do: 'call' } {
  const before = resource.status?.tasks?.find((entry) => entry.attempt === task.attempt)?.phase;
  const from = before === 'Confirming' || before === 'Running' ? { from: before } : {};
  const { appId, region, attempt } = task;
  return {
    do: 'call',
    action: { type: 'delete', limit: 'converter-delete', class: 'stop', appId, region, attempt, converterId, ...from },
    intent: { attempt, call: 'delete' },
  };
}

function unresolved(task: ConverterTask, now: number): Need {
  const at = (instant(task.failures?.lastAt ?? task.stoppingSince) ?? now) + MIGRATION_MS;
  return now < at ? { do: 'wait', until: at } : NOTHING;
}

import { instant, seconds } from '../../core/time.ts';
import { tasksOf } from '../task.ts';
import type { Identity } from './notices.ts';
import { CREATED_BEFORE_MS } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/**
 * The entry that a notice concerns: the one of its id; else one whose create had no answer: by the request ID, or, where
 * the notice names none, by the name within design §5.4.  (MP-28, D.5)
 */
export function ownerOf(told: Identity, status: ConverterStatus | undefined): ConverterTask | undefined {
  const tasks = tasksOf<ConverterTask>(status);
  const id = told.converterId.toLowerCase();
  return (
    tasks.find((task) => task.converterId?.toLowerCase() === id) ?? tasks.findLast((task) => mayHaveMade(task, told))
  );
}

function mayHaveMade(task: ConverterTask, { name, createdBy, createTs }: Identity): boolean {
  if (task.converterId !== undefined) return false;
  if (task.mayHaveEffect !== true && task.intent?.call !== 'create') return false;
  // A create of somebody else, whatever its name.
  if (createdBy !== undefined) return requestIdsOf(task).includes(createdBy);
  const startedAt = instant(task.startedAt);
  if (startedAt === undefined || createTs === undefined) return false;
  return name === task.name && seconds(createTs) >= startedAt - CREATED_BEFORE_MS;
}

/** Under which its creates were sent whose outcome is open, the one on its way included. */
export const requestIdsOf = (task: ConverterTask): readonly string[] => [
  ...(task.createRequestIds ?? []),
  ...(task.intent?.call === 'create' ? [task.intent.requestId] : []),
];

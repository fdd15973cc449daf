import type { Resource, StatusBase } from '../../src/core/resource.ts';
import { type TaskStatus, tasksOf } from '../../src/kinds/task.ts';

export type Listed = Resource<Record<string, unknown>, StatusBase & TaskStatus>;

/** The handles that a status lists. */
export const idsIn = ({ status }: Pick<Listed, 'status'>): readonly string[] =>
  tasksOf(status).flatMap((task) =>
    Object.entries(task).flatMap(([field, id]) => (IDS.has(field) ? [String(id)] : [])),
  );

const IDS: ReadonlySet<string> = new Set(['sid', 'converterId']);

export const readyOf = ({ status }: Pick<Listed, 'status'>): string => {
  const ready = status?.conditions.find(({ type }) => type === 'Ready');
  return `${ready?.status ?? 'Unknown'} ${ready?.reason ?? ''}`;
};

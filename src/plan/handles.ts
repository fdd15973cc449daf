import type { TaskBase } from '../kinds/task.ts';

/** By what Agora knows a task, whichever kind it is of. */
const HANDLES = ['cname', 'uid', 'resourceId', 'sid', 'name', 'converterId'] as const;

/** The handles that an entry has. None of them is a secret. */
export function handlesOf(task: TaskBase): Readonly<Record<string, string>> {
  const entry: TaskBase & Partial<Record<(typeof HANDLES)[number], string>> = task;
  return Object.fromEntries(
    HANDLES.flatMap((name) => {
      const value = entry[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

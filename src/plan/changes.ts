import { canonical } from '../core/hash.ts';
import type { Resource } from '../core/resource.ts';
import type { TaskBase } from '../kinds/task.ts';
import { differences } from './differences.ts';
import type { PlannedChange } from './planned.ts';
import { shownAddress, withoutKeys } from './redact.ts';
import { carries, type TaskChange, type TaskValues } from './task-values.ts';

const LONGEST_VALUE = 60;
/** Values of these paths are or may hold keys. */
const ADDRESS_PATHS = ['url', 'rtmpUrl', 'publish.rtmpUrl'];
const NO_TASK = 'no task runs; the next one begins with it';
const SECRET_PATHS = ['storage.credentials'];

export interface ChangeSources {
  /** The declaration in force, where a state tells it. */
  readonly before: Resource | undefined;
  readonly after: Resource;
  readonly task: TaskBase | undefined;
  readonly changes: readonly TaskChange[];
  /** What the task would have by the declaration before and after. */
  readonly oldValues: TaskValues | undefined;
  readonly newValues: TaskValues | undefined;
}

/** Field by field: what the task would be sent or re-created for, then what only the controller reads. */
export function plannedChanges(sources: ChangeSources): readonly PlannedChange[] {
  const { before, after, changes, newValues, task } = sources;
  const sent = changes.map((change) => taskChange(change, sources));
  if (before === undefined) return sent;
  const known = task === undefined ? [] : Object.keys(newValues?.values ?? {});
  const settings = differences(before.spec, after.spec)
    .filter(({ path }) => !changes.some((change) => carries(change.path, path)))
    .map(({ path, old, new: next }): PlannedChange => {
      const carried = known.some((each) => carries(each, path));
      return {
        path,
        how: 'settings',
        why:
          task === undefined
            ? NO_TASK
            : carried
              ? 'the task has it already'
              : 'only the controller reads it; nothing is sent',
        ...values(path, old, next),
      };
    });
  return [...sent, ...settings];
}

/** An old value is shown only where the task's hash proves that it is the one (design §4). */
function taskChange({ path, how, why }: TaskChange, { task, oldValues, newValues }: ChangeSources): PlannedChange {
  const proven = oldValues?.hashes[path] !== undefined && oldValues.hashes[path] === task?.applied[path];
  const old = proven ? oldValues.values[path] : undefined;
  return { path, how, why, ...values(path, old, newValues?.values[path]) };
}

/** Values that look alike without their keys tell nothing, so neither is shown. */
function values(path: string, old: unknown, next: unknown): Pick<PlannedChange, 'old' | 'new'> {
  const [before, after] = [shown(path, old), shown(path, next)];
  if (before === after) return {};
  return {
    ...(before === undefined ? {} : { old: before }),
    ...(after === undefined ? {} : { new: after }),
  };
}

function shown(path: string, value: unknown): string | undefined {
  if (value === undefined || SECRET_PATHS.includes(path)) return undefined;
  if (ADDRESS_PATHS.includes(path) && typeof value === 'string') return shownAddress(value);
  const last = path
    .split('.')
    .at(-1)
    ?.replace(/\[\d+\]$/, '');
  const safe = withoutKeys(value, last);
  const text = typeof safe === 'string' ? safe : canonical(safe);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}

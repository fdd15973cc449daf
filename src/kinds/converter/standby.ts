import type { Context } from '../context.ts';
import { mayLive, tasksOf } from '../task.ts';
import { wishOf } from '../wish.ts';
import { ADDRESS } from './applied.ts';
import { currentOf, isLive } from './changes.ts';
import { IDLE } from './ended.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterTask } from './types.ts';

const FEWEST = 2;

export const priorityName = (value: number): string => `p${value}`;

const priorityOf = (task: ConverterTask): number | undefined => {
  const value = Number(/^p([1-9])$/u.exec(task.member)?.[1] ?? Number.NaN);
  return Number.isNaN(value) ? undefined : value;
};

/** 1 to as many as are declared, and those beyond that still have a task: it runs until it fails, as there is no fail-back. */
export function prioritiesOf(resource: ConverterResource): readonly number[] {
  const declared = resource.spec.redundancy?.priorities ?? FEWEST;
  const beyond = tasksOf<ConverterTask>(resource.status).filter((task) => mayLive(task) && isPrioritised(task));
  return upTo(Math.max(declared, ...beyond.map((task) => priorityOf(task) ?? 0)));
}

/** It was made as one of a Standby; an output may have the name of a priority. */
const isPrioritised = ({ applied }: ConverterTask): boolean => applied[ADDRESS] !== undefined;

const upTo = (most: number): readonly number[] => Array.from({ length: most }, (_, index) => index + 1);

/** MP-9: the priority that runs, or is to run next. Where the status has lost it, that of the task that lives. */
export function activePriority({ status }: ConverterResource): number {
  if (status?.activePriority !== undefined) return status.activePriority;
  const task = currentOf(status);
  return (task === undefined ? undefined : priorityOf(task)) ?? 1;
}

const entriesAt = ({ status }: ConverterResource, priority: number): readonly ConverterTask[] =>
  tasksOf<ConverterTask>(status).filter(({ member }) => member === priorityName(priority));

export interface HandOver {
  readonly from: number;
  readonly to: number;
  /** What became of `from`, to be read after its name. */
  readonly why: string;
}

/**
 * MP-9: whether the active priority has failed, and which one takes over at once. Nothing falls back by itself: the next
 * failure moves on, and after the last priority it begins again at 1.
 *
 * Two tasks that may live never share a priority. So a priority takes over only when its own earlier entries are known to be
 * gone, and 1, the highest, only when those of all others are: of the one that has just failed it need not wait, since the
 * CDN decides by the priority (ADR 0031).
 */
export function handOver(resource: ConverterResource, context: Context, now: number): HandOver | undefined {
  if (resource.spec.redundancy?.mode !== 'Standby') return undefined;
  if (wishOf(resource, context, now).want !== 'running') return undefined;
  const from = activePriority(resource);
  const lives = (priority: number): boolean => entriesAt(resource, priority).some(mayLive);
  const declared = resource.spec.redundancy.priorities ?? FEWEST;
  if (from > declared && !lives(from)) return intoDeclared(resource, { from, declared });
  const failed = failedAt(resource, from);
  if (failed === undefined) return undefined;
  const further = upTo(declared).filter((value) => value > from);
  const why = `has failed: ${failed.reason ?? 'it is not there any more'}`;
  const next = further.find((value) => !lives(value));
  if (next !== undefined) return { from, to: next, why };
  const others = tasksOf<ConverterTask>(resource.status).filter((task) => priorityOf(task) !== from);
  return from === 1 || others.some(mayLive) ? undefined : { from, to: 1, why };
}

/** What ran beyond the declared priorities is gone: the first one that is above all that may live, so that 1 only if nothing does. */
function intoDeclared(
  { status }: ConverterResource,
  { from, declared }: { readonly from: number; readonly declared: number },
): HandOver | undefined {
  const living = tasksOf<ConverterTask>(status)
    .filter(mayLive)
    .map((task) => priorityOf(task) ?? 0);
  const to = upTo(declared).find((value) => value > Math.max(0, ...living));
  return to === undefined ? undefined : { from, to, why: 'is not declared any more' };
}

/**
 * The entry by which a priority has failed: its latest had been created and ended unasked, but for want of anybody in the channel
 * (MP-21); or its priority is not free for a replacement, since an edit stopped it and it may live all the same, or since nobody
 * can tell whether an earlier one lives.
 */
function failedAt(resource: ConverterResource, priority: number): ConverterTask | undefined {
  const entries = entriesAt(resource, priority);
  if (entries.some(isLive)) return undefined;
  const unknown = entries.find(({ phase }) => phase === 'Unknown');
  if (unknown !== undefined) return unknown;
  const last = entries.at(-1);
  // One that is older than another priority's failed an earlier time.
  const latest = Math.max(...tasksOf<ConverterTask>(resource.status).map(({ attempt }) => attempt));
  if (last?.converterId === undefined || last.attempt !== latest) return undefined;
  const failed = last.deliberate !== true && last.reason !== IDLE;
  return failed || (last.stopAnswered === true && mayLive(last)) ? last : undefined;
}

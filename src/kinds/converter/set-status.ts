import { instant } from '../../core/time.ts';
import { mayLive, type Restarts, tasksOf } from '../task.ts';
import { currentOf } from './changes.ts';
import { modeOf, ofMember } from './members.ts';
import type { ConverterResource } from './resource.ts';
import type { Said } from './set-verdict.ts';
import { EMPTY_STATUS } from './situation.ts';
import type { ConverterMember, ConverterStatus, ConverterTask } from './types.ts';

/**
 * The status with its members in the order of declaration, those that are on their way out last, and with what the columns of
 * `get` show of all of them.
 */
export function listed(
  resource: ConverterResource,
  said: readonly Said[],
  requested: string | undefined,
): ConverterStatus {
  const { members: before = [], ...status } = resource.status ?? EMPTY_STATUS;
  const tasks = tasksOf<ConverterTask>(status);
  const single = modeOf(resource) === 'Single';
  const members = said
    .filter(({ member }) => (member.declared ? !single : ofMember(tasks, member.name).some(mayLive)))
    .map((each) => entryOf(each, tasks, before));
  if (modeOf(resource) !== 'Parallel') return members.length === 0 ? status : { ...status, members };
  return { ...summed(status, { members, requested }), members };
}

function entryOf(
  { member, verdict }: Said,
  tasks: readonly ConverterTask[],
  before: readonly ConverterMember[],
): ConverterMember {
  const { name, priority, unwanted } = member;
  const own = ofMember(tasks, name);
  const current = currentOf({ observedGeneration: 0, conditions: [], tasks: own });
  const wants = unwanted === undefined && !QUIET.includes(verdict.reason);
  const {
    name: _name,
    ready: _ready,
    phase: _phase,
    reason: _reason,
    priority: _priority,
    ...book
  } = before.find((each) => each.name === name) ?? { name, ready: false, phase: 'Idle' };
  return {
    name,
    ...(priority === undefined ? {} : { priority: priority.value }),
    ready: current?.phase === 'Running' && verdict.ready === 'True',
    phase: (current ?? own.findLast(mayLive))?.phase ?? (wants ? 'Waiting' : 'Idle'),
    ...(unwanted === undefined ? { reason: verdict.reason } : {}),
    ...book,
  };
}

/** Nothing is wanted of the member. */
const QUIET: readonly string[] = [
  'Stopped',
  'Scheduled',
  'Completed',
  'Suspended',
  'WindowMissed',
  'IdleEnded',
  'TaskEnded',
];

/** Of outputs, each with its own book: all starts, the first that waits, the last error. */
function summed(
  { restarts: old, queue: _queue, lastError: _error, ...status }: ConverterStatus,
  { members, requested }: { readonly members: readonly ConverterMember[]; readonly requested: string | undefined },
): ConverterStatus {
  const books = members.flatMap(({ restarts }) => (restarts === undefined ? [] : [restarts]));
  const restarts = restartsOf(old, books);
  const queue = members
    .flatMap((member) => (member.queue === undefined ? [] : [member.queue]))
    .toSorted((a, b) => a.position - b.position)[0];
  const lastError = members
    .flatMap((member) => (member.lastError === undefined ? [] : [member.lastError]))
    .toSorted((a, b) => instant(b.at) - instant(a.at))[0];
  const handled = requested !== undefined && members.every((member) => member.lastHandledReconcileAt === requested);
  return {
    ...status,
    ...(restarts === undefined ? {} : { restarts }),
    ...(queue === undefined ? {} : { queue }),
    ...(lastError === undefined ? {} : { lastError }),
    ...(handled ? { lastHandledReconcileAt: requested } : {}),
  };
}

/** The count never falls, also where an output is declared no more. */
function restartsOf(old: Restarts | undefined, books: readonly Restarts[]): Restarts | undefined {
  const latest = books.toSorted((a, b) => (instant(b.lastAt) ?? 0) - (instant(a.lastAt) ?? 0))[0];
  if (latest === undefined) return old;
  const count = books.reduce((sum, each) => sum + each.count, 0);
  return {
    ...latest,
    count: Math.max(old?.count ?? 0, count),
    inRow: Math.max(...books.map(({ inRow }) => inRow)),
    generation: Math.max(...books.map(({ generation }) => generation)),
    lastStarts: books
      .flatMap(({ lastStarts }) => lastStarts)
      .toSorted()
      .slice(-MOST_STARTS),
  };
}

/** As many as a status keeps. */
const MOST_STARTS = 60;

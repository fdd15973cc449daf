import { keyOf } from '../../core/resource.ts';
import type { Context } from '../context.ts';
import { type Admission, MAX_TASKS, nextAttempt, tasksOf } from '../task.ts';
import { type Member, type Mode, modeOf, ofMember } from './members.ts';
import type { ConverterObservation } from './observation.ts';
import { type ConverterResource, ONLY_MEMBER } from './resource.ts';
import { EMPTY_STATUS } from './situation.ts';
import type { ConverterMember, ConverterStatus, ConverterTask } from './types.ts';

/** What a line of tasks keeps besides its entries: counters, the last error, what blocks it, its place in the queue. */
type Book = Omit<ConverterMember, 'name' | 'priority' | 'ready' | 'phase' | 'reason'>;
const BOOK: readonly (keyof Book)[] = [
  'lastHandledReconcileAt',
  'queue',
  'restarts',
  'lastError',
  'completedGeneration',
  'completedReason',
  'lastRanAt',
  'blocked',
];
/** What a priority that is not active may still tell of: its task is being stopped. */
const TOLD_BY_IDLE: readonly (keyof Book)[] = ['restarts', 'lastError', 'lastRanAt'];

/** The tag of slots that a set of priorities holds as one; no output can have this name. */
const AS_ONE = 'Standby';

/**
 * MP-8: a member as a resource of its own (ADR 0031): its declaration, its entries, its book; of its siblings it knows only that
 * they take attempts and room. What is neither an entry nor in a book stays the resource's.
 */
export function viewOf(resource: ConverterResource, member: Member): ConverterResource {
  const status = resource.status ?? EMPTY_STATUS;
  const { spec, name, priority, unwanted } = member;
  const { tasks: _tasks, admission: _admission, members: _members, activePriority: _active, ...rest } = status;
  const tasks = tasksOf<ConverterTask>(status);
  const others = tasks.filter((task) => task.member !== name && task.phase !== 'Lost').length;
  const admission = ownAdmission(status, member, modeOf(resource));
  const after = priority === undefined ? undefined : tasks.at(-1)?.reason;
  const { annotations: _annotations, ...metadata } = resource.metadata;
  return {
    ...resource,
    // A reconcile request is for those that are to run.
    metadata: unwanted === undefined ? resource.metadata : metadata,
    spec,
    status: {
      ...withoutBook(rest),
      ...bookOf(resource, member),
      tasks: ofMember(tasks, name),
      ...(admission.length === 0 ? {} : { admission }),
      lastAttempt: nextAttempt(status) - 1,
    },
    member: {
      name,
      room: MAX_TASKS - others,
      ...(after === undefined ? {} : { after }),
      ...(priority === undefined ? {} : { priority }),
      ...(unwanted === undefined ? {} : { unwanted }),
    },
  };
}

/** The resource's status with what became of a member's view. */
export function merged(resource: ConverterResource, member: Member, view: ConverterStatus): ConverterStatus {
  const status = resource.status ?? EMPTY_STATUS;
  const mode = modeOf(resource);
  const others = tasksOf<ConverterTask>(status).filter((task) => task.member !== member.name);
  const tasks = withinRoom([...others, ...tasksOf<ConverterTask>(view)].toSorted((a, b) => a.attempt - b.attempt));
  const next: ConverterStatus = {
    ...withAdmission(status, member, { mode, admission: view.admission ?? [] }),
    tasks,
    ...(view.cdn === undefined ? {} : { cdn: view.cdn }),
    lastAttempt: Math.max(status.lastAttempt ?? 0, view.lastAttempt ?? 0),
    ...(view.resolutionClass === undefined ? {} : { resolutionClass: view.resolutionClass }),
  };
  if (!sharesBook(member, mode)) return withBook(next, member, view);
  if (member.unwanted !== undefined) return { ...withoutTold(next), ...picked(view, TOLD_BY_IDLE) };
  return { ...withoutBook(next), ...picked(view, BOOK) };
}

/** Of priorities one is active, so that they count, wait and hold as one; so does the only line of a resource. */
const sharesBook = ({ declared }: Member, mode: Mode): boolean => declared && mode !== 'Parallel';

function bookOf(resource: ConverterResource, member: Member): Partial<Book> {
  const { status } = resource;
  if (status === undefined) return {};
  if (sharesBook(member, modeOf(resource))) return picked(status, BOOK);
  const own = status.members?.find(({ name }) => name === member.name);
  return own === undefined ? {} : picked(own, BOOK);
}

function withBook(status: ConverterStatus, { name }: Member, view: ConverterStatus): ConverterStatus {
  const members = status.members ?? [];
  const { ready = false, phase = 'Waiting', reason, priority } = members.find((each) => each.name === name) ?? {};
  const next: ConverterMember = {
    name,
    ...(priority === undefined ? {} : { priority }),
    ready,
    phase,
    ...(reason === undefined ? {} : { reason }),
    ...picked(view, BOOK),
  };
  const known = members.some((each) => each.name === name);
  return { ...status, members: known ? members.map((each) => (each.name === name ? next : each)) : [...members, next] };
}

function picked(from: Partial<Book>, names: readonly (keyof Book)[]): Partial<Book> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

function withoutBook(status: ConverterStatus): ConverterStatus {
  const { lastHandledReconcileAt: _at, queue: _queue, blocked: _blocked, ...rest } = withoutTold(status);
  const { completedGeneration: _generation, completedReason: _reason, ...left } = rest;
  return left;
}

function withoutTold({
  restarts: _starts,
  lastError: _error,
  lastRanAt: _at,
  ...rest
}: ConverterStatus): ConverterStatus {
  return rest;
}

const tagOf = (member: Member, mode: Mode): string | undefined => {
  if (member.declared && mode === 'Standby') return AS_ONE;
  return member.name === ONLY_MEMBER ? undefined : member.name;
};

/** Slots of members that there are no more are let go: what may live of them is counted by its entry. */
export function withKnownAdmission(
  { admission, ...status }: ConverterStatus,
  members: readonly Member[],
  mode: Mode,
): ConverterStatus {
  const tags = members.map((member) => tagOf(member, mode));
  const known = (admission ?? []).filter((slot) => tags.includes(slot.member));
  return known.length === 0 ? status : { ...status, admission: known };
}

function ownAdmission(status: ConverterStatus, member: Member, mode: Mode): readonly Admission[] {
  const tag = tagOf(member, mode);
  return (status.admission ?? []).filter((slot) => slot.member === tag).map(({ member: _tag, ...slot }) => slot);
}

function withAdmission(
  status: ConverterStatus,
  member: Member,
  own: { readonly mode: Mode; readonly admission: readonly Admission[] },
): ConverterStatus {
  const tag = tagOf(member, own.mode);
  // What the priorities hold is for the active one to say.
  if (tag === AS_ONE && member.unwanted !== undefined) return status;
  const { admission: old, ...rest } = status;
  const others = (old ?? []).filter((slot) => slot.member !== tag);
  const tagged = own.admission.map((slot) => (tag === undefined ? slot : { member: tag, ...slot }));
  const admission = [...others, ...tagged];
  return admission.length === 0 ? rest : { ...rest, admission };
}

/** All members share the room of the list: where one needs it, the oldest that is gone makes it, whosever it is. */
function withinRoom(tasks: readonly ConverterTask[]): readonly ConverterTask[] {
  if (tasks.length <= MAX_TASKS) return tasks;
  const oldest = tasks.find(({ phase }) => phase === 'Lost');
  return oldest === undefined ? tasks : withinRoom(tasks.filter((task) => task !== oldest));
}

/** What was seen of attempts is everybody's; refusals and updates are a member's own. */
export function observationOf(observation: ConverterObservation, name: string): ConverterObservation {
  const { refusal: _refusal, updatedAt: _at, update: _update, members, ...shared } = observation;
  return { ...shared, ...members?.[name] };
}

export function withObservation(
  before: ConverterObservation,
  name: string,
  view: ConverterObservation,
): ConverterObservation {
  const { refusal, updatedAt, update, members: _members, ...shared } = view;
  const own = {
    ...(refusal === undefined ? {} : { refusal }),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(update === undefined ? {} : { update }),
  };
  return { ...shared, members: { ...before.members, [name]: own } };
}

/** For a member its siblings' tasks are another resource's: never adopted, never taken for its own. */
export function contextOf(resource: ConverterResource, name: string, context: Context): Context {
  const siblings = new Set(
    tasksOf<ConverterTask>(resource.status).flatMap(({ member, converterId }) =>
      member === name || converterId === undefined ? [] : [converterId.toLowerCase()],
    ),
  );
  const own = keyOf(resource);
  return { ...context, ownerOf: (id) => (siblings.has(id.toLowerCase()) ? own : context.ownerOf(id)) };
}

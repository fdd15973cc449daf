import { type TaskBase, tasksOf } from '../task.ts';
import { isLive } from './changes.ts';
import { baseNameOf, isolatedName, WAYS, type Way, wayOf } from './name.ts';
import { type ConverterResource, type MemberPart, ONLY_MEMBER } from './resource.ts';
import { activePriority, prioritiesOf, priorityName } from './standby.ts';
import type { ConverterSpec, ConverterTask, ConverterUser, Redundancy, RedundantOutput } from './types.ts';

/** One line of tasks of a resource: an output, a priority, or what an earlier declaration has left (ADR 0031). */
export interface Member extends Omit<MemberPart, 'room' | 'after'> {
  /** As a declaration of its own: its address, name and user. */
  readonly spec: ConverterSpec;
  /** Declared now; else it is on its way out. */
  readonly declared: boolean;
}

export type Mode = 'Single' | Redundancy['mode'];

export const modeOf = ({ spec }: Pick<ConverterResource, 'spec'>): Mode => spec.redundancy?.mode ?? 'Single';

/** Is there more than one line of tasks? Else everything is as if there were no members. */
export const isSet = ({ spec, status }: ConverterResource): boolean =>
  spec.redundancy !== undefined || tasksOf<ConverterTask>(status).some(({ member }) => member !== ONLY_MEMBER);

/** Those that are declared, in their order, then those that only have entries left. */
export function membersOf(resource: ConverterResource): readonly Member[] {
  const declared = declaredMembers(resource);
  const names = new Set(declared.map(({ name }) => name));
  const left = new Set(tasksOf<ConverterTask>(resource.status).map(({ member }) => member));
  return [...declared, ...[...left].filter((name) => !names.has(name)).map((name) => leaving(resource, name))];
}

export const memberNamed = (resource: ConverterResource, name: string): Member =>
  membersOf(resource).find((member) => member.name === name) ?? leaving(resource, name);

function declaredMembers(resource: ConverterResource): readonly Member[] {
  const { redundancy, ...spec } = resource.spec;
  if (redundancy === undefined) return [{ name: ONLY_MEMBER, spec, declared: true }];
  switch (redundancy.mode) {
    case 'Parallel':
      return parallel(resource, spec, redundancy);
    case 'Standby':
      return standby(resource, spec, redundancy);
  }
}

/** MP-8: each output has its own address, name and user. */
function parallel(resource: ConverterResource, spec: ConverterSpec, redundancy: Redundancy): readonly Member[] {
  const base = baseNameOf(resource);
  const outputs = redundancy.outputs ?? [];
  const ways = redundancy.isolation ? waysOf(outputs, tasksOf<ConverterTask>(resource.status)) : undefined;
  const { rtmpUrl: _url, rtmpUrlFrom: _from, user: _user, ...shared } = spec;
  return outputs.map(({ name, ...own }) => {
    const way = ways?.get(name);
    return {
      name,
      spec: { ...shared, ...own, name: way === undefined ? `${base}-${name}` : isolatedName(base, way) },
      declared: true,
    };
  });
}

/**
 * MP-10: a member stays on the way that its latest task took, a live one before one that is gone, so that adding or removing
 * an output re-creates no other; a new one takes the first way that is free.
 */
function waysOf(outputs: readonly RedundantOutput[], tasks: readonly ConverterTask[]): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>();
  const latestFirst = tasks.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)) || b.attempt - a.attempt);
  for (const { member, name } of latestFirst) {
    const way = wayOf(name);
    const declared = outputs.some((output) => output.name === member);
    if (way !== undefined && declared && !ways.has(member) && ![...ways.values()].includes(way)) ways.set(member, way);
  }
  for (const { name } of outputs) {
    const free = WAYS.find((way) => ![...ways.values()].includes(way));
    if (!ways.has(name) && free !== undefined) ways.set(name, free);
  }
  return ways;
}

/** MP-9: one address; who is not at the active priority has no task. */
function standby(resource: ConverterResource, spec: ConverterSpec, redundancy: Redundancy): readonly Member[] {
  const base = baseNameOf(resource);
  const active = activePriority(resource);
  return prioritiesOf(resource).map((value): Member => {
    const name = priorityName(value);
    const way = redundancy.isolation ? WAYS.find((each) => each === value) : undefined;
    const user = userOf(spec.user, value);
    const own: ConverterSpec = {
      ...spec,
      name: way === undefined ? `${base}-${name}` : isolatedName(base, way),
      updateStrategy: 'StopFirst',
      ...(user === undefined ? {} : { user }),
    };
    const priority = { parameter: redundancy.priorityParameter ?? 'priority', value };
    if (value === active) return { name, spec: own, declared: true, priority };
    return { name, spec: stopped(own), declared: true, priority, unwanted: `priority ${active} has its place` };
  });
}

/** MP-17: the user that is declared is that of priority 1; the further ones count up from it. */
function userOf(user: ConverterUser | undefined, priority: number): ConverterUser | undefined {
  if (user === undefined || priority === 1) return user;
  return user.uid === undefined ? { account: `${user.account ?? ''}-${priority}` } : { uid: user.uid + priority - 1 };
}

function leaving({ spec }: ConverterResource, name: string): Member {
  const { redundancy: _redundancy, rtmpUrl: _url, rtmpUrlFrom: _from, user: _user, ...rest } = spec;
  return { name, spec: stopped(rest), declared: false, unwanted: 'the declaration has no such member any more' };
}

const stopped = (spec: ConverterSpec): ConverterSpec => ({ ...spec, desiredState: 'Stopped' });

/** The entries of a member. */
export const ofMember = <Task extends TaskBase>(tasks: readonly Task[], name: string): readonly Task[] =>
  tasks.filter(({ member }) => member === name);

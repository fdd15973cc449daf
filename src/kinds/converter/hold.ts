import type { Context } from '../context.ts';
import { stalled, waiting } from '../gate.ts';
import { mayLive, tasksOf } from '../task.ts';
import { ADDRESS } from './applied.ts';
import { currentOf } from './changes.ts';
import { type Desired, desiredOf, type Wished } from './desired.ts';
import { type Member, modeOf, ofMember } from './members.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterTask } from './types.ts';
import { contextOf, viewOf } from './view.ts';

interface Wishing {
  readonly member: Member;
  readonly wished: Wished;
  /** The task that it lives by. */
  readonly current: ConverterTask | undefined;
}

/**
 * What each member wishes for. Each output has a place of its own (MP-8): two tasks never push to one place, and none takes a name that a sibling's may still have: who
 * moves in waits until the other is known to be gone or has moved on. Priorities share their place on purpose (MP-9).
 */
export function wishedByMember(
  resource: ConverterResource,
  members: readonly Member[],
  context: Context,
): ReadonlyMap<string, Wished> {
  const all = members.map((member): Wishing => {
    const view = viewOf(resource, member);
    return {
      member,
      wished: desiredOf(view, contextOf(resource, member.name, context)),
      current: currentOf(view.status),
    };
  });
  return new Map(all.map((one) => [one.member.name, held(one, all, resource)]));
}

function held(one: Wishing, all: readonly Wishing[], resource: ConverterResource): Wished {
  const { wished, member } = one;
  if (!wished.ok || member.unwanted !== undefined) return wished;
  const twin = modeOf(resource) === 'Parallel' ? twinOf(one, all) : undefined;
  if (twin !== undefined) {
    const message = `outputs ${twin.member.name} and ${member.name} push to one address; give each its own`;
    return { ok: false, verdict: stalled('InvalidSpec', message) };
  }
  const holder = holderOf(one, all, resource);
  if (holder === undefined || leadsRound(one, holder, { all, resource })) return wished;
  const message = `it waits for the place of ${holder.member.name}, whose converter may still push there`;
  return { ok: false, verdict: waiting('Replacing', message) };
}

/** An earlier output that is declared with the same address. */
const twinOf = (one: Wishing, all: readonly Wishing[]): Wishing | undefined =>
  all
    .slice(0, all.indexOf(one))
    .find(({ member, wished }) => member.declared && placeOf(wished) === placeOf(one.wished));

const placeOf = (wished: Wished): string | undefined => (wished.ok ? wished.desired.place : undefined);

/** Whoever has a task that may live where this one wants to go; undefined where it is there already. */
function holderOf(one: Wishing, all: readonly Wishing[], resource: ConverterResource): Wishing | undefined {
  const { wished, current } = one;
  if (!wished.ok) return undefined;
  const { desired } = wished;
  const isThere = current !== undefined && placeIn(current) === desired.place;
  const besides = all.filter((other) => other !== one);
  const tasks = tasksOf<ConverterTask>(resource.status).filter(mayLive);
  return besides.find(({ member }) => {
    const theirs = ofMember(tasks, member.name);
    const named = current === undefined && theirs.some((task) => task.name === desired.baseName);
    return (
      named || (!isThere && sharesNoPlace(one.member, member) && theirs.some((task) => pushesTo(task, desired, member)))
    );
  });
}

const sharesNoPlace = (a: Member, b: Member): boolean =>
  !(a.declared && b.declared && a.priority !== undefined && b.priority !== undefined);

const placeIn = ({ applied }: ConverterTask): string | undefined => applied[ADDRESS] ?? applied['rtmpUrl'];

/** Of what is on its way out and cannot be told (restored, or an update without an answer) it is taken for granted. */
function pushesTo(task: ConverterTask, { place }: Desired, { declared }: Member): boolean {
  const known = placeIn(task);
  return known === place || (!declared && (known === undefined || known === ''));
}

/**
 * Outputs that change places with each other would wait for ever: the first of the round goes ahead, and for a moment two push
 * to one place. Not where the round would stop there, since what is in somebody's way is an earlier task of which nobody knows.
 */
function leadsRound(
  one: Wishing,
  holder: Wishing,
  { all, resource }: { readonly all: readonly Wishing[]; readonly resource: ConverterResource },
): boolean {
  const round = [one];
  let last = one;
  for (let next: Wishing | undefined = holder; next !== undefined && next.member.declared; ) {
    if (!movesAway(next, last, resource)) return false;
    if (next === one) return round.every((each) => all.indexOf(each) >= all.indexOf(one));
    if (round.includes(next)) return false;
    round.push(next);
    last = next;
    next = holderOf(next, all, resource);
  }
  return false;
}

/** Nothing of `holder` is in the way but the task that it lives by, which is to move on. */
function movesAway({ member, current }: Wishing, { wished }: Wishing, { status }: ConverterResource): boolean {
  if (!wished.ok) return false;
  const { desired } = wished;
  return ofMember(tasksOf<ConverterTask>(status).filter(mayLive), member.name)
    .filter((task) => pushesTo(task, desired, member))
    .every(({ attempt }) => attempt === current?.attempt);
}

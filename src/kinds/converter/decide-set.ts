import { reconcileRequest } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import { CALL_CLASSES } from '../../limits/slot.ts';
import type { Context } from '../context.ts';
import type { UserEvent } from '../kind.ts';
import { mayLive, tasksOf } from '../task.ts';
import { wishOf } from '../wish.ts';
import { withConditions } from './conclude.ts';
import { decideLine, type LineStep } from './decide.ts';
import { held } from './held-set.ts';
import { wishedByMember } from './hold.ts';
import { type Member, membersOf, modeOf } from './members.ts';
import type { ConverterObservation } from './observation.ts';
import { warning } from './outcome.ts';
import type { ConverterResource } from './resource.ts';
import { listed } from './set-status.ts';
import { type Said, verdictOf } from './set-verdict.ts';
import { type ConverterStep, EMPTY_STATUS } from './situation.ts';
import { activePriority, type HandOver, handOver } from './standby.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';
import { contextOf, merged, observationOf, viewOf, withKnownAdmission } from './view.ts';
import { weigh } from './weigh.ts';

interface Line {
  readonly member: Member;
  readonly step: LineStep;
}

interface Now {
  readonly observation: ConverterObservation;
  readonly context: Context;
  readonly now: Instant;
}

/**
 * The brain of a redundant set (MP-8, MP-9, ADR 0031): each member is decided upon as a resource of its own, their statuses
 * become one, and one of their calls is made: stops first, then as the lanes rank them, then in the order of declaration.
 */
export function decideSet(
  resource: ConverterResource,
  observation: ConverterObservation,
  context: Context,
  now: Instant,
): ConverterStep {
  const seen = { observation, context, now };
  const weighed = weighedByMember(resource, seen);
  const taken = takenOver(weighed.resource, context, now);
  return decideMembers(taken.resource, seen, [...weighed.events, ...taken.events]);
}

interface Prepared {
  readonly resource: ConverterResource;
  readonly events: readonly UserEvent[];
}

/** What notices make of the entries (MP-28) comes first: a priority that ended has its place taken over at once. */
function weighedByMember(given: ConverterResource, { observation, context, now }: Now): Prepared {
  return membersOf(given).reduce<Prepared>(
    ({ resource, events }, member) => {
      const view = viewOf(resource, member);
      const { status = EMPTY_STATUS } = view;
      const weighed = weigh(view, observation, { status, context: contextOf(resource, member.name, context), now });
      if (weighed.status === status) return { resource, events };
      return {
        resource: { ...resource, status: merged(resource, member, weighed.status) },
        events: [...events, ...weighed.events],
      };
    },
    { resource: given, events: [] },
  );
}

/** MP-9: the hand-over is decided before everything else, and written with whatever follows from it. */
function takenOver(resource: ConverterResource, context: Context, now: Instant): Prepared {
  const { activePriority: _active, ...status } = resource.status ?? EMPTY_STATUS;
  if (modeOf(resource) !== 'Standby') return { resource: { ...resource, status }, events: [] };
  const over = handOver(resource, context, now);
  const idle = wishOf(resource, context, now).want !== 'running' && !tasksOf<ConverterTask>(status).some(mayLive);
  const next = idle ? 1 : (over?.to ?? activePriority(resource));
  const events = over === undefined ? [] : [warning('StandbyTookOver', noteOf(over))];
  return { resource: { ...resource, status: { ...status, activePriority: next } }, events };
}

const noteOf = ({ from, to, why }: HandOver): string => `priority ${from} ${why}. Priority ${to} takes over`;

function decideMembers(given: ConverterResource, seen: Now, told: readonly UserEvent[]): ConverterStep {
  const members = membersOf(given);
  const wished = wishedByMember(given, members, seen.context);
  const decideOne = (resource: ConverterResource, member: Member): LineStep => {
    const wish = wished.get(member.name);
    return decideLine(viewOf(resource, member), observationOf(seen.observation, member.name), {
      context: contextOf(resource, member.name, seen.context),
      now: seen.now,
      ...(wish === undefined ? {} : { wished: wish }),
    });
  };
  let resource: ConverterResource = {
    ...given,
    status: withKnownAdmission(given.status ?? EMPTY_STATUS, members, modeOf(given)),
  };
  const lines: Line[] = [];
  for (const member of members) {
    const step = decideOne(resource, member);
    lines.push({ member, step });
    if (step.do !== 'call') resource = { ...resource, status: merged(resource, member, step.status) };
  }
  const chosen = lines.filter(({ step }) => step.do === 'call').toSorted(byRank)[0];
  const quiet = lines.flatMap(({ step }) => (step.do === 'call' ? [] : (step.events ?? [])));
  const events = [...told, ...quiet];
  if (chosen === undefined) return rested(resource, lines, { ...seen, events });
  // Once more: what the others' bookkeeping has taken of attempts and room is known only now.
  const step = decideOne(resource, chosen.member);
  const status = merged(resource, chosen.member, step.status);
  const after = { ...resource, status: finished({ ...resource, status }, lines, seen) };
  if (step.do !== 'call') return { do: 'wait', until: seen.now, status: after.status, events };
  const { verdict: _verdict, claims, ...call } = step;
  return {
    ...call,
    action: { ...step.action, member: chosen.member.name },
    status: after.status,
    events: [...events, ...(step.events ?? [])],
    ...(claims === undefined ? {} : { claims: { ...claims, claims: held(after) } }),
  };
}

/** A hand-over begins the next one before the failed one is deleted, for which nobody waits (MP-9). */
function byRank(a: Line, b: Line): number {
  const rank = ({ member, step }: Line): number => {
    if (step.do !== 'call') return CALL_CLASSES.length;
    return member.priority !== undefined && step.action.type === 'create'
      ? -1
      : CALL_CLASSES.indexOf(step.action.class);
  };
  return rank(a) - rank(b);
}

function rested(
  resource: ConverterResource,
  lines: readonly Line[],
  seen: Now & { readonly events: readonly UserEvent[] },
): ConverterStep {
  const { events } = seen;
  const status = finished(resource, lines, seen);
  if (lines.every(({ step }) => step.do === 'release')) return { do: 'release', status, events };
  const until = Math.min(...lines.map(({ step }) => (step.do === 'wait' ? step.until : Number.POSITIVE_INFINITY)));
  return Number.isFinite(until) ? { do: 'wait', until, status, events } : { do: 'rest', status, events };
}

/** What a reader of the status sees: the members, what they come to, the conditions. */
function finished(resource: ConverterResource, lines: readonly Line[], { context, now }: Now): ConverterStatus {
  const said = lines.flatMap(({ member, step }): readonly Said[] =>
    step.verdict === undefined ? [] : [{ member, verdict: step.verdict }],
  );
  const status = listed(resource, said, reconcileRequest(resource));
  const verdict = verdictOf(resource, said, wishOf(resource, context, now));
  return verdict === undefined ? status : withConditions(resource, status, verdict, now);
}

import type { AgoraAnswer } from '../../agora/answer.ts';
import type { AgoraApi } from '../../agora/api.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { CallContext, CallResult, Refusal } from '../kind.ts';
import { findTask } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { checkDue as checkDueAlone } from './cdn.ts';
import { decide as decideAlone } from './decide.ts';
import { decideSet } from './decide-set.ts';
import { fold as foldAlone } from './fold.ts';
import { isSet, type Member, memberNamed, membersOf, modeOf } from './members.ts';
import type { ConverterObservation } from './observation.ts';
import type { FoldedConverter } from './outcome.ts';
import { perform as performAlone } from './perform.ts';
import { refused as refusedAlone } from './refused.ts';
import { type ConverterResource, ONLY_MEMBER } from './resource.ts';
import type { ConverterStep } from './situation.ts';
import type { ConverterTask } from './types.ts';
import { contextOf, merged, observationOf, viewOf, withKnownAdmission, withObservation } from './view.ts';

/** What the brain of one line of tasks does, for a resource that may have several: each answer goes to its member (ADR 0031). */

export function decide(
  resource: ConverterResource,
  observation: ConverterObservation,
  context: Context,
  now: Instant,
): ConverterStep {
  if (isSet(resource)) return decideSet(resource, observation, context, now);
  return decideAlone(withoutSet(resource), observation, context, now);
}

/** What a set that is declared no more, and gone, has left in the status. */
function withoutSet(resource: ConverterResource): ConverterResource {
  if (resource.status === undefined) return resource;
  const { members, activePriority, ...status } = resource.status;
  const tagged = status.admission?.some(({ member }) => member !== undefined) === true;
  if (members === undefined && activePriority === undefined && !tagged) return resource;
  return { ...resource, status: withKnownAdmission(status, membersOf(resource), modeOf(resource)) };
}

export function fold(
  resource: ConverterResource,
  observation: ConverterObservation,
  called: { readonly action: ConverterAction; readonly result: CallResult; readonly context: Context },
  now: Instant,
): FoldedConverter {
  const { action, result, context } = called;
  if (!isSet(resource)) return foldAlone(resource, observation, action, result, context, now);
  return byMember(resource, observation, action, (view, seen, { name }) =>
    foldAlone(view, seen, action, result, contextOf(resource, name, context), now),
  );
}

export function refused(
  resource: ConverterResource,
  observation: ConverterObservation,
  asked: { readonly action: ConverterAction; readonly refusal: Refusal },
  now: Instant,
): FoldedConverter {
  if (!isSet(resource)) return refusedAlone(resource, observation, asked, now);
  return byMember(resource, observation, asked.action, (view, seen) => refusedAlone(view, seen, asked, now));
}

function byMember(
  resource: ConverterResource,
  observation: ConverterObservation,
  action: ConverterAction,
  ask: (view: ConverterResource, observation: ConverterObservation, member: Member) => FoldedConverter,
): FoldedConverter {
  const member = memberOf(resource, action);
  const folded = ask(viewOf(resource, member), observationOf(observation, member.name), member);
  return {
    ...folded,
    status: merged(resource, member, folded.status),
    observation: withObservation(observation, member.name, folded.observation),
  };
}

export function perform(
  resource: ConverterResource,
  action: ConverterAction,
  context: Context,
  api: AgoraApi,
  call: CallContext,
): Promise<AgoraAnswer> {
  const of = isSet(resource) ? viewOf(resource, memberOf(resource, action)) : resource;
  return performAlone(of, action, context, api, call);
}

/** The first of its members whose CDN is to be checked (MP-22). */
export function checkDue(
  resource: ConverterResource,
  observation: ConverterObservation,
  context: Context,
  now: Instant,
): ReturnType<typeof checkDueAlone> {
  if (!isSet(resource)) return checkDueAlone(resource, observation, context, now);
  for (const member of membersOf(resource)) {
    const view = viewOf(resource, member);
    const due = member.unwanted === undefined ? checkDueAlone(view, observation, context, now) : undefined;
    if (due !== undefined) return due;
  }
  return undefined;
}

/** The member that the entry says; before there is one, that of the action. */
const memberOf = (resource: ConverterResource, action: ConverterAction): Member =>
  memberNamed(
    resource,
    findTask<ConverterTask>(resource.status, action.attempt)?.member ?? action.member ?? ONLY_MEMBER,
  );

import type { Resource } from '../../core/resource.ts';
import { type Instant, instant } from '../../core/time.ts';
import type { ConverterNotice } from '../evidence.ts';
import { ownerOf } from './concern.ts';
import type { Identity, Told } from './notices.ts';
import type { ConverterObservation } from './observation.ts';
import type { ConverterSpec, ConverterStatus, ConverterTask } from './types.ts';

/** A resource lists at most 16 entries. */
const MOST_TOLD = 20;

/** Keeps what a notice tells of a listed entry; what concerns none is dropped (MP-28). */
export function toldOf(
  { status }: Pick<Resource<ConverterSpec, ConverterStatus>, 'status'>,
  observation: ConverterObservation,
  notice: ConverterNotice,
  now: Instant,
): ConverterObservation {
  const id = notice.converterId.toLowerCase();
  const kept = (observation.notices ?? []).filter((told) => ownerOf(told, status) !== undefined);
  const old = kept.find((told) => told.converterId === id);
  const identity: Identity = { ...identityIn(notice), ...old, converterId: id };
  const owner = ownerOf(identity, status);
  if (owner === undefined) return { ...observation, notices: kept };
  const others = kept.filter((told) => told !== old);
  return { ...observation, notices: [...others, merge({ ...old, ...identity }, notice, owner, now)].slice(-MOST_TOLD) };
}

const identityIn = ({ converterId, name, createTs, requestId, event }: ConverterNotice): Identity => ({
  converterId,
  ...(name === undefined ? {} : { name }),
  ...(createTs === undefined ? {} : { createTs }),
  ...(requestId === undefined || event.type !== 'created' ? {} : { createdBy: requestId }),
});

function merge(before: Identity & Partial<Told>, notice: ConverterNotice, owner: ConverterTask, now: Instant): Told {
  const { event, at } = notice;
  const updateTs = Math.max(before.updateTs ?? 0, notice.updateTs ?? 0);
  const base: Told = { ...before, receivedAt: now, ...(updateTs === 0 ? {} : { updateTs }) };
  if (event.type === 'destroyed') return { ...base, destroyed: before.destroyed ?? { reason: event.reason, at } };
  return {
    ...base,
    aliveAt: Math.max(before.aliveAt ?? 0, at),
    ...(callsForLook(notice, owner) ? { lookAfter: now } : {}),
  };
}

/** A state is a hint, whatever it says, and so is an update that is not ours: each is looked into at once (D.5). */
function callsForLook({ event, updateTs }: ConverterNotice, owner: ConverterTask): boolean {
  switch (event.type) {
    case 'state':
      return true;
    case 'updated':
      return owner.intent === undefined && (updateTs ?? 0) > (owner.updateTs ?? 0);
    case 'other':
      // What it would tell could not be read.
      return event.eventType === STATE || event.eventType === DESTROYED;
    case 'created':
    case 'destroyed':
      return false;
  }
}

const STATE = 3;
const DESTROYED = 4;

/** What was told of an entry; of several that one without an id may be, the one that lives goes first. */
export function toldAbout(
  { notices = [] }: Pick<ConverterObservation, 'notices'>,
  status: ConverterStatus,
  task: ConverterTask,
): Told | undefined {
  const own = notices.filter((told) => ownerOf(told, status)?.attempt === task.attempt);
  return own.findLast((told) => told.destroyed === undefined) ?? own.at(-1);
}

/** A Get that a notice called for comes no sooner after another than this, however many notices come. */
const TOLD_LOOK_SPACING_MS = 2_000;

/** When the look is due that a notice calls for. */
export function toldLookAt(
  observation: Pick<ConverterObservation, 'notices' | 'looks'>,
  task: ConverterTask,
): Instant | undefined {
  const id = task.converterId?.toLowerCase();
  const after = observation.notices?.find((told) => told.converterId === id)?.lookAfter;
  const sentAt = observation.looks[task.attempt]?.sentAt ?? 0;
  if (after === undefined || sentAt >= after || after < (instant(task.startedAt) ?? 0)) return undefined;
  return Math.max(after, sentAt + TOLD_LOOK_SPACING_MS);
}

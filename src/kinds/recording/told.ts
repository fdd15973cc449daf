import type { Resource } from '../../core/resource.ts';
import { type Instant, instant } from '../../core/time.ts';
import type { RecordingNotice } from '../evidence.ts';
import { tasksOf } from '../task.ts';
import { concerns, ownerOf } from './concern.ts';
import type { Told, ToldEnd } from './notices.ts';
import type { RecordingObservation } from './observation.ts';
import { withSequence } from './sequences.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from './types.ts';

/** A resource lists at most 16 entries; of more recordings than this one cannot be told at a time. */
const MOST_TOLD = 20;
const MOST_UIDS = 4;

/** Keeps what a notice tells of a listed entry; what concerns none is dropped (WR-11). */
export function toldOf(
  { status }: Pick<Resource<RecordingSpec, RecordingStatus>, 'status'>,
  observation: RecordingObservation,
  notice: RecordingNotice,
  now: Instant,
): RecordingObservation {
  const kept = (observation.notices ?? []).filter((told) => ownerOf(told, status) !== undefined);
  const old = kept.find((told) => told.sid === notice.sid);
  const owner = old === undefined ? undefined : ownerOf(old, status);
  // Without a `sid` it tells of nothing that could be told apart.
  if (notice.sid === '' || (owner === undefined && !concerns(status, notice))) return { ...observation, notices: kept };
  const merged = merge(old, notice, { now, outOfSightSince: sinceOf(status, notice) });
  const others = kept.filter((told) => told !== old);
  return { ...observation, notices: [...others, merged].slice(-MOST_TOLD) };
}

/** Since when the entry of this `sid` is out of sight or concluded gone: any later sign of life is looked into. */
function sinceOf(status: RecordingStatus | undefined, { sid }: RecordingNotice): Instant | undefined {
  const task = tasksOf<RecordingTask>(status).find((each) => each.sid === sid);
  return instant(task?.lostAt ?? task?.missingSince);
}

function merge(
  old: Told | undefined,
  notice: RecordingNotice,
  { now, outOfSightSince }: { readonly now: Instant; readonly outOfSightSince: Instant | undefined },
): Told {
  const before: Told = old ?? {
    sid: notice.sid,
    cname: notice.cname,
    uids: [],
    at: notice.at,
    receivedAt: now,
    sequences: {},
  };
  const { event, sequence } = notice;
  const came = before.sequences[notice.uid] ?? [];
  const comes = sequence === undefined ? came : withSequence(came, sequence);
  const uids = [...before.uids, notice.uid, ...(event.type === 'failover' ? [event.newUid] : [])];
  // One that does not join on to the others: something between was lost, or is late.
  const gap = comes.length > Math.max(1, came.length);
  const life = outOfSightSince !== undefined && notice.at > outOfSightSince;
  const looks = gap || life || callsForLook(notice);
  return {
    ...before,
    uids: [...new Set(uids)].slice(-MOST_UIDS),
    at: Math.max(before.at, notice.at),
    receivedAt: now,
    sequences: { ...before.sequences, [notice.uid]: comes },
    ...(looks ? { lookAfter: now } : {}),
    ...particulars(before, notice, now),
  };
}

/** Signs of life confirm nothing by themselves, and alarms prove nothing: each is looked into at once (D.4). */
function callsForLook({ event }: RecordingNotice): boolean {
  switch (event.type) {
    case 'started':
    case 'failover':
    case 'capability-limit':
    case 'publish':
      return true;
    case 'error':
      return event.level >= FATAL;
    case 'other':
      return LOOKED_INTO.includes(event.eventType);
    case 'stopped':
    case 'exited':
    case 'reloaded':
      return false;
  }
}

const FATAL = 5;
/** 4: the first playlist was uploaded. The others where what they would tell could not be read. */
const LOOKED_INTO: readonly number[] = [4, 11, 12, 71];

function particulars(
  before: Told,
  { event, at }: RecordingNotice,
  now: Instant,
): Pick<Told, 'end' | 'failover' | 'limitType' | 'reload'> {
  switch (event.type) {
    case 'stopped':
      return { end: { code: event.code, ...endAt(before, at, now) } };
    case 'exited':
      return { end: endAt(before, at, now) };
    case 'failover':
      return at < (before.failover?.at ?? 0) ? {} : { failover: { newUid: event.newUid, at } };
    case 'capability-limit':
      return { limitType: event.limitType };
    case 'reloaded':
      return at < (before.reload?.at ?? 0) ? {} : { reload: { reason: event.reason, at } };
    case 'started':
    case 'publish':
    case 'error':
    case 'other':
      return {};
  }
}

/** The earliest word of it: the two events of an end tell of one. */
const endAt = ({ end }: Told, at: Instant, now: Instant): ToldEnd =>
  end === undefined ? { at, receivedAt: now } : { ...end, at: Math.min(end.at, at) };

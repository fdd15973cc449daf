import { instant, minutes } from '../../core/time.ts';
import type { ConverterNotice, Evidence, RecordingNotice } from '../evidence.ts';
import type { LeftTold, ProjectObservation } from './observation.ts';
import { MOST_LEFT } from './timing.ts';
import type { LeftBehind, ProjectStatus } from './types.ts';

/** Agora's clock and ours may differ so far. */
const CLOCKS_DIFFER_MS = minutes(1);

/** The entry that a notice concerns which concerns no resource that is there (WR-11, design §5.7). */
export const leftOf = (
  status: Pick<ProjectStatus, 'leftBehind'> | undefined,
  notice: RecordingNotice | ConverterNotice,
): LeftBehind | undefined => (status?.leftBehind ?? []).find((entry) => concerns(entry, notice));

/**
 * By its handle, whenever it was; else by what Agora lets only one living task have, its cname and uid or its name. That tells
 * of this one if it is later than when it was left: by then its last start had long been sent, so that nothing else followed it.
 */
function concerns(entry: LeftBehind, notice: RecordingNotice | ConverterNotice): boolean {
  const isLater = notice.at >= instant(entry.since) + CLOCKS_DIFFER_MS;
  if (notice.source === 'recording-notice') {
    if (entry.kind !== 'WebPageRecording' || notice.sid === '') return false;
    if (entry.sid !== undefined) return entry.sid === notice.sid;
    return isLater && entry.cname === notice.cname && entry.taskUid === notice.uid;
  }
  if (entry.kind !== 'RtmpConverter') return false;
  if (entry.converterId !== undefined) return entry.converterId.toLowerCase() === notice.converterId.toLowerCase();
  return isLater && notice.name !== undefined && entry.taskName === notice.name;
}

/** Keeps what a notice tells of a listed entry; what concerns none is dropped. */
export function toldOf(
  status: ProjectStatus | undefined,
  observation: ProjectObservation,
  evidence: Evidence,
): ProjectObservation {
  if (evidence.source === 'page') return observation;
  const entry = leftOf(status, evidence);
  if (entry === undefined) return observation;
  const { uid, attempt } = entry;
  const before = toldAbout(observation, entry);
  const told: LeftTold = {
    uid,
    attempt,
    ...(evidence.source === 'recording-notice' ? { sid: evidence.sid } : {}),
    isOver: before?.isOver === true || isEnd(evidence),
  };
  return {
    ...observation,
    left: [...(observation.left ?? []).filter((each) => each !== before), told].slice(-MOST_LEFT),
  };
}

/** D.4: 71 and 11; D.5: 4. */
const isEnd = ({ event }: RecordingNotice | ConverterNotice): boolean =>
  event.type === 'stopped' || event.type === 'exited' || event.type === 'destroyed';

export const toldAbout = (
  { left = [] }: Pick<ProjectObservation, 'left'>,
  { uid, attempt }: Pick<LeftBehind, 'uid' | 'attempt'>,
): LeftTold | undefined => left.find((each) => each.uid === uid && each.attempt === attempt);

/** The entry with the handle that was told. */
export function withHandle(entry: LeftBehind, told: LeftTold | undefined): LeftBehind {
  return entry.sid !== undefined || told?.sid === undefined ? entry : { ...entry, sid: told.sid };
}

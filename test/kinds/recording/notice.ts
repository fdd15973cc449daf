import type { Instant } from '../../../src/core/time.ts';
import type { RecordingEvent, RecordingNotice } from '../../../src/kinds/evidence.ts';
import { T0 } from './builders.ts';

/** A notice of the recording `sid-R1`, unless it says otherwise. */
export const notice = (
  event: RecordingEvent,
  more: Partial<Omit<RecordingNotice, 'event' | 'source'>> = {},
  at: Instant = T0,
): RecordingNotice => ({
  source: 'recording-notice',
  noticeId: `n-${event.type}`,
  at,
  receivedAt: at,
  sid: 'sid-R1',
  cname: 'media-keynote',
  uid: '1',
  event,
  ...more,
});

export const stopped = (code: number): RecordingEvent => ({ type: 'stopped', code, message: `message ${code}` });
export const exited = (exitStatus: number): RecordingEvent => ({ type: 'exited', exitStatus });
export const failover = (newUid: string): RecordingEvent => ({ type: 'failover', newUid });
export const reloaded = (reason: string): RecordingEvent => ({ type: 'reloaded', reason });
export const limited = (limitType: string): RecordingEvent => ({ type: 'capability-limit', limitType });
export const other = (eventType: number): RecordingEvent => ({ type: 'other', eventType });

import { asObject, asText, type JsonObject, member } from '../agora/json.ts';
import { redacted } from '../agora/redact.ts';
import type { Instant } from '../core/time.ts';
import type { RecordingEvent, RecordingNotice } from '../kinds/evidence.ts';
import { asId, asInstant, asWhole, asWord } from './fields.ts';

/** WR-11, reference D.4. Addresses and file lists are not taken over: they are secrets, or of no use here. */
export function recordingNotice(
  eventType: number,
  payload: JsonObject,
  head: { readonly noticeId: string; readonly receivedAt: Instant },
): RecordingNotice | undefined {
  const sid = asId(payload['sid']) ?? '';
  const cname = asId(payload['cname']) ?? '';
  const uid = asId(payload['uid']) ?? '';
  // Neither way of finding its task: a health check (D.3).
  if (sid === '' && (cname === '' || uid === '')) return undefined;
  return {
    source: 'recording-notice',
    ...head,
    at: asInstant(payload['sendts'], head.receivedAt) ?? head.receivedAt,
    sid,
    cname,
    uid,
    ...member('sequence', sequenceOf(payload['sequence'])),
    event: eventOf(eventType, asObject(payload['details']) ?? {}) ?? { type: 'other', eventType },
  };
}

function sequenceOf(value: unknown): number | undefined {
  const number = asWhole(value);
  return number === undefined || number < 0 ? undefined : number;
}

/** Undefined: of no meaning here, or without what its meaning hangs on. It is then a reason to look, and nothing more. */
function eventOf(eventType: number, details: JsonObject): RecordingEvent | undefined {
  switch (eventType) {
    case 1:
      return errorOf(details);
    case 11:
      return with1(asWhole(details['exitStatus']), (exitStatus) => ({ type: 'exited', exitStatus }));
    case 12:
      return with1(asId(details['newUid']), (newUid) => ({ type: 'failover', newUid }));
    case 70:
      return { type: 'started' };
    case 71:
      return stoppedOf(details);
    case 72:
      return { type: 'capability-limit', limitType: asWord(details['limitType']) ?? '' };
    case 73:
      return { type: 'reloaded', reason: asWord(details['reason']) ?? '' };
    case 100:
      return with1(asWord(details['status']), (status) => ({ type: 'publish', status }));
    default:
      return undefined;
  }
}

function with1<Value>(value: Value | undefined, event: (value: Value) => RecordingEvent): RecordingEvent | undefined {
  return value === undefined ? undefined : event(value);
}

function errorOf(details: JsonObject): RecordingEvent {
  return { type: 'error', code: asWhole(details['errorCode']) ?? 0, level: asWhole(details['errorLevel']) ?? 0 };
}

/** D.4: what a stop's message says, for a notice without its code. */
const STOP_MESSAGES: ReadonlyMap<string, number> = new Map([
  ['ok', 0],
  ['max_recording_hour', 1],
  ['capability_limit', 2],
  ['start_engine_failed', 3],
  ['page_load_timeout', 4],
  ['access_url_failed', 5],
  ['recorder_error', 6],
]);

function stoppedOf(details: JsonObject): RecordingEvent | undefined {
  const message = redacted(asText(details['message']) ?? '', []);
  const code = asWhole(details['code']) ?? STOP_MESSAGES.get(message);
  return with1(code, (known) => ({ type: 'stopped', code: known, message }));
}

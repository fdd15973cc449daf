import { asObject, type JsonObject, member } from '../agora/json.ts';
import type { Instant } from '../core/time.ts';
import type { ConverterEvent, ConverterNotice } from '../kinds/evidence.ts';
import { asId, asInstant, asSeconds, asWord } from './fields.ts';

/** MP-28, reference D.5. The converter's address and options are not taken over: they are secrets, or of no use here. */
export function converterNotice(
  eventType: number,
  payload: JsonObject,
  head: { readonly noticeId: string; readonly receivedAt: Instant },
): ConverterNotice | undefined {
  const converter = asObject(payload['converter']) ?? {};
  const converterId = asId(converter['id']);
  // A health check (D.3).
  if (converterId === undefined) return undefined;
  return {
    source: 'converter-notice',
    ...head,
    at: asInstant(payload['lts'], head.receivedAt) ?? head.receivedAt,
    converterId,
    ...member('name', asId(converter['name'])),
    ...member('requestId', asId(payload['xRequestId'])),
    ...member('createTs', asSeconds(converter['createTs'])),
    ...member('updateTs', asSeconds(converter['updateTs'])),
    event: eventOf(eventType, payload, converter),
  };
}

function eventOf(eventType: number, payload: JsonObject, converter: JsonObject): ConverterEvent {
  const state = asWord(converter['state']);
  switch (eventType) {
    case 1:
      return { type: 'created' };
    case 2:
      return { type: 'updated' };
    case 3:
      return state === undefined ? { type: 'other', eventType } : { type: 'state', state };
    case 4:
      return { type: 'destroyed', reason: asWord(payload['destroyReason']) ?? '' };
    default:
      return { type: 'other', eventType };
  }
}

import type { Instant } from '../core/time.ts';
import type { Json } from './json.ts';
import type { Entry, TaskEvent } from './ledger.ts';
import type { Switches } from './switches.ts';

/** One notification as it stands before it is sent; only the time of sending is still open. */
export interface Notice {
  readonly noticeId: string;
  readonly productId: 3 | 5;
  readonly eventType: number;
  readonly payload: Json;
}

/** `notifyMs` is the time of this very sending, so that a repetition has another body and another signature (D.1). */
export const envelope = ({ noticeId, productId, eventType, payload }: Notice, now: Instant): string =>
  JSON.stringify({ noticeId, productId, eventType, notifyMs: now, payload });

/** What an event of a task tells (reference D.4, D.5). */
export function payloadOf(entry: Entry, event: TaskEvent, unshown: Json, switches: Switches): Json {
  const { identity } = entry;
  if (event.productId === 3) {
    return {
      cname: identity.name,
      uid: entry.noticeUid ?? '',
      sid: identity.id,
      sequence: event.sequence,
      sendts: event.at,
      serviceType: serviceOf(event.eventType),
      serviceScene: 'web_record',
      details: { ...event.details, ...unshown },
    };
  }
  // Its unit is said to be ms, but every sample has seconds.
  return { ...unshown, lts: switches.noticeTimes === 'seconds' ? Math.floor(event.at / 1_000) : event.at };
}

/** Which part of Cloud Recording tells it: 0 the service, 2 the uploader, 6 the web page recorder. */
function serviceOf(eventType: number): 0 | 2 | 6 {
  if (eventType >= 30 && eventType <= 33) return 2;
  return eventType >= 70 && eventType <= 100 ? 6 : 0;
}

/** The events of each product that a subscription is tested with (D.3: one test event for each). */
export const TESTED_EVENTS: Readonly<Record<3 | 5, readonly number[]>> = {
  3: [1, 4, 11, 12, 30, 31, 32, 33, 70, 71, 72, 73, 100],
  5: [1, 2, 3, 4],
};

/** The shape of a test event is documented for RTC alone; its names are used for the others. */
export function testNotice(productId: 3 | 5, eventType: number, noticeId: string, now: Instant): Notice {
  const seconds = Math.floor(now / 1_000);
  const recording = {
    cname: 'test_webhook',
    uid: '12121212',
    sid: '0'.repeat(32),
    sequence: 0,
    sendts: now,
    serviceType: serviceOf(eventType),
    details: { msgName: 'test_webhook' },
  };
  const converter = {
    converter: { id: '0'.repeat(32), name: 'test_webhook', createTs: seconds, updateTs: seconds, state: 'connecting' },
    lts: seconds,
  };
  return { noticeId, productId, eventType, payload: productId === 3 ? recording : converter };
}

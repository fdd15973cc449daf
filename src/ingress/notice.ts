import { asNumber, asObject, parseJson } from '../agora/json.ts';
import type { Instant } from '../core/time.ts';
import type { ConverterNotice, RecordingNotice } from '../kinds/evidence.ts';
import type { NotifyingProduct } from '../kinds/project/notifications.ts';
import { converterNotice } from './converter-notice.ts';
import { asId } from './fields.ts';
import { recordingNotice } from './recording-notice.ts';

export type NoticeProduct = NotifyingProduct | 'other';

/** A body whose signature was good. `evidence` is absent where it names no task: a health check, another product. */
export interface Notice {
  readonly product: NoticeProduct;
  readonly eventType: number;
  readonly noticeId: string | undefined;
  readonly evidence?: RecordingNotice | ConverterNotice;
}

/**
 * Reads the envelope of reference D.1 as tolerantly as can be done without guessing. Event types of the products collide, so
 * the product decides first. Undefined for what is no notice.
 */
export function parseNotice(body: Uint8Array, receivedAt: Instant): Notice | undefined {
  const envelope = asObject(parseJson(textOf(body)));
  const productId = asNumber(envelope?.['productId']);
  const eventType = asNumber(envelope?.['eventType']);
  if (envelope === undefined || productId === undefined || !isEventType(eventType)) return undefined;
  const noticeId = asId(envelope['noticeId']);
  const product = PRODUCTS.get(productId) ?? 'other';
  const head = { noticeId: noticeId ?? '', receivedAt };
  const payload = asObject(envelope['payload']) ?? {};
  const evidence = evidenceOf(product, eventType, payload, head);
  return { product, eventType, noticeId, ...(evidence === undefined ? {} : { evidence }) };
}

/** Reference D.1. */
const PRODUCTS: ReadonlyMap<number, NoticeProduct> = new Map([
  [3, 'recording'],
  [5, 'media-push'],
]);

function evidenceOf(
  product: NoticeProduct,
  eventType: number,
  payload: Readonly<Record<string, unknown>>,
  head: { readonly noticeId: string; readonly receivedAt: Instant },
): RecordingNotice | ConverterNotice | undefined {
  switch (product) {
    case 'recording':
      return recordingNotice(eventType, payload, head);
    case 'media-push':
      return converterNotice(eventType, payload, head);
    case 'other':
      return undefined;
  }
}

const isEventType = (value: number | undefined): value is number => Number.isSafeInteger(value);

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body);

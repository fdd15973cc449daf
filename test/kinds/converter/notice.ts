import type { Instant } from '../../../src/core/time.ts';
import type { ConverterEvent, ConverterNotice } from '../../../src/kinds/evidence.ts';
import { T0 } from './builders.ts';

/** A notice of the converter `c1`, unless it says otherwise. */
export const notice = (
  event: ConverterEvent,
  more: Partial<Omit<ConverterNotice, 'event' | 'source'>> = {},
  at: Instant = T0,
): ConverterNotice => ({
  source: 'converter-notice',
  noticeId: `n-${event.type}`,
  at,
  receivedAt: at,
  converterId: 'c1',
  event,
  ...more,
});

export const created: ConverterEvent = { type: 'created' };
export const updated: ConverterEvent = { type: 'updated' };
export const state = (name: string): ConverterEvent => ({ type: 'state', state: name });
export const destroyed = (reason: string): ConverterEvent => ({ type: 'destroyed', reason });

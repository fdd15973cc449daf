import { describe, expect, it } from 'vitest';
import { type Notice, parseNotice } from '../../src/ingress/notice.ts';
import type { ConverterEvent, RecordingEvent } from '../../src/kinds/evidence.ts';
import { bytes, CONVERTER_ID, pushNotice, recordingNotice, SID, T0 } from './builders.ts';

const parse = (value: unknown): Notice | undefined => parseNotice(bytes(value), T0);
const eventOf = (value: unknown): unknown => {
  const { evidence } = parse(value) ?? {};
  return evidence !== undefined && 'event' in evidence ? evidence.event : undefined;
};

describe('WR-11 notices of Cloud Recording (reference D.4)', () => {
  const other = (eventType: number): RecordingEvent => ({ type: 'other', eventType });
  it.each<[number, object, RecordingEvent]>([
    [1, { module: 6, errorLevel: 5, errorCode: 113, errorMsg: 'x' }, { type: 'error', code: 113, level: 5 }],
    [2, { module: 1, warnCode: 31 }, other(2)],
    [3, { status: 'in-progress', fileList: '' }, other(3)],
    [4, { fileList: 'a.m3u8' }, other(4)],
    [11, { exitStatus: 0 }, { type: 'exited', exitStatus: 0 }],
    [11, { exitStatus: '1' }, { type: 'exited', exitStatus: 1 }],
    [12, { newUid: 4_294_967_295 }, { type: 'failover', newUid: '4294967295' }],
    [12, { newUid: '77' }, { type: 'failover', newUid: '77' }],
    [13, {}, other(13)],
    [30, { status: 0 }, other(30)],
    [31, { status: 0 }, other(31)],
    [32, { status: 0 }, other(32)],
    [33, { progress: 10_000 }, other(33)],
    [40, {}, other(40)],
    [41, { leaveCode: 8 }, other(41)],
    [42, {}, other(42)],
    [43, {}, other(43)],
    [44, {}, other(44)],
    [45, {}, other(45)],
    [60, {}, other(60)],
    [61, {}, other(61)],
    [70, { recorderStartTime: T0 }, { type: 'started' }],
    [71, { code: 0, message: 'ok' }, { type: 'stopped', code: 0, message: 'ok' }],
    [71, { code: 1, message: 'max_recording_hour' }, { type: 'stopped', code: 1, message: 'max_recording_hour' }],
    [71, { code: 4, message: 'page_load_timeout' }, { type: 'stopped', code: 4, message: 'page_load_timeout' }],
    [72, { limitType: 'WebGL' }, { type: 'capability-limit', limitType: 'WebGL' }],
    [73, { reason: 'audio_silence' }, { type: 'reloaded', reason: 'audio_silence' }],
    [80, {}, other(80)],
    [81, {}, other(81)],
    [90, {}, other(90)],
    [100, { rtmpUrl: 'rtmp://a/canary', status: 'disconnected' }, { type: 'publish', status: 'disconnected' }],
    [1_001, {}, other(1_001)],
    [31_337, {}, other(31_337)],
  ])('event %s %j', (eventType, details, event) => {
    const notice = parse(recordingNotice(eventType, { msgName: 'x', ...details }));
    expect(notice).toEqual({
      product: 'recording',
      eventType,
      noticeId: `2000001428:${eventType}:107`,
      evidence: {
        source: 'recording-notice',
        noticeId: `2000001428:${eventType}:107`,
        at: T0 - 1_000,
        receivedAt: T0,
        sid: SID,
        cname: 'keynote',
        uid: '527841',
        sequence: 9,
        event,
      },
    });
  });

  it.each<[string, number, object, RecordingEvent]>([
    ['71 without its code, by its message', 71, { message: 'recorder_error' }, stopped(6, 'recorder_error')],
    ['71 with its code as text', 71, { code: '3', message: 'start_engine_failed' }, stopped(3, 'start_engine_failed')],
    ['71 with neither: a reason to look', 71, { message: 'who knows' }, other(71)],
    ['71 with a code that is no number', 71, { code: {}, message: 'x' }, other(71)],
    [
      '71 with an address in its message',
      71,
      { code: 5, message: 'no https://a/canary' },
      stopped(5, 'no https://***'),
    ],
    ['11 without its status', 11, {}, other(11)],
    ['12 without its uid', 12, {}, other(12)],
    ['100 with a number for its status', 100, { status: 1 }, other(100)],
    ['72 without its type', 72, {}, { type: 'capability-limit', limitType: '' }],
    ['1 with numbers as text', 1, { errorCode: '2', errorLevel: '5' }, { type: 'error', code: 2, level: 5 }],
    ['details that are a list', 70, [], { type: 'started' }],
  ])('%s', (_, eventType, details, event) => {
    expect(eventOf(recordingNotice(eventType, {}, { details }))).toEqual(event);
  });

  it.each<[string, object, object]>([
    ['the uid as a number', { uid: 527_841 }, { uid: '527841' }],
    ['the sequence as text', { sequence: '12' }, { sequence: 12 }],
    ['a sequence of 0', { sequence: 0 }, { sequence: 0 }],
    ['a sequence below 0', { sequence: -1 }, { sequence: undefined }],
    ['a sequence with a part', { sequence: 1.5 }, { sequence: undefined }],
    ['sendts in seconds', { sendts: T0 / 1_000 }, { at: T0 }],
    ['sendts as text', { sendts: `${T0 - 5}` }, { at: T0 - 5 }],
    ['no sendts', { sendts: undefined }, { at: T0 }],
    ['sendts of a clock that is a minute ahead', { sendts: T0 + 60_000 }, { at: T0 + 60_000 }],
    ['sendts out of any time', { sendts: 1e300 }, { at: T0 }],
    ['sendts below 0', { sendts: -5 }, { at: T0 }],
    ['no sid, found by cname and uid', { sid: undefined }, { sid: '', cname: 'keynote', uid: '527841' }],
    ['a sid alone', { cname: undefined, uid: undefined }, { sid: SID, cname: '', uid: '' }],
    ['an endless sid', { sid: 'a'.repeat(2_000) }, { sid: '' }],
  ])('%s', (_, payload, expected) => {
    const { evidence } = parse(recordingNotice(70, {}, payload)) ?? {};
    expect({ sequence: undefined, ...evidence }).toMatchObject(expected);
  });

  it.each([
    ['nothing in the payload', {}],
    ['a channel of the health check of another product', { channelName: 'test_webhook', uid: '12121212' }],
    ['a cname without a uid', { cname: 'test' }],
  ])('a health check names no task: %s', (_, payload) => {
    expect(parse({ ...recordingNotice(70), payload })).toEqual({
      product: 'recording',
      eventType: 70,
      noticeId: '2000001428:70:107',
    });
  });

  function stopped(code: number, message: string): RecordingEvent {
    return { type: 'stopped', code, message };
  }
});

describe('MP-28 notices of Media Push (reference D.5)', () => {
  it.each<[number, object, object, ConverterEvent]>([
    [1, { name: 'vertical', state: 'connecting', rtmpUrl: 'rtmp://a/canary' }, {}, { type: 'created' }],
    [2, { state: 'running' }, { fields: 'id,state' }, { type: 'updated' }],
    [3, { state: 'running' }, {}, { type: 'state', state: 'running' }],
    [3, {}, {}, { type: 'other', eventType: 3 }],
    [4, { name: 'vertical' }, { destroyReason: 'Idle Timeout' }, { type: 'destroyed', reason: 'Idle Timeout' }],
    [4, {}, { destroyReason: 'Delete Request' }, { type: 'destroyed', reason: 'Delete Request' }],
    [4, {}, { destroyReason: 'Internal Error' }, { type: 'destroyed', reason: 'Internal Error' }],
    [4, {}, {}, { type: 'destroyed', reason: '' }],
    [9, {}, {}, { type: 'other', eventType: 9 }],
  ])('event %s %j %j', (eventType, converter, payload, event) => {
    const { evidence, ...notice } = parse(pushNotice(eventType, converter, { xRequestId: 'r-1', ...payload })) ?? {};
    expect(notice).toEqual({ product: 'media-push', eventType, noticeId: `push:${eventType}:1` });
    expect(evidence).toEqual({
      source: 'converter-notice',
      noticeId: `push:${eventType}:1`,
      at: T0 - 1_000,
      receivedAt: T0,
      converterId: CONVERTER_ID,
      requestId: 'r-1',
      createTs: 1_790_000_000,
      updateTs: 1_790_000_150,
      event,
      ...('name' in converter ? { name: 'vertical' } : {}),
    });
    expect(JSON.stringify(evidence)).not.toContain('canary');
  });

  it.each<[string, object, object, object]>([
    ['lts in seconds', {}, { lts: T0 / 1_000 }, { at: T0 }],
    ['lts in milliseconds', {}, { lts: T0 - 7 }, { at: T0 - 7 }],
    ['lts as text', {}, { lts: `${T0 / 1_000}` }, { at: T0 }],
    ['no lts', {}, { lts: undefined }, { at: T0 }],
    ['times of the converter in milliseconds', { updateTs: T0 }, {}, { updateTs: T0 / 1_000 }],
    ['times of the converter as text', { createTs: `${T0 / 1_000}` }, {}, { createTs: T0 / 1_000 }],
  ])('%s', (_, converter, payload, expected) => {
    expect(parse(pushNotice(3, converter, payload))?.evidence).toMatchObject(expected);
  });

  it('a health check names no converter', () => {
    for (const payload of [{}, { converter: {} }, { converter: { id: '' } }, { converter: 'x' }])
      expect(parse({ ...pushNotice(1), payload })).not.toHaveProperty('evidence');
  });
});

describe('WR-11 MP-28 the envelope (reference D.1)', () => {
  it.each([
    [3, 'recording'],
    [5, 'media-push'],
    ['3', 'recording'],
    [1, 'other'],
    [4, 'other'],
    [1e9, 'other'],
  ])('product %s decides what event 1 is: %s', (productId, product) => {
    expect(parse({ ...pushNotice(1), productId })?.product).toBe(product);
  });

  it('what else is in it is not looked at', () => {
    const text = JSON.stringify(recordingNotice(70)).replace('{', '{"__proto__":{"sid":"x"},"constructor":1,"new":[],');
    expect(eventOf(text)).toEqual({ type: 'started' });
    expect(eventOf(`\u{FEFF}${JSON.stringify(recordingNotice(70))}`)).toEqual({ type: 'started' });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"noticeId":'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['no product', { eventType: 1 }],
    ['no event type', { productId: 3 }],
    ['an event type with a part', { productId: 3, eventType: 1.5 }],
    ['an event type that is an object', { productId: 3, eventType: {} }],
    ['an endless number', '{"productId":3,"eventType":1e999}'],
    ['deeper than anything', '['.repeat(60_000)],
  ])('unreadable: %s', (_, body) => {
    expect(parse(body)).toBeUndefined();
  });
});

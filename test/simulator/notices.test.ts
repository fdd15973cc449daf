import { describe, expect, it } from 'vitest';
import { signed } from '../../src/simulator/signature.ts';
import { type Listener, listener, OK, SECRETS, signatureOf } from './listener.ts';
import { APP, OTHER_APP, transcoded } from './rig.ts';

const events = (test: Listener): readonly number[] => test.notices().map(({ body }) => body.eventType);
const told = (test: Listener, eventType: number) => test.notices().filter(({ body }) => body.eventType === eventType);

describe('what the cloud tells of a recording (reference D.4)', () => {
  it('from start to stop in the documented order, numbered from 0', async () => {
    const test = listener();
    const handle = await test.record();
    await test.clock.pass(130_000);
    await test.stop(handle);
    await test.clock.pass(5_000);
    expect(events(test)).toEqual([70, 30, 4, 33, 71, 31, 11]);
    expect(test.notices().map(({ body }) => body.payload.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const stopped = told(test, 71)[0];
    expect(stopped?.body).toMatchObject({
      productId: 3,
      payload: {
        cname: handle.cname,
        uid: handle.uid,
        sid: handle.sid,
        serviceType: 6,
        details: {
          msgName: 'web_recorder_stopped',
          code: 0,
          message: 'ok',
          fileList: [{ filename: `${handle.sid}_show.m3u8` }],
        },
      },
    });
    expect(told(test, 11)[0]?.body.payload).toMatchObject({ serviceType: 0, details: { exitStatus: 0 } });
    expect(told(test, 30)[0]?.body.payload.serviceType).toBe(2);
  });

  it.each([
    ['task-dies', { kind: 'task-dies' }, [1, 71, 31, 11], { code: 6, message: 'recorder_error' }],
    [
      'page-too-heavy',
      { kind: 'page-too-heavy', limitType: 'WebGL' },
      [72, 71, 31, 11],
      { code: 2, message: 'capability_limit' },
    ],
  ] as const)('%s: what ends abnormally says so', async (_name, fault, expected, details) => {
    const test = listener();
    await test.record();
    await test.clock.pass(60_000);
    test.forget();
    test.cloud.addFaults([fault]);
    await test.clock.pass(5_000);
    expect(events(test)).toEqual(expected);
    expect(told(test, 71)[0]?.body.payload.details).toMatchObject(details);
    expect(told(test, 11)[0]?.body.payload.details).toMatchObject({ exitStatus: 1 });
  });

  it.each([
    ['at-failure', 0],
    ['at-recovery', 60_000],
  ] as const)('a failover names the uid that all later events carry; told %s', async (failoverNotice, afterMs) => {
    const test = listener({ switches: { failoverNotice } });
    const handle = await test.record();
    await test.clock.pass(60_000);
    test.forget();
    const began = test.clock.now();
    test.cloud.addFaults([{ kind: 'migration', seconds: 60 }]);
    await test.clock.pass(120_000);
    const [failover] = told(test, 12);
    expect(failover?.body.payload).toMatchObject({ uid: handle.uid, details: { msgName: 'session_failover' } });
    expect(failover?.body.payload.sendts - began).toBe(afterMs);
    const { newUid } = failover?.body.payload.details ?? {};
    expect(newUid).toEqual(expect.any(Number));
    expect(told(test, 33).at(-1)?.body.payload.uid).toBe(String(newUid));
    expect((await test.query(handle)).status).toBe(200);
  });

  it('a published one: 100 with its address and status', async () => {
    const test = listener();
    await test.record({ publishTo: 'rtmp://cdn.example.com/live/key' });
    await test.clock.pass(15_000);
    test.cloud.addFaults([{ kind: 'cdn-refuses' }]);
    await test.clock.pass(5_000);
    expect(told(test, 100).map(({ body }) => body.payload.details)).toMatchObject([
      { rtmpUrl: 'rtmp://cdn.example.com/live/key', status: 'connecting' },
      { status: 'publishing' },
      { status: 'disconnected' },
    ]);
    // What others see of the task has no key in it.
    expect(JSON.stringify(test.cloud.tasks())).not.toContain('cdn.example.com');
  });

  it('files that stay behind in the backup: 32 instead of 31', async () => {
    const test = listener({ switches: { uploadNotice: 'backuped' } });
    const handle = await test.record();
    await test.clock.pass(30_000);
    await test.stop(handle);
    await test.clock.pass(5_000);
    expect(events(test).slice(-3)).toEqual([71, 32, 11]);
  });
});

describe('what the cloud tells of a converter (reference D.5)', () => {
  it.each([
    ['seconds', 1],
    ['milliseconds', 1_000],
  ] as const)('create, state, update, delete; lts in %s', async (noticeTimes, perSecond) => {
    const test = listener({ switches: { noticeTimes } });
    const created = await test.create({ name: 'a' }, { headers: { 'X-Request-ID': 'create-1' } });
    const { id, createTs } = created.body.converter;
    await test.clock.pass(10_000);
    await test.patch(id, 0, { rtmpUrl: 'rtmp://cdn.example.com/live/other' });
    await test.clock.pass(10_000);
    await test.remove(id);
    await test.clock.pass(5_000);
    expect(events(test)).toEqual([1, 3, 2, 3, 4]);
    const [first, running, updated, , destroyed] = test.notices().map(({ body }) => body.payload);
    expect(first).toMatchObject({
      converter: {
        id,
        name: 'a',
        createTs,
        updateTs: createTs,
        state: 'connecting',
        idleTimeout: 300,
        ...transcoded(),
      },
      lts: createTs * perSecond,
      xRequestId: 'create-1',
    });
    expect(running).toEqual({
      converter: { id, createTs, updateTs: createTs, state: 'running' },
      lts: expect.any(Number),
      fields: 'id,createTs,updateTs,state',
    });
    expect(updated).toMatchObject({
      converter: {
        id,
        createTs,
        updateTs: createTs + 10,
        state: 'connecting',
        rtmpUrl: 'rtmp://cdn.example.com/live/other',
      },
      xRequestId: expect.any(String),
      fields: 'rtmpUrl',
    });
    expect(updated.converter).not.toHaveProperty('transcodeOptions');
    expect(destroyed).toEqual({
      converter: { id, name: 'a', createTs, updateTs: createTs + 10 },
      lts: expect.any(Number),
      destroyReason: 'Delete Request',
      fields: 'id,name,createTs,updateTs',
    });
  });

  it('the channel stands beside any change of the transcoding', async () => {
    const test = listener();
    const { id } = (await test.create({ name: 'a' })).body.converter;
    await test.patch(
      id,
      0,
      { transcodeOptions: { videoOptions: { bitrate: 900 } } },
      'transcodeOptions.videoOptions.bitrate',
    );
    await test.clock.pass(5_000);
    expect(told(test, 2)[0]?.body.payload.converter.transcodeOptions).toMatchObject({ rtcChannel: 'room' });
  });

  it.each([
    ['Internal Error', 'gone'],
    ['Idle Timeout', 'idle'],
  ] as const)('why it was destroyed: %s', async (destroyReason, how) => {
    const test = listener();
    const { id } = (await test.create({ name: 'a' })).body.converter;
    if (how === 'gone') test.cloud.kill(id, 'gone');
    else test.cloud.setOccupied({ appId: APP, name: 'room' }, false);
    await test.clock.pass(400_000);
    expect(told(test, 4)[0]?.body.payload).toMatchObject({ destroyReason });
  });

  it('a CDN that refuses: state failed', async () => {
    const test = listener();
    await test.create({ name: 'a' });
    await test.clock.pass(10_000);
    test.cloud.addFaults([{ kind: 'cdn-refuses' }]);
    await test.clock.pass(5_000);
    expect(told(test, 3).map(({ body }) => body.payload.converter.state)).toEqual(['running', 'failed']);
  });
});

describe('how it is sent (reference D.1 to D.3)', () => {
  it('signs the raw body as the vector of reference D.2 does', () => {
    const body =
      '{"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e53f411c2761f","notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}';
    expect(signed('secret', body)).toEqual({
      'agora-signature': '92ea60c5249b641f80de046d11e1cb2d15f1d1b2',
      'agora-signature-v2': '6ba85d7c1122f6c51143cce7765f06c601c0fbd691987f4510e45b943b2639e8',
    });
  });

  it('each product under its own secret, by itself, half a second after the event', async () => {
    const test = listener();
    const handle = await test.record();
    await test.create({ name: 'a' });
    await test.clock.pass(20_000);
    for (const { request, body } of test.notices()) {
      const secret = body.productId === 3 ? SECRETS.recording : SECRETS.converter;
      expect(request.headers).toMatchObject({ 'content-type': 'application/json', ...signatureOf(request, secret) });
      expect(request).toMatchObject({ method: 'POST', target: '/notifications/media/live' });
    }
    expect(test.notices().map(({ at, body }) => [at, body.eventType])).toEqual([
      [500, 1],
      [3_500, 3],
      [5_500, 70],
      [5_500, 30],
      [15_500, 4],
    ]);
    const ids = test.notices().map(({ body }) => body.noticeId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(handle.sid).toBe(told(test, 70)[0]?.body.payload.sid);
  });

  it('only to who subscribed: another App ID, another product and a closed cloud are silent', async () => {
    const test = listener();
    const other = { appId: OTHER_APP, authorization: `Basic ${btoa('other:secret')}` };
    await test.create({ name: 'a' }, other);
    await test.clock.pass(5_000);
    expect(test.heard).toEqual([]);
    test.cloud.subscribe(APP, { url: '/x', secrets: { recording: 'r' } });
    await test.create({ name: 'a' });
    await test.clock.pass(5_000);
    expect(test.heard).toEqual([]);
    await test.close();
    await test.record();
    await test.clock.pass(20_000);
    expect(test.heard).toEqual([]);
  });

  it('once more at once, then after 10 and 30 s, and then never again; each time with another time and signature', async () => {
    const test = listener();
    test.answer(() => ({ ...OK, status: 503 }));
    await test.create({ name: 'a' });
    await test.clock.pass(300_000);
    const created = told(test, 1);
    expect(created.map(({ at }) => at)).toEqual([500, 500, 10_500, 40_500]);
    expect(new Set(created.map(({ body }) => body.noticeId)).size).toBe(1);
    const sentAt = created.map(({ at, body }) => body.notifyMs - at);
    expect(new Set(sentAt).size).toBe(1);
    for (const { request } of created) expect(request.headers).toMatchObject(signatureOf(request, SECRETS.converter));
    expect(test.cloud.audit().told.notices).toEqual({
      told: 2,
      sent: 8,
      acknowledged: 0,
      givenUp: 2,
      lost: 0,
      answers: { 503: 8 },
    });
  });

  it('an answer that takes longer than 10 s is none', async () => {
    const test = listener();
    test.answer(() => new Promise(() => undefined));
    await test.create({ name: 'a' });
    await test.clock.pass(12_000);
    expect(told(test, 1).map(({ at }) => at)).toEqual([500, 10_500]);
    test.answer(() => OK);
    await test.clock.pass(60_000);
    expect(told(test, 1).map(({ at }) => at)).toEqual([500, 10_500, 30_500]);
    expect(test.cloud.audit().told.notices).toMatchObject({ acknowledged: 2, givenUp: 0 });
  });

  it('ends when nothing is on its way any more', async () => {
    const test = listener();
    test.answer(() => new Promise(() => undefined));
    await test.create({ name: 'a' });
    await test.clock.pass(1_000);
    await test.close();
    expect(test.cloud.audit().told.notices.acknowledged).toBe(0);
  });

  it('test events on request: one of each type, unknown to everybody, sent once', async () => {
    const test = listener();
    test.answer((request) =>
      JSON.parse(Buffer.from(request.body).toString()).eventType === 71 ? { ...OK, status: 500 } : OK,
    );
    const results = await test.clock.run(test.cloud.testSubscription(APP, new AbortController().signal));
    expect(results.filter(({ productId }) => productId === 5).map(({ eventType }) => eventType)).toEqual([1, 2, 3, 4]);
    expect(results.filter(({ status }) => status !== 200)).toEqual([{ productId: 3, eventType: 71, status: 500 }]);
    expect(test.heard).toHaveLength(results.length);
    expect(test.heard[0]?.body.payload).toMatchObject({ cname: 'test_webhook', uid: '12121212' });
    expect(await test.cloud.testSubscription(OTHER_APP, new AbortController().signal)).toEqual([]);
  });
});

describe('what goes wrong on the way', () => {
  const stopped = async (...faults: Parameters<Listener['cloud']['addFaults']>[0]): Promise<Listener> => {
    const test = listener();
    test.cloud.addFaults(faults);
    const handle = await test.record();
    await test.clock.pass(30_000);
    await test.stop(handle);
    await test.clock.pass(600_000);
    return test;
  };

  it('notice-lost: never sent, and its number is missing', async () => {
    const test = await stopped({ kind: 'notice-lost', match: { event: [71] } });
    expect(test.notices().map(({ body }) => body.payload.sequence)).toEqual([0, 1, 2, 4, 5]);
    expect(test.cloud.audit().told.notices).toMatchObject({ told: 6, lost: 1, acknowledged: 5 });
    expect(test.cloud.faults()[0]?.hits).toBe(1);
  });

  it('notice-doubled: the same once more, under a new time', async () => {
    const test = await stopped({ kind: 'notice-doubled', seconds: 5, match: { event: [71] } });
    const [first, second, ...more] = told(test, 71);
    expect(more).toEqual([]);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(5_000);
    expect(second?.body.noticeId).toBe(first?.body.noticeId);
    expect(second?.body.notifyMs - first?.body.notifyMs).toBe(5_000);
  });

  it('notice-reordered: overtaken by the next one of its task, or sent after a minute', async () => {
    const test = await stopped({ kind: 'notice-reordered', match: { event: [71, 11] } });
    expect(events(test)).toEqual([70, 30, 4, 31, 71, 11]);
    expect((told(test, 11)[0]?.at ?? 0) - (told(test, 31)[0]?.at ?? 0)).toBe(60_000);
  });

  it('notice-late: five minutes, or as said', async () => {
    const test = await stopped(
      { kind: 'notice-late', match: { event: [71] } },
      { kind: 'notice-late', seconds: 90, match: { event: [11] } },
    );
    const at = told(test, 31)[0]?.at ?? 0;
    expect(told(test, 71)[0]?.at).toBe(at + 300_000);
    expect(told(test, 11)[0]?.at).toBe(at + 90_000);
  });

  it('wrong-signature: neither header is right, at no attempt', async () => {
    const test = listener();
    test.cloud.addFaults([{ kind: 'wrong-signature', count: 1 }]);
    test.answer((request) => {
      const wanted = signatureOf(request, SECRETS.converter);
      const right = Object.entries(wanted).some(([name, value]) => request.headers[name] === value);
      return right ? OK : { ...OK, status: 401 };
    });
    await test.create({ name: 'a' });
    await test.clock.pass(60_000);
    expect(test.cloud.audit().told.notices).toMatchObject({ givenUp: 1, acknowledged: 1, answers: { 200: 1, 401: 4 } });
  });

  it('ingress-outage: repeated until it is over, if that is soon', async () => {
    const test = listener();
    const now = test.clock.now();
    test.cloud.addFaults([{ kind: 'ingress-outage', untilAt: now + 8_000 }]);
    await test.create({ name: 'a' });
    await test.clock.pass(60_000);
    expect(test.notices().map(({ at, body }) => [at, body.eventType])).toEqual([
      [10_500, 1],
      [13_500, 3],
    ]);
    expect(test.cloud.audit().told.notices.answers).toEqual({ none: 4, 200: 2 });
  });

  it('a seed repeats itself', async () => {
    const run = async (): Promise<string> => {
      const test = await stopped(
        { kind: 'notice-lost', probability: 0.3 },
        { kind: 'notice-doubled', probability: 0.5 },
        { kind: 'notice-late', probability: 0.3 },
      );
      return JSON.stringify(test.heard.map(({ at, body }) => [at, body]));
    };
    expect(await run()).toBe(await run());
  });
});

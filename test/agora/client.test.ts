import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgoraApi, Call } from '../../src/agora/api.ts';
import { createAgoraApi } from '../../src/agora/client.ts';
import { createDomains, fixedEndpoint } from '../../src/agora/domain-book.ts';
import type { HttpAnswer, HttpRequest } from '../../src/core/http.ts';
import { APP_ID, call, handClock } from './setup.ts';

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** The client over a transport that gives these answers in turn, and what it was asked. */
function setUp(...answers: readonly (HttpAnswer | Error)[]) {
  const requests: HttpRequest[] = [];
  const clock = handClock();
  const domains = createDomains(() => ({ location: 'Global', homeRegion: 'eu-central-1' }));
  const api = createAgoraApi({
    clock,
    domains,
    transport: async (request) => {
      const next = answers[requests.length] ?? answers.at(-1) ?? answer(200);
      requests.push(request);
      if (next instanceof Error) throw next;
      return next;
    },
  });
  return { api, clock, domains, requests };
}

const broken = (code: string): Error => Object.assign(new Error(`connect ${code} canary-in-error`), { code });

const HANDLE = { resourceId: 'R/1', sid: 'S1' };
const CONVERTER = { region: 'eu', converterId: 'c1' } as const;

describe('requests', () => {
  const app = `/v1/apps/${APP_ID}/cloud_recording`;
  const project = `/v1/projects/${APP_ID}/rtmp-converters`;

  it.each<[string, (api: AgoraApi) => Promise<unknown>, string, string, number]>([
    ['acquire', (api) => api.acquire(call(), { a: 1 }), 'POST', `${app}/acquire`, 15_000],
    ['start', (api) => api.start(call(), HANDLE, { a: 1 }), 'POST', `${app}/resourceid/R%2F1/mode/web/start`, 15_000],
    ['query', (api) => api.query(call(), HANDLE), 'GET', `${app}/resourceid/R%2F1/sid/S1/mode/web/query`, 15_000],
    [
      'update of a recording',
      (api) => api.updateRecording(call(), HANDLE, { a: 1 }),
      'POST',
      `${app}/resourceid/R%2F1/sid/S1/mode/web/update`,
      15_000,
    ],
    [
      'stop',
      (api) => api.stop(call(), HANDLE, { a: 1 }),
      'POST',
      `${app}/resourceid/R%2F1/sid/S1/mode/web/stop`,
      30_000,
    ],
    ['create', (api) => api.create(call(), 'ap', { a: 1 }, {}), 'POST', `/ap${project}`, 15_000],
    [
      'create with a hint',
      (api) => api.create(call(), 'ap', { a: 1 }, { regionHintIp: '192.0.2.7' }),
      'POST',
      `/ap${project}?regionHintIp=192.0.2.7`,
      15_000,
    ],
    ['get', (api) => api.get(call(), CONVERTER), 'GET', `/eu${project}/c1`, 15_000],
    [
      'update',
      (api) => api.updateConverter(call(), CONVERTER, 7, { a: 1 }),
      'PATCH',
      `/eu${project}/c1?sequence=7`,
      15_000,
    ],
    ['delete', (api) => api.deleteConverter(call(), CONVERTER), 'DELETE', `/eu${project}/c1`, 15_000],
    ['list', (api) => api.list(call(), undefined), 'GET', project, 15_000],
    ['list of a further page', (api) => api.list(call(), 'a&b='), 'GET', `${project}?cursor=a%26b%3D`, 15_000],
  ])('%s', async (_, run, method, path, deadlineMs) => {
    const { api, clock, requests } = setUp();
    await run(api);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method,
      url: `https://api.agora.io${path}`,
      headers: {
        authorization: `Basic ${Buffer.from('canary-customer-id:canary-customer-secret').toString('base64')}`,
        'content-type': 'application/json',
        'x-request-id': 'request-1',
      },
      ...(['POST', 'PATCH'].includes(method) ? { body: '{"a":1}' } : {}),
    });
    expect(requests[0]?.body === undefined).toBe(['GET', 'DELETE'].includes(method));
    expect(clock.deadlines).toEqual([deadlineMs]);
    expect(clock.ended).toBe(1);
  });

  it('a list may be longer than other answers', async () => {
    const { api, requests } = setUp();
    await api.list(call(), undefined);
    await api.get(call(), CONVERTER);
    expect(requests.map(({ maxAnswerBytes }) => maxAnswerBytes)).toEqual([8 * 2 ** 20, 2 ** 20]);
  });

  it('no part of a path can leave its place', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (resourceId, sid) => {
        fc.pre(!/^\.*$/.test(resourceId) && !/^\.*$/.test(sid));
        const { api, requests } = setUp();
        await api.query(call(), { resourceId, sid });
        const parts = new URL(requests[0]?.url ?? '').pathname.split('/');
        expect(parts).toHaveLength(12);
        expect(decodeURIComponent(parts[6] ?? '')).toBe(resourceId.toWellFormed());
        expect(decodeURIComponent(parts[8] ?? '')).toBe(sid.toWellFormed());
      }),
    );
  });
});

describe('answers', () => {
  it('a success carries its value, its IDs and when it was sent', async () => {
    const { api, clock } = setUp(answer(200, { resourceId: 'R', sid: 'S' }));
    expect(await api.start(call(), HANDLE, {})).toEqual({
      ok: true,
      value: { call: 'start', sid: 'S' },
      ids: { requestId: 'request-1' },
      sentAt: clock.at,
    });
  });

  it('WR-6 200 without a sid is no success, and may have started', async () => {
    const { api } = setUp(answer(200, { resourceId: 'R', sid: '' }));
    expect(await api.start(call(), HANDLE, {})).toMatchObject({
      ok: false,
      kind: 'unreadable',
      effect: 'maybe',
      status: 200,
    });
  });

  it('a look that cannot be read has no effect', async () => {
    const { api } = setUp(answer(200, 'not JSON'));
    expect(await api.query(call(), HANDLE)).toMatchObject({ ok: false, kind: 'unreadable', effect: 'none' });
  });

  it.each([200, 204, 202])('a delete succeeds with %i and nothing in it', async (status) => {
    const { api } = setUp(answer(status, ''));
    expect(await api.deleteConverter(call(), CONVERTER)).toMatchObject({
      ok: true,
      value: { call: 'deleteConverter' },
    });
  });

  it('WR-6 a failure has its kind, effect, status, code and text', async () => {
    const { api, clock } = setUp(answer(206, { code: 65, reason: 'request not completed' }));
    expect(await api.start(call(), HANDLE, {})).toEqual({
      ok: false,
      kind: 'jitter',
      effect: 'maybe',
      status: 206,
      code: 65,
      message: 'request not completed',
      ids: { requestId: 'request-1' },
      sentAt: clock.at,
    });
  });

  it.each([
    ['echoed', { 'x-request-id': 'request-1', 'x-custom-request-id': 'request-1' }, { customRequestId: 'request-1' }],
    [
      'its own',
      { 'x-request-id': 'agora-7', 'x-custom-request-id': 'request-1', 'x-resource-id': 'c1' },
      { agoraRequestId: 'agora-7', customRequestId: 'request-1', resourceId: 'c1' },
    ],
    ['none', {}, {}],
    ['too long', { 'x-resource-id': 'x'.repeat(500) }, { resourceId: 'x'.repeat(128) }],
  ])('MP-16 the IDs of the response are kept, on success and on failure: %s', async (_, headers, ids) => {
    const { api } = setUp(answer(200, { name: 'n' }, headers), answer(503, {}, headers));
    for (const got of [await api.get(call(), CONVERTER), await api.get(call(), CONVERTER)]) {
      expect(got.ids).toEqual({ requestId: 'request-1', ...ids });
    }
  });
});

describe('exactly one attempt, and never a throw', () => {
  it.each([
    ['ENOTFOUND', 'dns', 'none'],
    ['ECONNREFUSED', 'refused', 'none'],
    ['ECONNRESET', 'lost', 'maybe'],
    ['ESOMETHING', 'lost', 'maybe'],
  ])('%s: %s with effect %s', async (code, kind, effect) => {
    const { api, requests } = setUp(broken(code));
    expect(await api.create(call(), 'eu', {}, {})).toEqual({
      ok: false,
      kind,
      effect,
      message: `no answer from api.agora.io: ${code}`,
      ids: { requestId: 'request-1' },
      sentAt: 1_700_000_000_000,
    });
    expect(requests).toHaveLength(1);
  });

  it('a lost look and a lost acquire have no effect', async () => {
    const { api } = setUp(broken('ECONNRESET'));
    expect(await api.list(call(), undefined)).toMatchObject({ kind: 'lost', effect: 'none' });
    expect(await api.acquire(call(), {})).toMatchObject({ kind: 'lost', effect: 'none' });
  });

  it('a call that was given up before it began is not sent', async () => {
    const { api, requests, domains } = setUp();
    const failure = await api.start(call({ signal: AbortSignal.abort() }), HANDLE, {});
    expect(failure).toMatchObject({ ok: false, kind: 'refused', effect: 'none' });
    expect(requests).toEqual([]);
    expect(domains.stateOf(APP_ID)).toBeUndefined();
  });
});

describe('MP-12 what is told to the domains', () => {
  const list = (api: AgoraApi, more: Partial<Call> = {}) => api.list(call(more), undefined);

  it('failures without an answer move on, an answer of any status stays', async () => {
    const { api, clock, requests } = setUp(broken('ECONNRESET'), broken('ECONNRESET'), answer(500), answer(404));
    for (const waitMs of [0, 1_100, 3_100, 6_100]) {
      clock.at += waitMs;
      await api.get(call(), CONVERTER);
    }
    expect(requests.map(({ url }) => new URL(url).host)).toEqual([
      'api.agora.io',
      'api.agora.io',
      'api-eu-west-1.agora.io',
      'api-eu-west-1.agora.io',
    ]);
  });

  it('a DNS failure leads to the alternate domain', async () => {
    const { api, clock, requests } = setUp(broken('ENOTFOUND'));
    for (const waitMs of [0, 1_100, 3_100]) {
      clock.at += waitMs;
      await api.get(call(), CONVERTER);
    }
    expect(new URL(requests[2]?.url ?? '').host).toBe('api.sd-rtn.com');
  });

  it('after a minute away a list goes through the primary, and its answer brings all calls back', async () => {
    const lost = broken('ECONNRESET');
    const { api, clock, requests } = setUp(lost, lost, answer(200), answer(429), answer(200));
    await list(api);
    clock.at += 1_100;
    await list(api);
    clock.at += 60_000;
    await api.get(call(), CONVERTER);
    await list(api);
    clock.at += 10;
    await api.get(call(), CONVERTER);
    expect(requests.map(({ url }) => new URL(url).host)).toEqual([
      'api.agora.io',
      'api.agora.io',
      'api-eu-west-1.agora.io',
      'api.agora.io',
      'api.agora.io',
    ]);
  });

  it('to give up says nothing of a domain', async () => {
    const controller = new AbortController();
    const domains = createDomains(() => undefined);
    const api = createAgoraApi({
      clock: handClock(),
      domains,
      transport: async (_request, signal) => {
        controller.abort();
        throw signal.reason;
      },
    });
    expect(await list(api, { signal: controller.signal })).toMatchObject({ kind: 'lost' });
    expect(domains.stateOf(APP_ID)?.failures).toBe(0);
  });

  it('an answer that is too long came from a domain that works', async () => {
    const { api, domains } = setUp(broken('ECONNRESET'), broken('ERR_ANSWER_TOO_LARGE'));
    await list(api);
    expect(domains.stateOf(APP_ID)?.failures).toBe(1);
    const at = domains.stateOf(APP_ID)?.movedAt ?? 0;
    domains.answered(APP_ID, domains.choose(APP_ID, 'get', at + 1), at + 2);
    expect(domains.stateOf(APP_ID)?.failures).toBe(0);
    expect(await api.create(call(), 'eu', {}, {})).toMatchObject({ kind: 'unreadable', effect: 'maybe' });
    expect(domains.stateOf(APP_ID)?.failures).toBe(0);
  });
});

describe('domains', () => {
  it('MP-11 each App ID has its own, by its project’s settings', async () => {
    const domains = createDomains((appId) => (appId === 'china' ? { location: 'MainlandChina' } : undefined));
    expect(domains.choose('china', 'get', 0).baseUrl).toBe('https://api.sd-rtn.com');
    expect(domains.choose('other', 'get', 0).baseUrl).toBe('https://api.agora.io');
  });

  it('an edit of the project starts its machine anew', () => {
    let location: 'Global' | 'MainlandChina' = 'Global';
    const domains = createDomains(() => ({ location }));
    domains.failed(APP_ID, domains.choose(APP_ID, 'get', 0), 'network', 10);
    expect(domains.stateOf(APP_ID)?.failures).toBe(1);
    location = 'MainlandChina';
    expect(domains.choose(APP_ID, 'get', 20).host).toBe('api.sd-rtn.com');
    expect(domains.stateOf(APP_ID)?.failures).toBe(0);
  });

  it('a fixed endpoint replaces them all', async () => {
    const requests: HttpRequest[] = [];
    const api = createAgoraApi({
      clock: handClock(),
      domains: fixedEndpoint('http://127.0.0.1:8099/'),
      transport: async (request) => {
        requests.push(request);
        throw broken('ECONNREFUSED');
      },
    });
    await api.list(call(), undefined);
    expect(await api.list(call(), undefined)).toMatchObject({ message: 'no answer from 127.0.0.1:8099: ECONNREFUSED' });
    expect(requests[1]?.url).toBe(`http://127.0.0.1:8099/v1/projects/${APP_ID}/rtmp-converters`);
  });
});

describe('canary: no secret reaches an answer', () => {
  const body = {
    converter: { name: 'n', rtmpUrl: 'rtmp://canary.example/live/canary-key?sign=canary-sign' },
    clientRequest: { storageConfig: { accessKey: 'canary-access', secretKey: 'canary-secret-key' } },
  };
  const text = `${JSON.stringify(body)} Basic ${Buffer.from('canary-customer-id:canary-customer-secret').toString('base64')} canary-customer-secret`;

  it.each([
    ['quoted in a reason', answer(400, { code: 2, reason: text })],
    ['quoted in a message', answer(500, { message: `cannot push: ${text}` })],
    ['quoted in a page', answer(502, `<html>${text}</html>`)],
    ['quoted in an error envelope of another shape', answer(503, { error: text, request: body })],
    ['a success that cannot be read', answer(200, { echo: body })],
    ['a code without words', answer(206, { code: 65, echo: body })],
    ['an error of the network', broken('ECONNRESET')],
    ['an error with a cause', new TypeError(`fetch ${text}`, { cause: broken('EAI_AGAIN') })],
    ['an error that carries the request', Object.assign(broken('ECONNREFUSED'), { request: { body: text } })],
  ])('%s', async (_, outcome) => {
    const { api } = setUp(outcome);
    for (const got of [await api.create(call(), 'eu', body, {}), await api.start(call(), HANDLE, body)]) {
      expect(got.ok).toBe(false);
      const shown = JSON.stringify(got) + inspect(got, { depth: 9, showHidden: true });
      expect(shown).not.toContain('canary');
      expect(shown).not.toContain('Y2FuYXJ5');
    }
  });
});

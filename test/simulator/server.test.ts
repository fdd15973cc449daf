import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, createCloud } from '../../src/simulator/cloud.ts';
import { postOverHttp } from '../../src/simulator/post.ts';
import { basic } from '../../src/simulator/projects.ts';
import { type SimulatorServer, serve } from '../../src/simulator/server.ts';
import { SECRETS, signatureOf } from './listener.ts';
import { ManualClock } from './manual-clock.ts';
import { APP, acquireBody, startBody, transcoded } from './rig.ts';

let clock: ManualClock;
let cloud: Cloud;
let server: SimulatorServer;

beforeEach(async () => {
  clock = new ManualClock();
  cloud = createCloud({
    clock,
    seed: 'http',
    projects: [{ appId: APP, customerId: 'id', customerSecret: 'secret' }],
    tells: { post: postOverHttp },
  });
  server = await serve(cloud, { port: 0, clock, scale: { speed: 20, epochReal: 1, epochScaled: 2 } });
});
afterEach(() => server.close());

async function call(method: string, path: string, body?: unknown, signal?: AbortSignal) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: basic('id', 'secret'), 'content-type': 'application/json', 'x-request-id': 'mine' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}
const recording = `/v1/apps/${APP}/cloud_recording`;
const converters = `/cn/v1/projects/${APP}/rtmp-converters`;

describe('both products over HTTP', () => {
  it('a recording from acquire to stop', async () => {
    const { resourceId } = (await call('POST', `${recording}/acquire`, acquireBody())).body;
    const started = await call('POST', `${recording}/resourceid/${resourceId}/mode/web/start`, startBody());
    expect(started.headers.get('x-custom-request-id')).toBe('mine');
    const task = `${recording}/resourceid/${resourceId}/sid/${started.body.sid}/mode/web`;
    await clock.pass(20_000);
    expect((await call('GET', `${task}/query`)).body.serverResponse.status).toBe(5);
    const stopped = call('POST', `${task}/stop`, { cname: 'show', uid: '1', clientRequest: {} });
    // The answer waits for the upload, on the cloud's own clock.
    while (cloud.calls.stop === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.pass(2_000);
    expect((await stopped).status).toBe(200);
    expect(cloud.liveTasks()).toEqual([]);
  });

  it('a converter from create to delete, whose answer is empty', async () => {
    const { id } = (await call('POST', converters, { converter: transcoded({ name: 'a' }) })).body.converter;
    expect(
      (
        await call('PATCH', `${converters}/${id}?sequence=0`, {
          converter: { rtmpUrl: 'rtmp://a/b' },
          fields: 'rtmpUrl',
        })
      ).status,
    ).toBe(200);
    expect((await call('GET', `/v1/projects/${APP}/rtmp-converters`)).body.data.total_count).toBe(1);
    expect(await call('DELETE', `${converters}/${id}`)).toMatchObject({ status: 200, body: undefined });
    expect((await call('GET', `${converters}/${id}`)).status).toBe(404);
    expect(await call('PUT', converters, {})).toMatchObject({
      status: 404,
      body: { message: 'no Route matched with those values' },
    });
  });

  it('answers that never come, and connections that break', async () => {
    await call('POST', '/_simulator/faults', { kind: 'lost-answer', match: { call: 'create' }, count: 1 });
    const soon = new AbortController();
    const hanging = call('POST', converters, { converter: transcoded() }, soon.signal);
    const refused = expect(hanging).rejects.toMatchObject({ name: 'AbortError' });
    while (cloud.calls.create === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    soon.abort();
    await refused;
    expect(cloud.liveTasks()).toHaveLength(1);
    await call('POST', '/_simulator/faults', {
      kind: 'lost-request',
      as: 'reset',
      match: { call: 'create' },
      count: 1,
    });
    await expect(call('POST', converters, { converter: transcoded() })).rejects.toThrow();
    expect(cloud.liveTasks()).toHaveLength(1);
  });

  it('is addressed under a name of the domain table with that domain’s faults', async () => {
    cloud.addFaults([{ kind: 'dead-domain', match: { host: 'api.agora.io' } }]);
    const as = (host: string) =>
      new Promise((resolve) => {
        const request = httpRequest(
          { port: server.port, path: '/v1/ncs/ip', headers: { host, authorization: basic('id', 'secret') } },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        request.on('error', (error: { code?: string }) => resolve(error.code));
        request.end();
      });
    expect(await as('api.agora.io')).toBe('ECONNRESET');
    expect(await as('api.sd-rtn.com')).toBe(200);
  });

  it('refuses a body that is too large', async () => {
    const said = await call('POST', `${recording}/acquire`, `"${'x'.repeat(1_048_577)}"`);
    expect(said).toMatchObject({ status: 413, body: { error: 'a body has at most 1048576 bytes' } });
  });
});

describe('notifications over HTTP', () => {
  it('go where the App ID subscribed, signed over what arrives, and are tested on request', async () => {
    const heard: { readonly request: IncomingMessage; readonly body: Buffer }[] = [];
    const receiver = createServer((request, response) => {
      void request.toArray().then((parts) => {
        heard.push({ request, body: Buffer.concat(parts) });
        response.writeHead(200).end('Ok');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const end = new AbortController();
    const running = cloud.run(end.signal);
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/notifications/media/live`;
    const subscribed = await admin('POST', '/notifications', {
      appId: APP,
      url,
      recordingSecret: SECRETS.recording,
      mediaPushSecret: SECRETS.converter,
    });
    expect(subscribed).toMatchObject({ status: 200, body: { products: ['recording', 'converter'] } });
    await call('POST', converters, { converter: transcoded({ name: 'a' }) });
    await clock.pass(500);
    while (cloud.audit().told.notices.acknowledged === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const [first] = heard;
    expect(first?.request).toMatchObject({ method: 'POST', url: '/notifications/media/live' });
    expect(first?.request.headers).toMatchObject(
      signatureOf(
        { method: 'POST', target: '', headers: {}, body: first?.body ?? Buffer.alloc(0), from: '' },
        SECRETS.converter,
      ),
    );
    const tested = (await admin('POST', '/notifications/test', { appId: APP })).body.results;
    expect(new Set(tested.map((result: { status: number }) => result.status))).toEqual(new Set([200]));
    await new Promise((resolve) => receiver.close(resolve));
    const untold = (await admin('POST', '/notifications/test', { appId: APP })).body.results;
    expect(untold[0]).toEqual({ productId: 3, eventType: 1, status: 'none' });
    expect((await admin('DELETE', `/notifications/${APP}`)).status).toBe(200);
    expect((await admin('POST', '/notifications/test', { appId: APP })).body.results).toEqual([]);
    end.abort();
    await running;
  });
});

const admin = (method: string, path: string, body?: unknown) => call(method, `/_simulator${path}`, body);

describe('admin', () => {
  it('shows clock, state, tasks and audit', async () => {
    const { id } = (await call('POST', converters, { converter: transcoded({ name: 'a' }) })).body.converter;
    expect((await admin('GET', '/clock')).body).toEqual({ speed: 20, epochReal: 1, epochScaled: 2, now: clock.now() });
    const state = (await admin('GET', '/state')).body;
    expect(state.live).toMatchObject([{ id, name: 'a' }]);
    expect(state.projects).toEqual([
      { appId: APP, usage: [{ product: 'converter', area: 'cn', class: 'SD', used: 1, limit: 300 }] },
    ]);
    expect((await admin('GET', '/tasks')).body.tasks).toHaveLength(1);
    expect((await admin('GET', `/tasks/${id}`)).body).toMatchObject({ id, events: [{ eventType: 1 }] });
    expect((await admin('GET', '/audit')).body.live).toHaveLength(1);
    expect((await admin('GET', `/audit?listed=${id},x`)).body.unlisted).toEqual([]);
    expect((await admin('POST', '/audit', { listed: [] })).body.unlisted).toHaveLength(1);
    expect((await admin('POST', '/audit', { priorityParameter: 'p' })).body.priorities).toEqual([]);
    expect((await admin('GET', '/audit?priorityParameter=p')).body.told).toEqual({
      notices: { told: 0, sent: 0, acknowledged: 0, givenUp: 0, lost: 0, answers: {} },
      reports: { sent: 0, answers: {} },
    });
  });

  it('adds, lists and clears faults', async () => {
    expect(
      await admin('POST', '/faults', {
        faults: [
          { id: 'x', kind: 'quota' },
          { kind: 'latency', ms: 1 },
        ],
      }),
    ).toMatchObject({ status: 201, body: { ids: ['x', 'fault-2'] } });
    expect((await admin('GET', '/faults')).body.faults).toMatchObject([
      { id: 'x', hits: 0, active: true },
      { id: 'fault-2' },
    ]);
    expect((await admin('DELETE', '/faults/x')).body).toEqual({ removed: 1 });
    expect((await admin('DELETE', '/faults/x')).status).toBe(404);
    expect((await admin('DELETE', '/faults')).body).toEqual({ removed: 1 });
  });

  it('kills, empties channels, raises limits, turns switches', async () => {
    const { id } = (await call('POST', converters, { converter: transcoded() })).body.converter;
    expect((await admin('POST', `/tasks/${id}/kill`)).body).toMatchObject({ id });
    expect((await call('GET', `${converters}/${id}`)).body.state).toBe('failed');
    expect((await admin('POST', '/channels', { appId: APP, name: 'room', occupied: false })).status).toBe(200);
    await clock.pass(300_000);
    expect((await admin('POST', `/tasks/${id}/kill`, { how: 'gone' })).status).toBe(404);
    expect(
      (
        await admin('POST', '/limits', {
          appId: APP,
          limits: { recording: { eu: { HD: 99 } }, qps: { recording: 20 } },
        })
      ).body,
    ).toMatchObject({ recording: { eu: { SD: 50, HD: 99 } }, qps: { recording: 20, get: 50 } });
    expect((await admin('GET', `/limits/${APP}`)).body.qps.recording).toBe(20);
    expect((await admin('POST', '/switches', { listIds: 'lower' })).body).toMatchObject({
      listIds: 'lower',
      startAgain: 'without-sid',
    });
  });

  it.each([
    ['POST', '/faults', '{', 'the body is not JSON'],
    ['POST', '/faults', { kind: 'quota', many: 1 }, 'many: no such member'],
    ['POST', '/limits', { appId: APP, limits: { recording: { us: {} } } }, 'limits.recording.us: no such member'],
    [
      'POST',
      '/limits',
      { appId: APP, limits: { recordingTotal: -1 } },
      'limits.recordingTotal: must be from 0 to 1000000',
    ],
    ['POST', '/switches', { listIds: 'title' }, 'listIds: must be one of upper, lower'],
    ['POST', '/channels', { appId: APP }, 'name: must be a value'],
    ['POST', '/audit', { listed: 'x' }, 'listed: must be an array'],
    ['POST', '/notifications', { appId: APP, url: 'cdn' }, /^url: must be text that matches/],
    ['POST', '/notifications/test', {}, 'appId: must be a value'],
    ['POST', '/tasks/x/kill', { how: 'softly' }, 'how: must be one of failed, gone'],
  ])('%s %s %j is 400: %s', async (method, path, body, error) => {
    const said = await admin(method, path, body);
    expect(said.status).toBe(400);
    expect(said.body.error).toMatch(error);
  });

  it.each([
    ['GET', '/nothing'],
    ['POST', '/state'],
    ['GET', '/state/x'],
    ['GET', '/tasks/unknown'],
    ['POST', '/tasks/unknown/kill'],
    ['GET', '/limits/unknown'],
    ['POST', '/notifications/other'],
    ['DELETE', '/notifications'],
  ])('%s %s is 404 and says so', async (method, path) => {
    const said = await admin(method, path);
    expect(said.status).toBe(404);
    expect(said.body.error).toEqual(expect.any(String));
  });
});

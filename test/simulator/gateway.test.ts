import { describe, expect, it } from 'vitest';
import { basic } from '../../src/simulator/projects.ts';
import { APP, acquireBody, OTHER_APP, rig } from './rig.ts';

const ACQUIRE = `/v1/apps/${APP}/cloud_recording/acquire`;
const LIST = `/v1/projects/${APP}/rtmp-converters`;
const PROJECT = { appId: APP, customerId: 'id', customerSecret: 'secret' };

describe('credentials', () => {
  it.each([ACQUIRE, LIST])('%s: none is Unauthorized, wrong or another account’s is invalid', async (path) => {
    const test = rig();
    const [method, body] = path === ACQUIRE ? (['POST', acquireBody()] as const) : (['GET', undefined] as const);
    const as = (authorization: string | null) => test.request(method, path, body, { authorization });
    expect(await as(null)).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
    for (const wrong of [basic('id', 'no'), basic('other', 'secret'), 'Bearer x']) {
      expect(await as(wrong)).toMatchObject({ status: 401, body: { message: 'Invalid authentication credentials' } });
    }
    expect((await as(basic('id', 'secret'))).status).toBe(200);
  });

  it('an App ID that nobody has', async () => {
    const test = rig();
    expect(await test.acquire({}, { appId: 'nobody' })).toMatchObject({
      status: 400,
      body: { message: 'appid is invalid' },
    });
    expect((await test.list(undefined, { appId: 'nobody' })).status).toBe(401);
  });

  it('any App ID, with any credentials or with given ones', async () => {
    const open = rig({ projects: [], anyProject: {} });
    expect((await open.acquire({}, { appId: OTHER_APP, authorization: basic('whoever', 'x') })).status).toBe(200);
    expect((await open.acquire({}, { appId: OTHER_APP, authorization: null })).status).toBe(401);
    const closed = rig({ projects: [], anyProject: { credentials: { customerId: 'id', customerSecret: 'secret' } } });
    expect((await closed.acquire({}, { appId: OTHER_APP })).status).toBe(200);
    expect((await closed.acquire({}, { appId: OTHER_APP, authorization: basic('x', 'y') })).status).toBe(401);
  });
});

describe('entitlement', () => {
  it.each([
    [{ recordingEnabled: false }, { status: 400, body: { code: 400, reason: 'invalid_appid' } }, { status: 200 }],
    [
      { mediaPushEnabled: false },
      { status: 200 },
      { status: 403, body: { reason: 'No invalid permission to use this function. Contact us.' } },
    ],
    [{ suspended: true }, { status: 400, body: { code: 405, reason: 'no_active_status' } }, { status: 403 }],
  ])('%j', async (settings, acquire, create) => {
    const test = rig({ projects: [{ ...PROJECT, ...settings }] });
    expect(await test.acquire()).toMatchObject(acquire);
    expect(await test.create()).toMatchObject(create);
  });
});

describe('routes', () => {
  it.each([
    ['GET', ACQUIRE],
    ['POST', `${ACQUIRE}/x`],
    ['POST', `/v1/apps/${APP}/cloud_recording/resourceid/r/mode/mix/start`],
    ['POST', `/v1/apps/${APP}/cloud_recording/resourceid/r/sid/s/mode/web/updateLayout`],
    ['POST', `/v1/apps/${APP}/cloud_recording/resourceid/r/sid/s/mode/web/query`],
    ['GET', `/v1/apps/${APP}/cloud_recording/list`],
    ['POST', LIST],
    ['GET', `/cn${LIST}`],
    ['PUT', `/cn${LIST}/x`],
    ['GET', `/cn${LIST}/x/y`],
    ['GET', `/cn${LIST}/%zz`],
    ['GET', '/v3/ncs/ip'],
    ['GET', '/'],
  ])('%s %s is no route', async (method, path) => {
    expect(await rig().request(method, path)).toMatchObject({
      status: 404,
      body: { message: 'no Route matched with those values' },
    });
  });

  it.each(['/v1/ncs/ip', '/v2/ncs/ip'])('%s lists addresses', async (path) => {
    const { status, body } = await rig().request('GET', path);
    expect(status).toBe(200);
    expect(body.data.service.hosts[0].primaryIP).toMatch(/^203\.0\.113\./);
  });
});

describe('MP-16 headers', () => {
  it.each(['acquire', 'list'] as const)('%s echoes X-Request-ID in both headers', async (call) => {
    const said = await rig()[call](undefined, { headers: { 'X-Request-ID': 'mine' } });
    expect(said.headers).toMatchObject({ 'x-request-id': 'mine', 'x-custom-request-id': 'mine' });
  });

  it('has an id of its own where the caller has none, or where the switch says so', async () => {
    const test = rig();
    const none = (await test.list()).headers;
    expect(none['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(none).not.toHaveProperty('x-custom-request-id');
    test.cloud.setSwitches({ requestId: 'own' });
    const own = (await test.list(undefined, { headers: { 'X-Request-ID': 'mine' } })).headers;
    expect(own['x-custom-request-id']).toBe('mine');
    expect(own['x-request-id']).not.toBe('mine');
  });

  it('names the converter in X-Resource-ID, but not for List', async () => {
    const test = rig();
    const { id } = (await test.create()).body.converter;
    expect((await test.get(id)).headers['x-resource-id']).toBe(id);
    expect((await test.list()).headers).not.toHaveProperty('x-resource-id');
    expect((await test.remove(id)).headers['x-resource-id']).toBe(id);
  });

  it('insists on JSON and its Content-Type', async () => {
    const test = rig();
    const broken = { status: 400, body: { code: 8 } };
    expect(await test.request('POST', ACQUIRE, '{')).toMatchObject(broken);
    expect(
      await test.request('POST', ACQUIRE, acquireBody(), { headers: { 'Content-Type': 'text/plain' } }),
    ).toMatchObject(broken);
    const charset = { headers: { 'Content-Type': 'application/json;charset=utf-8' } };
    expect((await test.request('POST', ACQUIRE, acquireBody(), charset)).status).toBe(200);
    expect(await test.request('POST', `/cn${LIST}`, '{')).toMatchObject({
      status: 400,
      body: { reason: 'Invalid parameter: body. Replace and retry.' },
    });
  });

  it.each(['reason', 'message'] as const)('says %s in the errors of Media Push', async (errorKey) => {
    const { body } = await rig({ switches: { errorKey } }).get('0'.repeat(32));
    expect(body).toEqual({ [errorKey]: 'Resource is not found and destroyed.' });
  });
});

describe('the network in process', () => {
  it('knows the domain table, and nothing else', async () => {
    const test = rig();
    expect((await test.list(undefined, { host: 'api-eu-west-1.sd-rtn.com' })).status).toBe(200);
    await expect(test.list(undefined, { host: 'api-cn-east-2.agora.io' })).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const plain = test.cloud.transport(
      { method: 'GET', url: 'http://api.agora.io/v1/ncs/ip', headers: {} },
      new AbortController().signal,
    );
    await expect(plain).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('takes its latency each way, the same in every run', async () => {
    const took = async () => {
      const test = rig({ timings: { latencyMs: [10, 30] } });
      const before = test.clock.now();
      await test.list();
      return test.clock.now() - before;
    };
    const ms = await took();
    expect(ms).toBeGreaterThanOrEqual(20);
    expect(ms).toBeLessThanOrEqual(60);
    expect(await took()).toBe(ms);
  });

  it('a request aborted on its way does nothing; on the way back it has happened', async () => {
    for (const [passMs, tasks] of [
      [50, 0],
      [150, 1],
    ] as const) {
      const test = rig({ timings: { latencyMs: [100, 100] } });
      const control = new AbortController();
      const body = { converter: { rtmpUrl: 'rtmp://a/b', rawOptions: { rtcChannel: 'c', rtcStreamUid: 1 } } };
      const call = test.send('POST', `/cn${LIST}`, body, { signal: control.signal });
      const failed = expect(call).rejects.toBe('enough');
      await test.clock.pass(passMs);
      control.abort('enough');
      await failed;
      expect(test.cloud.liveTasks()).toHaveLength(tasks);
    }
    const aborted = AbortSignal.abort('before');
    await expect(rig().send('GET', LIST, undefined, { signal: aborted })).rejects.toBe('before');
  });
});

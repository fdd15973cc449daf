import { describe, expect, it } from 'vitest';
import type { Page } from '../../src/simulator/world.ts';
import { APP, rig, startRequest } from './rig.ts';

const seconds = (count: number): number => count * 1_000;
/** A page by its url, so that a test says what the recorder meets. */
const pages = (page: Page) => ({ outside: { page: () => page } });

async function statuses(
  options: Parameters<typeof rig>[0],
  record: Parameters<ReturnType<typeof rig>['record']>[0],
  at: readonly number[],
) {
  const test = rig(options);
  const handle = await test.record(record);
  const startedAt = test.clock.now();
  const seen: number[] = [];
  for (const second of at) {
    await test.clock.pass(startedAt + seconds(second) - test.clock.now());
    const { status, body } = await test.query(handle);
    seen.push(status === 200 ? body.serverResponse.status : status);
  }
  return { seen, test, handle };
}

describe('a recording from start to end', () => {
  it('is 1, 2, 3 within five seconds, then 4, and 5 from its first slice on', async () => {
    const { seen } = await statuses({}, {}, [0, 0.9, 1, 2.9, 3, 4.9, 5, 14.9, 15, 3_600]);
    expect(seen).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it('stays at 4 where the switch says that 4 is steady', async () => {
    expect((await statuses({ switches: { steadyStatus: 'all-ready' } }, {}, [5, 3_600])).seen).toEqual([4, 4]);
  });

  it('WR-10 waits for the page with readyTimeout, and starts when it is ready', async () => {
    const { seen } = await statuses(pages({ readyAfterMs: 12_000 }), { web: { readyTimeout: 20 } }, [6, 11.9, 12]);
    expect(seen).toEqual([3, 3, 4]);
  });

  it('does not wait for a page without readyTimeout', async () => {
    expect((await statuses(pages({}), {}, [4.9, 5])).seen).toEqual([3, 4]);
  });

  it('WR-10 reloads once, then stops with code 4', async () => {
    const { seen, test, handle } = await statuses(pages({}), { web: { readyTimeout: 10 } }, [9, 19.9, 20, 24.9, 25]);
    expect(seen).toEqual([3, 3, 20, 20, 404]);
    const task = test.cloud.task(handle.sid);
    expect(task?.events.map(({ eventType }) => eventType)).toEqual([73, 71, 31, 11]);
    expect(task?.events[1]?.details).toMatchObject({ code: 4, message: 'page_load_timeout' });
    expect(task).toMatchObject({ endedBy: 'page', endedAt: test.clock.now() - seconds(5) });
  });

  it('goes on where the page is ready after the reload', async () => {
    const page = { readyAfterReloadMs: 1_000 };
    expect((await statuses(pages(page), { web: { readyTimeout: 10 } }, [10.9, 11])).seen).toEqual([3, 4]);
  });

  it('exits where the page answers 404', async () => {
    const { seen, test, handle } = await statuses(pages({ status: 404 }), {}, [2.9, 3, 8]);
    expect(seen).toEqual([2, 20, 404]);
    expect(test.cloud.task(handle.sid)?.events[0]?.details).toMatchObject({ code: 5 });
  });

  it('ends by itself after maxRecordingHour, with code 1', async () => {
    const { seen, test, handle } = await statuses({}, { web: { maxRecordingHour: 1 } }, [3_599, 3_600, 3_601, 3_605]);
    expect(seen).toEqual([5, 7, 8, 404]);
    expect(test.cloud.task(handle.sid)).toMatchObject({ endedBy: 'max-recording-hour' });
    expect(test.cloud.audit().minutes.recording).toEqual({ HD: 60, FHD: 0 });
  });

  it('shows its file from the first slice on, named after sid and cname', async () => {
    const { test, handle } = await statuses({}, { cname: 'my show!' }, [14]);
    const files = async () => (await test.query(handle)).body.serverResponse.extensionServiceState[0].payload;
    expect(await files()).toEqual({ state: 'inProgress', onhold: false, fileList: [] });
    await test.clock.pass(1_000);
    const at = Math.floor(test.clock.now() / 1_000);
    expect((await files()).fileList).toEqual([{ filename: `${handle.sid}_my-show-.m3u8`, sliceStartTime: at }]);
    test.cloud.setSwitches({ sliceStartTime: 'milliseconds', fileNameKey: 'fileName' });
    expect((await files()).fileList).toEqual([{ fileName: `${handle.sid}_my-show-.m3u8`, sliceStartTime: at * 1_000 }]);
  });

  it('writes nothing while on hold, and goes on when an update says so', async () => {
    const { seen, test, handle } = await statuses({}, { web: { onhold: true } }, [60]);
    expect(seen).toEqual([4]);
    expect((await test.update(handle, { webRecordingConfig: { onhold: false } })).status).toBe(200);
    await test.clock.pass(10_000);
    expect((await test.query(handle)).body.serverResponse.status).toBe(5);
    await test.update(handle, { webRecordingConfig: { onhold: true } });
    expect((await test.query(handle)).body.serverResponse.extensionServiceState[0].payload.onhold).toBe(true);
    // An empty object resumes: the default is false.
    await test.update(handle, { webRecordingConfig: {} });
    expect((await test.query(handle)).body.serverResponse.extensionServiceState[0].payload.onhold).toBe(false);
  });

  it('publishes three seconds after it is ready, anew for a new address, and shows it after the recorder', async () => {
    const { test, handle } = await statuses({}, { publishTo: 'rtmp://cdn/a' }, [7.9]);
    const services = async () => (await test.query(handle)).body.serverResponse.extensionServiceState;
    expect((await services()).map((each: { serviceName: string }) => each.serviceName)).toEqual([
      'web_recorder_service',
      'rtmp_publish_service',
    ]);
    const output = async () => (await services())[1].payload.outputs;
    expect(await output()).toEqual([{ rtmpUrl: 'rtmp://cdn/a', status: 'connecting' }]);
    await test.clock.pass(100);
    expect(await output()).toEqual([{ rtmpUrl: 'rtmp://cdn/a', status: 'publishing' }]);
    await test.update(handle, { rtmpPublishConfig: { outputs: [{ rtmpUrl: 'rtmps://cdn/b' }] } });
    expect(await output()).toEqual([{ rtmpUrl: 'rtmps://cdn/b', status: 'connecting' }]);
    await test.update(handle, { webRecordingConfig: { onhold: true } });
    await test.clock.pass(3_000);
    expect(await output()).toEqual([{ rtmpUrl: 'rtmps://cdn/b', status: 'onhold' }]);
  });

  it('cannot be given an address where it publishes nothing', async () => {
    const test = rig();
    const said = await test.update(await test.record(), {
      rtmpPublishConfig: { outputs: [{ rtmpUrl: 'rtmp://cdn/a' }] },
    });
    expect(said).toMatchObject({ status: 400, body: { code: 2 } });
  });

  it('is disconnected where the CDN refuses, and records all the same', async () => {
    const { seen, test, handle } = await statuses(
      { outside: { cdn: () => 'refuses' } },
      { publishTo: 'rtmp://cdn/a' },
      [20],
    );
    expect(seen).toEqual([5]);
    expect((await test.query(handle)).body.serverResponse.extensionServiceState[1].payload.outputs[0].status).toBe(
      'disconnected',
    );
  });

  it('records what a notification would say, in order and at its time', async () => {
    const { test, handle } = await statuses({}, {}, [20]);
    await test.stop(handle);
    const events = test.cloud.task(handle.sid)?.events ?? [];
    expect(events.map(({ eventType, productId }) => [productId, eventType])).toEqual([
      [3, 70],
      [3, 30],
      [3, 4],
      [3, 71],
      [3, 31],
      [3, 11],
    ]);
    expect(events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0))).toBe(true);
  });
});

describe('stop', () => {
  it('waits for the upload, ends with 8, and then there is nothing', async () => {
    const { test, handle } = await statuses({}, {}, [20]);
    const before = test.clock.now();
    const said = await test.stop(handle);
    expect(test.clock.now() - before).toBe(2_000);
    expect(said).toMatchObject({
      status: 200,
      body: {
        sid: handle.sid,
        serverResponse: {
          extensionServiceState: [
            { serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } },
            { payload: { state: 'exit' } },
          ],
        },
      },
    });
    expect((await test.query(handle)).body.serverResponse.status).toBe(8);
    await test.clock.pass(5_000);
    expect(await test.query(handle)).toMatchObject({
      status: 404,
      body: { code: 404, reason: 'failed to find worker' },
    });
    expect((await test.stop(handle)).status).toBe(404);
  });

  it('with async_stop answers at once; 6 and 7 follow, and a second stop is 49', async () => {
    const { test, handle } = await statuses({}, {}, [20]);
    const before = test.clock.now();
    expect((await test.stop(handle, { async_stop: true })).status).toBe(200);
    expect(test.clock.now()).toBe(before);
    expect((await test.query(handle)).body.serverResponse.status).toBe(6);
    expect(await test.stop(handle)).toMatchObject({ status: 400, body: { code: 49 } });
    expect(await test.update(handle, {})).toMatchObject({ status: 400, body: { code: 49 } });
    expect(test.cloud.liveTasks()).toHaveLength(1);
    await test.clock.pass(1_000);
    expect((await test.query(handle)).body.serverResponse.status).toBe(7);
    expect(test.cloud.liveTasks()).toHaveLength(0);
    test.cloud.setSwitches({ queryWhileExiting: 'code-501' });
    expect((await test.query(handle)).body.code).toBe(501);
  });

  it.each([
    ['code-435', 206],
    ['ok', 200],
  ] as const)('before the first slice: %s', async (stopWithoutData, status) => {
    const { test, handle } = await statuses({ switches: { stopWithoutData } }, {}, [6]);
    expect((await test.stop(handle)).status).toBe(status);
    await test.clock.pass(1_000);
    expect(test.cloud.task(handle.sid)).toMatchObject({ endedBy: 'stop' });
  });
});

describe('handles', () => {
  it('a resourceId serves for 300 s', async () => {
    const test = rig();
    const early = (await test.acquire()).body.resourceId;
    await test.clock.pass(299_999);
    expect((await test.start(early)).status).toBe(200);
    const late = (await test.acquire({ uid: '2' })).body.resourceId;
    await test.clock.pass(300_000);
    expect(await test.start(late, { uid: '2' })).toMatchObject({ status: 400, body: { code: 433 } });
  });

  it.each([
    ['without-sid', { code: 7, reason: 'already started' }],
    [
      'with-sid',
      {
        code: 7,
        reason: 'already started',
        sid: expect.any(String),
        cname: 'show',
        uid: '1',
        resourceId: expect.any(String),
      },
    ],
  ] as const)('a second start on one resourceId is 201/7 %s', async (startAgain, body) => {
    const test = rig({ switches: { startAgain } });
    const { resourceId } = await test.record();
    const again = await test.start(resourceId);
    expect(again).toMatchObject({ status: 201 });
    expect(again.body).toEqual(body);
    expect(test.cloud.liveTasks()).toHaveLength(1);
  });

  it('the same cname and uid while one lives is 53, and no longer when it is stopped', async () => {
    const test = rig();
    const first = await test.record();
    const { resourceId } = (await test.acquire()).body;
    expect(await test.start(resourceId)).toMatchObject({ status: 400, body: { code: 53 } });
    await test.stop(first);
    expect((await test.start(resourceId)).status).toBe(200);
  });

  it('what does not belong together is 432, 1001, 1003 or 404', async () => {
    const test = rig();
    const handle = await test.record();
    const { resourceId } = (await test.acquire({ uid: '2' })).body;
    expect((await test.start(resourceId, { uid: '3' })).body.code).toBe(432);
    expect((await test.start('nonsense', { uid: '2' })).body.code).toBe(1001);
    expect((await test.query({ ...handle, resourceId })).body.code).toBe(1003);
    expect((await test.query({ ...handle, sid: 'f'.repeat(32) })).status).toBe(404);
    expect((await test.stop({ ...handle, uid: '9' })).body.code).toBe(432);
  });

  it('a startParameter must be repeated by start', async () => {
    const test = rig();
    const startParameter = startRequest();
    const same = (await test.acquire({ clientRequest: { scene: 1, startParameter } })).body.resourceId;
    expect(await test.start(same, { web: { videoFps: 20 } })).toMatchObject({ status: 400, body: { code: 2 } });
    expect((await test.start(same)).status).toBe(200);
  });

  it.each([
    ['code-433', 400],
    ['not-found', 404],
  ] as const)(
    'after resourceExpiredHour calls are refused (%s) and the recording runs on',
    async (expiredResource, status) => {
      const { test, handle } = await statuses(
        { switches: { expiredResource } },
        { acquire: { resourceExpiredHour: 1 } },
        [3_599],
      );
      await test.clock.pass(1_000);
      expect((await test.query(handle)).status).toBe(status);
      expect((await test.stop(handle)).status).toBe(status);
      expect((await test.update(handle, {})).status).toBe(status);
      expect(test.cloud.liveTasks().map(({ id }) => id)).toEqual([handle.sid]);
      await test.clock.pass(3_600_000);
      expect(test.cloud.task(handle.sid)).toMatchObject({ endedBy: 'max-recording-hour' });
    },
  );

  it.each([
    ['full', ['cname', 'resourceId', 'uid']],
    ['resource-id-only', ['resourceId']],
  ] as const)('acquire answers %s', async (acquireAnswer, members) => {
    const { body } = await rig({ switches: { acquireAnswer } }).acquire();
    expect(Object.keys(body).sort()).toEqual(members);
  });

  it('ids are the same in every run of one seed, and others with another', async () => {
    const ids = async (seed: string) => {
      const { resourceId, sid } = await rig({ seed }).record();
      return [resourceId, sid];
    };
    const [resourceId, sid] = await ids('a');
    expect(sid).toMatch(/^[0-9a-f]{32}$/);
    expect(resourceId?.length).toBeGreaterThan(100);
    expect(await ids('a')).toEqual([resourceId, sid]);
    expect(await ids('b')).not.toEqual([resourceId, sid]);
  });

  it('a task belongs to its App ID', async () => {
    const test = rig({ projects: [{ appId: APP, customerId: 'id', customerSecret: 'secret' }], anyProject: {} });
    const handle = await test.record();
    expect((await test.query(handle, { appId: 'another' })).body.code).toBe(1003);
  });
});

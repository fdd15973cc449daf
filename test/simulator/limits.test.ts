import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/simulator/limits.ts';
import type { Switches } from '../../src/simulator/switches.ts';
import { APP, type Body, OTHER_APP, rig, sized, startRequest } from './rig.ts';

const SIZES = { SD: [640, 360], HD: [1280, 720], FHD: [1920, 1080] } as const;
type Size = keyof typeof SIZES;
const web = (size: Size) => ({ videoWidth: SIZES[size][0], videoHeight: SIZES[size][1] });

describe('WR-2 queries a second: a true sliding window', () => {
  it('takes ten recording calls of all kinds in any second, and refuses the eleventh', async () => {
    const test = rig();
    for (let uid = 1; uid <= 5; uid++) expect((await test.acquire({ uid: String(uid) })).status).toBe(200);
    await test.clock.pass(600);
    for (let uid = 6; uid <= 10; uid++) await test.acquire({ uid: String(uid) });
    expect(await test.acquire({ uid: '11' })).toMatchObject({
      status: 429,
      body: { message: 'API rate limit exceeded' },
    });
    // Not a calendar second: at 999 ms the first five still count, at 1,000 ms they do not.
    await test.clock.pass(399);
    expect((await test.acquire({ uid: '12' })).status).toBe(429);
    await test.clock.pass(1);
    for (let uid = 13; uid <= 17; uid++) expect((await test.acquire({ uid: String(uid) })).status).toBe(200);
    expect((await test.acquire({ uid: '18' })).status).toBe(429);
    expect((await test.acquire({}, { appId: OTHER_APP, authorization: `Basic ${btoa('other:secret')}` })).status).toBe(
      200,
    );
    const { queries, refusals } = test.cloud.audit();
    expect(queries.exceeded).toMatchObject([{ appId: APP, limit: 'recording', allowed: 10 }]);
    expect(refusals).toEqual({
      enforced: { rate: 3, recordingQuota: 0, converterQuota: 0 },
      injected: { rate: 0, recordingQuota: 0, converterQuota: 0 },
    });
  });

  it('MP-1 counts each method of Media Push by itself', async () => {
    const test = rig();
    test.cloud.setLimits(APP, { qps: { list: 2, create: 1 } });
    expect((await test.create()).status).toBe(200);
    expect(await test.create()).toMatchObject({ status: 429, body: { reason: 'Request rate limit exceeded.' } });
    expect([(await test.list()).status, (await test.list()).status, (await test.list()).status]).toEqual([
      200, 200, 429,
    ]);
  });

  it('MP-1 50 a second by default', async () => {
    const test = rig();
    const answers: number[] = [];
    for (let index = 0; index < 51; index++) answers.push((await test.list()).status);
    expect(answers.indexOf(429)).toBe(50);
  });

  it('two updates a second of one converter', async () => {
    const test = rig();
    const ids = [(await test.create()).body.converter.id, (await test.create()).body.converter.id];
    const update = (id: string, sequence: number) => test.patch(id, sequence, { rtmpUrl: `rtmp://a/${sequence}` });
    expect([
      (await update(ids[0], 1)).status,
      (await update(ids[0], 2)).status,
      (await update(ids[0], 3)).status,
    ]).toEqual([200, 200, 429]);
    expect((await update(ids[1], 1)).status).toBe(200);
    expect(test.cloud.audit().queries.exceeded).toMatchObject([
      { limit: 'updateOneConverter', taskId: ids[0], peak: 3, allowed: 2 },
    ]);
  });
});

describe('WR-1 the tables', () => {
  it('are those of the documents', () => {
    expect(DEFAULT_LIMITS.recording).toEqual({
      cn: { SD: 100, HD: 50, FHD: 30 },
      ap: { SD: 100, HD: 50, FHD: 30 },
      eu: { SD: 50, HD: 30, FHD: 10 },
      na: { SD: 100, HD: 50, FHD: 30 },
    });
    expect(DEFAULT_LIMITS.converter.cn).toEqual({ SD: 300, HD: 50, FHD: 20 });
    expect(DEFAULT_LIMITS.converter.na).toEqual({ SD: 20, HD: 5, FHD: 0 });
    expect([DEFAULT_LIMITS.recordingTotal, DEFAULT_LIMITS.converterTotal]).toEqual([200, 299]);
  });
});

async function converters(switches: Partial<Switches>, limits: Body, sizes: readonly Size[]): Promise<string> {
  const test = rig({ switches });
  test.cloud.setLimits(APP, { converter: { eu: limits } });
  let answers = '';
  for (const size of sizes) {
    const [width, height] = SIZES[size];
    const { status, body } = await test.create(sized(width, height), { region: 'eu' });
    if (status !== 200) expect(body).toEqual({ reason: 'Resources quota exceeded.' });
    answers += status === 200 ? '+' : '-';
  }
  return answers;
}

describe('WR-5 mixed resolutions', () => {
  const limits = { SD: 4, HD: 2, FHD: 1 };
  it.each([
    ['nested', ['SD', 'SD', 'SD', 'SD', 'SD'], '++++-'],
    ['nested', ['HD', 'HD', 'HD', 'SD', 'SD', 'SD'], '++-++-'],
    ['nested', ['FHD', 'FHD', 'HD', 'HD', 'SD', 'SD', 'SD'], '+-+-++-'],
    ['literal', ['SD', 'SD', 'HD', 'SD'], '++-+'],
    ['literal', ['HD', 'SD', 'SD', 'SD'], '++--'],
    ['literal', ['FHD', 'SD', 'HD'], '+--'],
  ] as const)('%s: %j gives %s', async (mixedResolution, sizes, answers) => {
    expect(await converters({ mixedResolution }, limits, sizes)).toBe(answers);
  });
});

describe('slots of recordings', () => {
  it('acquire and start refuse with 406 while the limit is in use, from start to end', async () => {
    const test = rig();
    test.cloud.setLimits(APP, { recording: { eu: { HD: 1, SD: 1 } } });
    const place = { scene: 1, region: 'EU' };
    const first = await test.record({ acquire: { region: 'EU' } });
    const refused = { status: 400, body: { code: 406, reason: 'vendor_over_load' } };
    expect(await test.acquire({ uid: '2', clientRequest: place })).toMatchObject(refused);
    // Another area is another limit.
    expect((await test.acquire({ uid: '2', clientRequest: { scene: 1, region: 'NA' } })).status).toBe(200);
    await test.clock.pass(60_000);
    await test.stop(first);
    const { resourceId } = (await test.acquire({ uid: '2', clientRequest: place })).body;
    const rival = (await test.acquire({ uid: '3', clientRequest: place })).body.resourceId;
    expect((await test.start(rival, { uid: '3' })).status).toBe(200);
    expect(await test.start(resourceId, { uid: '2' })).toMatchObject(refused);
    test.cloud.setSwitches({ overLimitAtStart: 'no-worker' });
    expect(await test.start(resourceId, { uid: '2' })).toMatchObject({ status: 500, body: { code: 502 } });
    const audit = test.cloud.audit();
    expect(audit.limits.exceeded).toEqual([]);
    expect(audit.limits.peaks).toContainEqual({ appId: APP, product: 'recording', area: 'eu', class: 'HD', used: 1 });
    expect(audit.refusals.enforced.recordingQuota).toBe(2);
  });

  it('acquire knows the class from startParameter', async () => {
    const test = rig();
    test.cloud.setLimits(APP, { recording: { na: { FHD: 0 } } });
    const withSize = (size: Size) =>
      test.acquire({ clientRequest: { scene: 1, startParameter: startRequest({ web: web(size) }) } });
    expect((await withSize('FHD')).body.code).toBe(406);
    expect((await withSize('HD')).status).toBe(200);
  });

  it('the flat peak holds over all areas', async () => {
    const test = rig();
    test.cloud.setLimits(APP, { recordingTotal: 1 });
    await test.record({ acquire: { region: 'EU' } });
    expect((await test.acquire({ uid: '2', clientRequest: { scene: 1, region: 'NA' } })).body.code).toBe(406);
  });

  it.each([
    [{ region: 'CN' }, 'cn'],
    [{ regionAffinity: 1 }, 'cn'],
    [{ regionAffinity: 2 }, 'ap'],
    [{ regionAffinity: 3 }, 'eu'],
    [{ regionAffinity: 4 }, 'na'],
    [{ regionAffinity: 0 }, 'ap'],
    [{}, 'ap'],
  ])('%j counts in %s', async (place, area) => {
    const test = rig({ outside: { nearestArea: 'ap' } });
    const storage = 'region' in place ? { region: 15 } : {};
    await test.record({ acquire: place, storage });
    expect(test.cloud.liveTasks()).toMatchObject([{ area }]);
  });
});

describe('slots of converters', () => {
  it('MP-2 299 tasks in a project, whatever the table allows', async () => {
    const test = rig();
    test.cloud.setLimits(APP, { converterTotal: 2 });
    expect((await test.create()).status).toBe(200);
    const { id } = (await test.create()).body.converter;
    expect((await test.create()).status).toBe(429);
    await test.remove(id);
    expect((await test.create()).status).toBe(200);
  });

  it('classes are told by pixels; audio only and SEI count as SD, raw ones by what they carry', async () => {
    const test = rig({ outside: { rawClass: ({ rtcStreamUid }) => (rtcStreamUid === 1 ? 'FHD' : 'SD') } });
    const bodies: [Body, Size][] = [
      [sized(360, 640), 'SD'],
      [sized(640, 361), 'HD'],
      [sized(1280, 721), 'FHD'],
      [{ transcodeOptions: { rtcChannel: 'room', audioOptions: {} } }, 'SD'],
      [
        {
          transcodeOptions: {
            rtcChannel: 'room',
            audioOptions: null,
            videoOptions: { canvas: { width: 16, height: 16 }, layout: [] },
          },
        },
        'SD',
      ],
      [{ rawOptions: { rtcChannel: 'room', rtcStreamUid: 1 } }, 'FHD'],
      [{ rawOptions: { rtcChannel: 'room', rtcStreamUid: 2 } }, 'SD'],
    ];
    for (const [body] of bodies) expect((await test.create(body)).status).toBe(200);
    expect(test.cloud.liveTasks().map((task) => task.class)).toEqual(bodies.map(([, size]) => size));
  });

  it('FHD is not enabled outside China', async () => {
    expect(await converters({}, {}, ['FHD'])).toBe('-');
  });
});

describe('limits that are not enforced', () => {
  it('refuse nothing, and the audit shows what was exceeded', async () => {
    const test = rig({ switches: { enforceLimits: 'off' } });
    test.cloud.setLimits(APP, { converter: { cn: { SD: 1 } }, qps: { create: 1 } });
    expect([(await test.create()).status, (await test.create()).status]).toEqual([200, 200]);
    const { limits, queries, refusals } = test.cloud.audit();
    expect(limits.exceeded).toEqual([
      { appId: APP, at: test.clock.now(), product: 'converter', area: 'cn', class: 'SD', used: 2, limit: 1 },
    ]);
    expect(queries.exceeded).toEqual([{ appId: APP, limit: 'create', allowed: 1, peak: 2, above: 1 }]);
    expect(refusals.enforced.rate).toBe(0);
  });
});

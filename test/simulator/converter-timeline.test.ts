import { describe, expect, it } from 'vitest';
import { APP, type Body, rig, sized, transcoded, video } from './rig.ts';

const RAW = { rawOptions: { rtcChannel: 'room', rtcStreamUid: 5 } };
const NOT_FOUND = { status: 404, body: { reason: 'Resource is not found and destroyed.' } };

async function made(test: ReturnType<typeof rig>, more: Body = {}): Promise<string> {
  const { status, body } = await test.create(more);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.converter.id;
}

describe('a converter from create to end', () => {
  it('is connecting, then running, and gone when it is deleted', async () => {
    const test = rig();
    const seconds = Math.floor(test.clock.now() / 1_000);
    const created = await test.create({ name: 'show_a' });
    const { id } = created.body.converter;
    expect(created.body).toEqual({
      converter: { id, createTs: seconds, updateTs: seconds, state: 'connecting' },
      fields: 'id,createTs,updateTs,state',
    });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(created.headers['x-resource-id']).toBe(id);
    await test.clock.pass(2_999);
    expect((await test.get(id)).body.state).toBe('connecting');
    await test.clock.pass(1);
    expect((await test.get(id)).body.state).toBe('running');
    // Ids are compared without regard to case.
    expect((await test.get(id.toUpperCase())).status).toBe(200);
    expect(await test.remove(id)).toMatchObject({ status: 200, body: undefined });
    expect(await test.get(id)).toMatchObject(NOT_FOUND);
    expect(await test.remove(id)).toMatchObject(NOT_FOUND);
    expect(test.cloud.task(id)).toMatchObject({
      endedBy: 'delete',
      events: [{ eventType: 1 }, { eventType: 3 }, { eventType: 4, details: { destroyReason: 'Delete Request' } }],
    });
  });

  it('is failed where the CDN refuses, until it gets another address', async () => {
    const test = rig({ outside: { cdn: (url) => (url.includes('bad') ? 'refuses' : 'accepts') } });
    const id = await made(test, { rtmpUrl: 'rtmp://bad/live' });
    await test.clock.pass(3_000);
    expect((await test.get(id)).body.state).toBe('failed');
    await test.patch(id, 0, { rtmpUrl: 'rtmp://good/live' });
    expect((await test.get(id)).body).toMatchObject({ state: 'connecting', rtmpUrl: 'rtmp://good/live' });
    await test.clock.pass(3_000);
    expect((await test.get(id)).body.state).toBe('running');
  });

  it('MP-21 is destroyed when its channel was empty for idleTimeout, and not before', async () => {
    const test = rig();
    const id = await made(test, { idleTimeout: 60 });
    const channel = { appId: APP, name: 'room' };
    test.cloud.setOccupied(channel, false);
    await test.clock.pass(59_000);
    test.cloud.setOccupied(channel, true);
    await test.clock.pass(600_000);
    expect((await test.get(id)).status).toBe(200);
    test.cloud.setOccupied(channel, false);
    await test.clock.pass(59_999);
    expect((await test.get(id)).status).toBe(200);
    await test.clock.pass(1);
    expect((await test.get(id)).status).toBe(404);
    expect(test.cloud.task(id)).toMatchObject({ endedBy: 'idle', endedAt: test.clock.now() });
  });

  it('MP-21 is idle from the start in an empty channel; 300 s is the default', async () => {
    const test = rig();
    test.cloud.setOccupied({ appId: APP, name: 'room' }, false);
    await test.clock.pass(1_000_000);
    const id = await made(test);
    await test.clock.pass(299_999);
    expect(test.cloud.liveTasks()).toHaveLength(1);
    await test.clock.pass(1);
    expect(test.cloud.task(id)).toMatchObject({ endedBy: 'idle' });
  });

  it('lives under its own App ID and region only', async () => {
    const test = rig();
    const id = await made(test);
    expect(await test.get(id, { region: 'eu' })).toMatchObject(NOT_FOUND);
    expect((await test.get(id, { region: 'mars' })).status).toBe(404);
    expect(await test.create({}, { region: 'mars' })).toMatchObject({
      status: 400,
      body: { reason: 'Invalid parameter: region. Replace and retry.' },
    });
  });
});

describe('MP-18 names', () => {
  it('are unique in a project while the first lives; empty ones are not', async () => {
    const test = rig();
    const id = await made(test, { name: 'show_a' });
    expect(await test.create({ name: 'show_a' })).toMatchObject({
      status: 409,
      body: {
        reason:
          'Resource with the same name already exists. Use the existing resource or delete it and create a new resource.',
      },
    });
    await made(test, { name: '' });
    await made(test, { name: '' });
    await test.remove(id);
    await made(test, { name: 'show_a' });
  });
});

describe('MP-24 sequence', () => {
  it('any first number is taken; then only larger ones change anything', async () => {
    const test = rig();
    const id = await made(test);
    const bitrate = async () => (await test.get(id)).body.transcodeOptions.videoOptions.bitrate;
    const set = (sequence: number | string, value: number) => {
      return test.clock
        .pass(1_000)
        .then(() =>
          test.patch(
            id,
            sequence,
            { transcodeOptions: { videoOptions: { bitrate: value } } },
            'transcodeOptions.videoOptions.bitrate',
          ),
        );
    };
    expect((await set(7, 100)).body.converter.updateTs).toBe(Math.floor(test.clock.now() / 1_000));
    const changedAt = Math.floor(test.clock.now() / 1_000);
    for (const low of [7, 3]) {
      const said = await set(low, 200);
      expect(said).toMatchObject({ status: 200, body: { converter: { updateTs: changedAt } } });
      expect(await bitrate()).toBe(100);
    }
    await set(8, 300);
    expect(await bitrate()).toBe(300);
    test.cloud.setSwitches({ lowSequence: 'refuse' });
    expect(await set(8, 400)).toMatchObject({
      status: 400,
      body: { reason: 'Invalid parameter: sequence. Replace and retry.' },
    });
    for (const wrong of ['', '-1', '1.5', 'x']) expect((await set(wrong, 400)).status).toBe(400);
    expect(test.cloud.audit().sequences).toEqual([{ id, name: '', sent: [7, 7, 3, 8, 8], grows: false }]);
  });
});

describe('MP-25 what an update changes', () => {
  const base = () => ({
    transcodeOptions: {
      rtcChannel: 'room',
      audioOptions: { rtcStreamUids: [1, 2], volumes: [{ rtcStreamUid: 1, volume: 50 }] },
      videoOptions: video(640, 360, { codec: 'H.264' }),
    },
  });

  it('merges by the mask: arrays as a whole, absent ones cleared, the rest untouched', async () => {
    const test = rig();
    const id = await made(test, base());
    const view = (rtcStreamUid: number) => ({
      rtcStreamUid,
      region: { xPos: 0, yPos: 0, zIndex: 0, width: 10, height: 10 },
    });
    const body = {
      transcodeOptions: { audioOptions: { rtcStreamUids: [3] }, videoOptions: { layout: [view(9)], bitrate: 1 } },
    };
    const fields =
      'transcodeOptions.audioOptions.rtcStreamUids,transcodeOptions.audioOptions.volumes,transcodeOptions.videoOptions.layout';
    expect((await test.patch(id, 0, body, fields)).status).toBe(200);
    const { transcodeOptions } = (await test.get(id)).body;
    expect(transcodeOptions.audioOptions).toEqual({ rtcStreamUids: [3] });
    expect(transcodeOptions.videoOptions).toEqual({
      canvas: { width: 640, height: 360 },
      layout: [view(9)],
      bitrate: 800,
      codec: 'H.264',
    });
  });

  it.each([
    [{ name: 'b' }, 'name'],
    [{ idleTimeOut: 5 }, 'idleTimeOut'],
    [{ idleTimeout: 5 }, 'idleTimeout'],
    [{ transcodeOptions: { rtcChannel: 'x' } }, 'transcodeOptions.rtcChannel'],
    [{ transcodeOptions: { audioOptions: { codecProfile: 'HE-AAC' } } }, 'transcodeOptions.audioOptions.codecProfile'],
    [{ transcodeOptions: { audioOptions: { sampleRate: 32_000 } } }, 'transcodeOptions.audioOptions.sampleRate'],
    [{ transcodeOptions: { audioOptions: { bitrate: 64 } } }, 'transcodeOptions.audioOptions.bitrate'],
    [{ transcodeOptions: { audioOptions: { audioChannels: 2 } } }, 'transcodeOptions.audioOptions.audioChannels'],
    [{ transcodeOptions: { videoOptions: { codec: 'H.265' } } }, 'transcodeOptions.videoOptions.codec'],
    [{ transcodeOptions: { videoOptions: { codecProfile: 'main' } } }, 'transcodeOptions.videoOptions.codecProfile'],
    [base(), 'transcodeOptions'],
    [{ transcodeOptions: { audioOptions: {} } }, 'transcodeOptions.audioOptions'],
    [{ rawOptions: { rtcChannel: 'room', rtcStreamUid: 1 } }, 'rawOptions'],
  ])('refuses %j', async (change, field) => {
    const test = rig();
    const id = await made(test, base());
    expect(await test.patch(id, 0, change, field)).toMatchObject({
      status: 400,
      body: { reason: `Invalid parameter: ${field}. Replace and retry.` },
    });
  });

  it('takes videoOptions as a whole where its fixed parts stay', async () => {
    const test = rig();
    const id = await made(test, base());
    const fields = 'transcodeOptions.videoOptions';
    expect((await test.patch(id, 0, { transcodeOptions: { videoOptions: video(320, 180) } }, fields)).status).toBe(400);
    expect(
      (await test.patch(id, 0, { transcodeOptions: { videoOptions: video(320, 180, { codec: 'H.264' }) } }, fields))
        .status,
    ).toBe(200);
  });

  it('refuses what would leave a wrong converter, an unknown field, or another kind', async () => {
    const test = rig();
    const id = await made(test, base());
    const wait = () => test.clock.pass(1_000);
    expect((await test.patch(id, 0, {}, 'rtmpUrl')).status).toBe(400);
    expect((await test.patch(id, 0, { nonsense: 1 })).status).toBe(400);
    await wait();
    expect(
      (
        await test.patch(
          id,
          0,
          { transcodeOptions: { videoOptions: { bitrate: 0 } } },
          'transcodeOptions.videoOptions.bitrate',
        )
      ).status,
    ).toBe(400);
    expect((await test.patch(id, 0, { transcodeOptions: {} }, 'transcodeOptions.videoOptions')).status).toBe(400);
    await wait();
    expect((await test.patch(id, 0, { rtmpUrl: 'rtmp://b/c' }, '')).status).toBe(400);
  });

  it('raw and vertical converters change nothing but their address', async () => {
    const test = rig();
    const raw = await made(test, RAW);
    expect((await test.patch(raw, 0, { jitterBufferSizeMs: 100 })).status).toBe(400);
    expect((await test.patch(raw, 0, { rtmpUrl: 'rtmp://b/c' })).status).toBe(200);
    const { layout: _layout, ...options } = video(640, 360, { layoutType: 1 });
    const vertical = await made(test, { transcodeOptions: { rtcChannel: 'room', videoOptions: options } });
    expect(
      (
        await test.patch(
          vertical,
          0,
          { transcodeOptions: { videoOptions: { bitrate: 100 } } },
          'transcodeOptions.videoOptions.bitrate',
        )
      ).status,
    ).toBe(400);
    expect((await test.patch(vertical, 0, { rtmpUrl: 'rtmp://b/c' })).status).toBe(200);
  });

  it('a larger canvas needs a slot of its class and is billed as it is', async () => {
    const test = rig({ timings: { latencyMs: [0, 0] } });
    test.cloud.setLimits(APP, { converter: { cn: { HD: 1 } } });
    const [first, second] = [await made(test), await made(test)];
    const grow = (id: string) =>
      test.patch(
        id,
        1,
        { transcodeOptions: { videoOptions: { canvas: { width: 1280, height: 720 } } } },
        'transcodeOptions.videoOptions.canvas',
      );
    expect((await grow(first)).status).toBe(200);
    expect(await grow(second)).toMatchObject({ status: 429, body: { reason: 'Resources quota exceeded.' } });
    expect(test.cloud.liveTasks().map((task) => task.class)).toEqual(['HD', 'SD']);
  });
});

describe('shapes of Get', () => {
  it.each([
    ['documented', 'bare', 'wrapped'],
    ['sample', 'bare', 'wrapped, without state'],
    ['bare', 'bare', 'bare'],
    ['wrapped', 'wrapped', 'wrapped'],
  ] as const)('%s: transcoded %s, raw %s', async (getShape, ofTranscoded, ofRaw) => {
    const test = rig({ switches: { getShape } });
    const shape = async (more: Body) => {
      const { body } = await test.get(await made(test, more));
      if (body.converter === undefined) return body.state === undefined ? 'bare, without state' : 'bare';
      return body.converter.state === undefined ? 'wrapped, without state' : 'wrapped';
    };
    expect(await shape({})).toBe(ofTranscoded);
    expect(await shape(RAW)).toBe(ofRaw);
  });

  it('says idleTimeout whatever was sent, and no id', async () => {
    const test = rig();
    const { body } = await test.get(await made(test, { idleTimeOut: 60, name: 'n' }));
    expect(body).toMatchObject({ idleTimeout: 60, name: 'n' });
    expect(body).not.toHaveProperty('idleTimeOut');
    expect(body).not.toHaveProperty('id');
  });
});

describe('List', () => {
  it('pages by 500, and loses nothing where rows go between two pages', async () => {
    const test = rig({ switches: { enforceLimits: 'off' } });
    const ids: string[] = [];
    for (let index = 0; index < 501; index++) ids.push(await made(test, { name: `n${index}` }));
    const first = (await test.list()).body.data;
    expect(first).toMatchObject({ total_count: 501 });
    expect(first.members).toHaveLength(500);
    await test.remove(ids[0] ?? '');
    const second = (await test.list(first.cursor)).body.data;
    expect(second.members.map((row: { converterName: string }) => row.converterName)).toEqual(['n500']);
    expect(second.cursor).toBe(0);
    expect((await test.list('x')).status).toBe(400);
  });

  it.each([
    ['sample', 'upper', 1, 'string'],
    ['table', 'lower', '1', 'number'],
  ] as const)('types as in the %s, ids in %s case', async (listTypes, listIds, total, times) => {
    const test = rig({ switches: { listTypes, listIds } });
    const id = await made(test, { name: 'a' });
    const { data } = (await test.list()).body;
    expect(data.total_count).toBe(total);
    const [row] = data.members;
    expect([typeof row.create, typeof row.updateTs, typeof row.idleTimeout]).toEqual([times, times, times]);
    expect(row).toMatchObject({
      rtcChannel: 'room',
      converterName: 'a',
      appId: APP,
      rtmpUrl: 'rtmp://cdn.example.com/live/key',
      state: 'connecting',
      status: '200',
    });
    expect(row.converterId).toBe(listIds === 'upper' ? id.toUpperCase() : id);
  });

  it('of a channel shows that channel only, whose name may need encoding', async () => {
    const test = rig();
    const channel = 'a room? #1 100%';
    await made(test);
    const id = await made(test, sized(640, 360, channel));
    const path = `/v1/projects/${APP}/channels/${encodeURIComponent(channel)}/rtmp-converters`;
    expect(
      (await test.request('GET', path)).body.data.members.map((row: { converterId: string }) =>
        row.converterId.toLowerCase(),
      ),
    ).toEqual([id]);
  });

  it('can lag behind Get, both ways', async () => {
    const test = rig({ timings: { latencyMs: [0, 0], listLagMs: 2_000 } });
    const rows = async () => (await test.list()).body.data.members.length;
    const id = await made(test);
    expect(await rows()).toBe(0);
    await test.clock.pass(2_000);
    expect(await rows()).toBe(1);
    await test.remove(id);
    expect(await rows()).toBe(1);
    await test.clock.pass(2_000);
    expect(await rows()).toBe(0);
  });
});

describe('bodies that are not strict', () => {
  it('is lenient on request: uids as text, no fields, no sequence, no region', async () => {
    const test = rig({ switches: { lenient: 'on' } });
    const created = await test.request('POST', `/v1/projects/${APP}/rtmp-converters`, {
      converter: transcoded({ rawOptions: { rtcChannel: 'room', rtcStreamUid: '5' }, idleTimeOut: 100 }),
    });
    expect(created.status).toBe(200);
    const transcode = await made(test, { name: 'a' });
    const path = `/v1/projects/${APP}/rtmp-converters/${transcode}`;
    const updated = await test.request('PATCH', path, {
      converter: { transcodeOptions: { rtcChannel: 'room', videoOptions: { bitrate: 5 } } },
    });
    expect(updated.status).toBe(200);
    expect((await test.request('GET', path)).body.transcodeOptions.videoOptions).toMatchObject({
      bitrate: 5,
      canvas: { width: 640 },
    });
    test.cloud.setSwitches({ lenient: 'off' });
    expect((await test.request('GET', path)).body).toEqual({ message: 'no Route matched with those values' });
  });
});

import { describe, expect, it } from 'vitest';
import { APP, type Body, rig, type StartOptions, startRequest, transcoded, video } from './rig.ts';

async function start(options: StartOptions, acquire: Body = {}, switches = {}) {
  const test = rig({ switches });
  const { resourceId } = (await test.acquire({ clientRequest: { scene: 1, ...acquire } })).body;
  return test.start(resourceId, options);
}

describe('acquire', () => {
  it.each([
    [{ cname: 'x'.repeat(64) }, 200, undefined],
    [{ cname: 'x'.repeat(65) }, 401, 'invalid_channel_name'],
    [{ cname: 'é' }, 401, 'invalid_channel_name'],
    [{ uid: '0' }, 2, 'Acquire: invalid uid value!'],
    [{ uid: '4294967296' }, 2, 'Acquire: invalid uid value!'],
    [{ uid: '4294967295' }, 200, undefined],
    [{ uid: 'me' }, 2, 'Acquire: invalid uid value!'],
    [{ clientRequest: {} }, 2, 'Acquire: scene type mismatch or missing under clientRequest!'],
    [{ clientRequest: { scene: 0 } }, 2, 'Acquire: invalid scene value!'],
    [{ clientRequest: { scene: '1' } }, 2, 'Acquire: scene type mismatch or missing under clientRequest!'],
    [{ clientRequest: { scene: 1, resourceExpiredHour: 0 } }, 2, 'Acquire: invalid resourceExpiredHour value!'],
    [{ clientRequest: { scene: 1, resourceExpiredHour: 720 } }, 200, undefined],
    [{ clientRequest: { scene: 1, resourceExpiredHour: 721 } }, 2, 'Acquire: invalid resourceExpiredHour value!'],
    [{ clientRequest: { scene: 1, region: 'eu' } }, 2, 'Acquire: invalid region value!'],
    [{ clientRequest: { scene: 1, startParameter: { wrong: true } } }, 200, undefined],
    [{ clientRequest: { scene: 1, Region: 'EU' } }, 2, 'Acquire: unknown Region under clientRequest!'],
  ])('%j', async (body, code, reason) => {
    const said = await rig().acquire(body);
    if (code === 200) expect(said.status).toBe(200);
    else expect(said).toMatchObject({ status: 400, body: { code, reason } });
  });
});

describe('start', () => {
  const wrong: [string, StartOptions][] = [
    ['videoWidth', { web: { videoWidth: 239 } }],
    ['videoWidth', { web: { videoWidth: 1921 } }],
    ['videoHeight', { web: { videoHeight: 720.5 } }],
    ['videoFps', { web: { videoFps: 61 } }],
    ['videoFps', { web: { videoFps: 4 } }],
    ['videoBitrate', { web: { videoBitrate: 8001 } }],
    ['audioProfile', { web: { audioProfile: 3 } }],
    ['maxRecordingHour', { web: { maxRecordingHour: 721 } }],
    ['maxVideoDuration', { web: { maxVideoDuration: 29 } }],
    ['readyTimeout', { web: { readyTimeout: -1 } }],
    ['readyTimeout', { web: { readyTimeout: 1.5 } }],
    ['readyTimeout', { web: { readyTimeout: 61 } }],
    ['url', { web: { url: 'stage.example.com' } }],
    ['avFileType', { clientRequest: { recordingFileConfig: { avFileType: ['mp4'] } } }],
    ['rtmpUrl', { publishTo: 'https://cdn/live' }],
    ['vendor', { storage: { vendor: 4 } }],
    ['region', { storage: { region: 29 } }],
    ['fileNamePrefix[0]', { storage: { fileNamePrefix: ['a/b'] } }],
    ['fileNamePrefix', { storage: { fileNamePrefix: ['a'.repeat(64), 'b'.repeat(63)] } }],
    ['stsToken', { storage: { vendor: 5, stsToken: 'x' } }],
    ['endpoint', { storage: { vendor: 11 } }],
    ['sse', { storage: { extensionParams: { sse: 'none' } } }],
    [
      'errorHandlePolicy',
      { clientRequest: { extensionServiceConfig: { errorHandlePolicy: 'error_ignore', extensionServices: [{}] } } },
    ],
  ];
  it.each(wrong)('names %s: %j', async (field, options) => {
    const { status, body } = await start(options);
    expect(status).toBe(400);
    expect(body.code).toBe(2);
    expect(body.reason).toContain(field);
  });

  it.each([
    {
      web: {
        videoWidth: 240,
        videoHeight: 240,
        videoFps: 60,
        videoBitrate: 50,
        readyTimeout: 60,
        maxRecordingHour: 720,
      },
    },
    { web: { videoWidth: 1920, videoHeight: 1080, mobile: true, maxVideoDuration: 240, onhold: true } },
    {
      storage: {
        fileNamePrefix: ['a'.repeat(63), 'b'.repeat(63)],
        stsToken: 'x',
        stsExpiration: 1,
        extensionParams: { tag: 'a=b' },
      },
    },
    { storage: { vendor: 11, region: 0, extensionParams: { endpoint: 's3.example.com' } } },
    { publishTo: 'rtmps://cdn/live', clientRequest: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } } },
  ])('takes %j', async (options) => {
    expect((await start(options)).status).toBe(200);
  });

  it('takes no second recorder, no service alone that is not one, no field of other modes', async () => {
    const request = startRequest();
    const service = (request['extensionServiceConfig'] as { extensionServices: Body[] }).extensionServices[0] ?? {};
    const publish = { serviceName: 'rtmp_publish_service', serviceParam: { outputs: [{ rtmpUrl: 'rtmp://a/b' }] } };
    for (const extensionServices of [
      [service, service],
      [publish],
      [publish, publish],
      [],
      [service, publish, publish],
    ]) {
      expect((await start({ clientRequest: { extensionServiceConfig: { extensionServices } } })).body.code).toBe(2);
    }
    expect((await start({ clientRequest: { recordingConfig: {} } })).body).toEqual({
      code: 2,
      reason: 'start: unknown recordingConfig under clientRequest!',
    });
    expect((await start({ web: { videoWidth: undefined } })).body.reason).toMatch(
      /videoWidth type mismatch or missing/,
    );
    expect((await start({ web: { videoWidth: '640' } })).body.reason).toMatch(/videoWidth type mismatch or missing/);
  });

  it('a hard region binds the storage to its area; a soft one does not', async () => {
    expect((await start({}, { region: 'NA' })).body).toEqual({ code: 2, reason: 'start: invalid region value!' });
    expect((await start({}, { region: 'EU' })).status).toBe(200);
    expect((await start({}, { regionAffinity: 4 })).status).toBe(200);
    // Cape Town is in none of the four.
    expect((await start({ storage: { region: 18 } }, { region: 'EU' })).status).toBe(200);
  });

  it('is lenient on request: VideoBitrate, empty enums', async () => {
    const options = {
      web: { VideoBitrate: 1000, readyTimeout: 0 },
      storage: { extensionParams: { sse: '', tag: '' } },
    };
    expect((await start(options)).status).toBe(400);
    expect((await start(options, {}, { lenient: 'on' })).status).toBe(200);
  });
});

describe('update and stop of a recording', () => {
  it.each([
    ['optional', 200],
    ['required', 400],
  ] as const)('storageConfig is %s', async (storageInUpdate, status) => {
    const test = rig({ switches: { storageInUpdate } });
    const handle = await test.record();
    expect((await test.update(handle, { webRecordingConfig: { onhold: true } })).status).toBe(status);
    const { storageConfig } = startRequest();
    expect((await test.update(handle, { storageConfig })).status).toBe(200);
  });

  it('refuses what no update takes', async () => {
    const test = rig();
    const handle = await test.record();
    for (const change of [
      { url: 'https://x' },
      { webRecordingConfig: { url: 'https://x' } },
      { webRecordingConfig: { onhold: 'yes' } },
      { rtmpPublishConfig: { outputs: [] } },
    ]) {
      expect((await test.update(handle, change)).body.code).toBe(2);
    }
    expect((await test.stop(handle, { async_stop: 'yes' })).body).toEqual({
      code: 2,
      reason: 'stop: async_stop type mismatch or missing under clientRequest!',
    });
  });
});

describe('create', () => {
  const sei = {
    canvas: { width: 16, height: 16 },
    layout: [],
    seiOptions: { source: { metadata: true, customized: { payload: 'x' } }, sink: { type: 100 } },
  };
  const channel = (more: Body) => ({ transcodeOptions: { rtcChannel: 'room', ...more } });
  const wrong: [string, Body][] = [
    ['rtmpUrl', { rtmpUrl: 'https://cdn/live' }],
    ['rtmpUrl', { rtmpUrl: `rtmp://cdn/${'x'.repeat(1024)}` }],
    ['name', { name: 'a b' }],
    ['name', { name: 'x'.repeat(65) }],
    ['idleTimeout', { idleTimeout: 0 }],
    ['idleTimeout', { idleTimeout: 300, idleTimeOut: 300 }],
    ['jitterBufferSizeMs', { jitterBufferSizeMs: 1001 }],
    [
      'transcodeOptions',
      { rawOptions: { rtcChannel: 'a', rtcStreamUid: 1 }, transcodeOptions: { rtcChannel: 'a', audioOptions: {} } },
    ],
    ['rawOptions.rtcStreamUid', { rawOptions: { rtcChannel: 'a', rtcStreamUid: '1' } }],
    ['transcodeOptions.rtcChannel', { transcodeOptions: { audioOptions: {} } }],
    ['transcodeOptions.audioOptions', channel({})],
    ['transcodeOptions.audioOptions.codecProfile', channel({ audioOptions: { codecProfile: 'AAC' } })],
    ['transcodeOptions.audioOptions.sampleRate', channel({ audioOptions: { sampleRate: 8000 } })],
    ['transcodeOptions.audioOptions.bitrate', channel({ audioOptions: { bitrate: 129 } })],
    [
      'transcodeOptions.audioOptions.volumes',
      channel({ audioOptions: { rtcStreamUids: [1], volumes: [{ rtcStreamUid: 2 }] } }),
    ],
    ['transcodeOptions.videoOptions.canvas.width', channel({ videoOptions: video(65, 100) })],
    ['transcodeOptions.videoOptions.canvas.height', channel({ videoOptions: video(66, 1921) })],
    ['transcodeOptions.videoOptions.bitrate', channel({ videoOptions: { ...video(640, 360), bitrate: undefined } })],
    ['transcodeOptions.videoOptions.layout', channel({ videoOptions: { ...video(640, 360), layout: undefined } })],
    ['transcodeOptions.videoOptions.frameRate', channel({ videoOptions: video(640, 360, { frameRate: 31 }) })],
    [
      'transcodeOptions.videoOptions.codecProfile',
      channel({ videoOptions: video(640, 360, { codec: 'H.265', codecProfile: 'high' }) }),
    ],
    [
      'transcodeOptions.videoOptions.layout[0].region',
      channel({ videoOptions: video(640, 360, { layout: [{ rtcStreamUid: 1 }] }) }),
    ],
    ['transcodeOptions.videoOptions.watermarks', channel({ videoOptions: video(640, 360, { watermarks: [] }) })],
    ['transcodeOptions.uid', channel({ audioOptions: {}, uid: 7 })],
    ['rtcToken', { rtcToken: 'x' }],
  ];
  it.each(wrong)('names %s', async (field, more) => {
    expect(await rig().create(more)).toMatchObject({
      status: 400,
      body: { reason: `Invalid parameter: ${field}. Replace and retry.` },
    });
  });

  it.each([
    [channel({ audioOptions: null, videoOptions: video(66, 1920) })],
    [channel({ audioOptions: { rtcStreamUids: [1], volumes: [{ rtcStreamUid: 1, volume: 200 }] } })],
    [channel({ audioOptions: {}, videoOptions: sei })],
    [
      channel({
        videoOptions: {
          canvas: { width: 640, height: 360, color: 0 },
          layoutType: 1,
          vertical: { fillMode: 'fit' },
          bitrate: 1,
        },
      }),
    ],
    [
      channel({
        videoOptions: video(640, 360, {
          layout: [{ imageUrl: 'https://x/a.png', region: { xPos: -5, yPos: 0, zIndex: 100, width: 1, height: 1 } }],
        }),
      }),
    ],
    [
      {
        rawOptions: { rtcChannel: 'a', rtcStreamUid: 4_294_967_295 },
        name: 'a-agora-isolate-1',
        jitterBufferSizeMs: 0,
      },
    ],
  ])('takes %j', async (more) => {
    const { status, body } = await rig().create(more);
    expect(status, JSON.stringify(body)).toBe(200);
  });

  it('switches: empty transcodeOptions, the range of idleTimeout, the user of a converter', async () => {
    const test = rig({ switches: { emptyTranscode: 'video-only', idleTimeoutRange: 'beta', converterUser: 'accept' } });
    expect((await test.create(channel({}))).status).toBe(200);
    expect((await test.create({ idleTimeout: 601 })).status).toBe(400);
    expect((await test.create({ idleTimeout: 600 })).status).toBe(200);
    expect((await test.create(channel({ audioOptions: {}, uid: 7 }))).status).toBe(200);
  });

  it('wants the envelope', async () => {
    const test = rig();
    const bare = await test.request('POST', `/cn/v1/projects/${APP}/rtmp-converters`, transcoded());
    expect(bare).toMatchObject({ status: 400, body: { reason: 'Invalid parameter: converter. Replace and retry.' } });
  });
});

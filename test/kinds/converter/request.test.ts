import { describe, expect, it } from 'vitest';
import { createBody, updateBody, valueAt } from '../../../src/kinds/converter/request.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import { converterSpec, projectSpec, VIDEO } from './builders.ts';

const { compatibility } = projectSpec();
const TASK = { name: 'show68_vertical', rtmpUrl: 'rtmp://cdn.example.com/live/key' };
const converterOf = (spec: Partial<ConverterSpec>, switches = {}): unknown =>
  createBody(converterSpec(spec), TASK, { ...compatibility, ...switches })['converter'];

describe('MP-20 media', () => {
  it('both: both options, audioOptions {} where nothing is set', () => {
    expect(converterOf({})).toEqual({
      name: 'show68_vertical',
      rtmpUrl: 'rtmp://cdn.example.com/live/key',
      idleTimeout: 300,
      transcodeOptions: { rtcChannel: 'show68', audioOptions: {}, videoOptions: VIDEO },
    });
  });
  it('audioOptions null by the switch, and only where nothing is set', () => {
    const nulls = { emptyAudioOptions: 'Null' };
    expect(valueAt(converterOf({}, nulls), 'transcodeOptions.audioOptions')).toBeNull();
    const set = { transcodeOptions: { rtcChannel: 'a', media: 'AudioOnly', audioOptions: { bitrate: 64 } } } as const;
    expect(valueAt(converterOf(set, nulls), 'transcodeOptions.audioOptions')).toEqual({ bitrate: 64 });
  });
  it('audio only: no videoOptions', () => {
    expect(
      valueAt(converterOf({ transcodeOptions: { rtcChannel: 'a', media: 'AudioOnly' } }), 'transcodeOptions'),
    ).toEqual({ rtcChannel: 'a', audioOptions: {} });
  });
  it('video only: no audioOptions', () => {
    expect(
      valueAt(
        converterOf({ transcodeOptions: { rtcChannel: 'a', media: 'VideoOnly', videoOptions: VIDEO } }),
        'transcodeOptions',
      ),
    ).toEqual({ rtcChannel: 'a', videoOptions: VIDEO });
  });
});

describe('MP-23 SEI beside audio alone', () => {
  it('seiOptions in videoOptions, canvas 16 × 16, the user in layout', () => {
    const sei = { userUid: 9, source: { metadata: true }, sink: { type: 100 } };
    const video = valueAt(
      converterOf({ transcodeOptions: { rtcChannel: 'a', media: 'AudioOnly', sei } }),
      'transcodeOptions.videoOptions',
    );
    expect(video).toEqual({
      canvas: { width: 16, height: 16 },
      layout: [{ rtcStreamUid: 9, region: { xPos: 0, yPos: 0, zIndex: 0, width: 16, height: 16 } }],
      bitrate: 1,
      seiOptions: { source: { metadata: true }, sink: { type: 100 } },
    });
  });
});

describe('MP-17 the user is sent only where the project says so', () => {
  it.each([{ uid: 42 }, { account: 'bot' }])('%j', (user) => {
    expect(converterOf({ user })).not.toHaveProperty(Object.keys(user)[0] ?? '');
    expect(converterOf({ user }, { sendConverterUser: true })).toMatchObject(user);
  });
});

describe('MP-21 idleTimeout', () => {
  it('300 s by default, spelt as the project’s switch says', () => {
    expect(converterOf({})).toMatchObject({ idleTimeout: 300 });
    const other = converterOf({}, { idleTimeoutKey: 'idleTimeOut' });
    expect(other).toMatchObject({ idleTimeOut: 300 });
    expect(other).not.toHaveProperty('idleTimeout');
  });
});

describe('MP-25 update body', () => {
  it('carries exactly the changed paths, and names them in the mask', () => {
    const paths = ['rtmpUrl', 'transcodeOptions.videoOptions.bitrate'];
    expect(updateBody(converterSpec(), TASK, paths, compatibility)).toEqual({
      converter: { rtmpUrl: TASK.rtmpUrl, transcodeOptions: { videoOptions: { bitrate: 800 } } },
      fields: 'rtmpUrl,transcodeOptions.videoOptions.bitrate',
    });
  });
  it('a path that is no longer declared is in the mask alone', () => {
    expect(updateBody(converterSpec(), TASK, ['transcodeOptions.videoOptions.gop'], compatibility)).toEqual({
      converter: {},
      fields: 'transcodeOptions.videoOptions.gop',
    });
  });
});

it('raw: the stream and its channel, nothing to encode', () => {
  const { transcodeOptions: _transcode, ...rest } = converterSpec({ rawOptions: { rtcChannel: 'a', rtcStreamUid: 7 } });
  expect(createBody(rest, TASK, compatibility)['converter']).toEqual({
    ...TASK,
    idleTimeout: 300,
    rawOptions: { rtcChannel: 'a', rtcStreamUid: 7 },
  });
});

import { describe, expect, it } from 'vitest';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { changesOf } from '../../../src/kinds/converter/changes.ts';
import type { ConverterSpec, TranscodeOptions, VideoOptions } from '../../../src/kinds/converter/types.ts';
import { converterSpec, failure, T0, VIDEO } from './builders.ts';
import { type Call, changing, type Play, running, types } from './play.ts';

const OTHER_URL = 'rtmp://cdn.example.com/live/other';
const TRANSCODE: TranscodeOptions = {
  rtcChannel: 'show68',
  media: 'AudioVideo',
  audioOptions: {},
  videoOptions: VIDEO,
};
const video = (options: Partial<VideoOptions>): Partial<ConverterSpec> => ({
  transcodeOptions: { ...TRANSCODE, videoOptions: { ...VIDEO, ...options } },
});
const audio = (audioOptions: TranscodeOptions['audioOptions']): Partial<ConverterSpec> => ({
  transcodeOptions: { ...TRANSCODE, ...(audioOptions === undefined ? {} : { audioOptions }) },
});

const updates = (play: Play): readonly Extract<ConverterAction, { type: 'update' }>[] =>
  play.calls.flatMap(({ action }: Call) => (action.type === 'update' ? [action] : []));
const sequences = (play: Play): readonly number[] => updates(play).map((update) => update.sequence);

describe('MP-25 what Agora’s update takes is changed in place', () => {
  it.each<[string, Partial<ConverterSpec>, readonly string[]]>([
    ['rtmpUrl', { rtmpUrl: OTHER_URL }, ['rtmpUrl']],
    ['jitterBufferSizeMs', { jitterBufferSizeMs: 500 }, ['jitterBufferSizeMs']],
    ['canvas', video({ canvas: { width: 320, height: 180 } }), ['transcodeOptions.videoOptions.canvas']],
    ['layout', video({ layout: [] }), ['transcodeOptions.videoOptions.layout']],
    ['bitrate', video({ bitrate: 900 }), ['transcodeOptions.videoOptions.bitrate']],
    [
      'frameRate (and the gop that follows it)',
      video({ frameRate: 30 }),
      ['transcodeOptions.videoOptions.frameRate', 'transcodeOptions.videoOptions.gop'],
    ],
    ['gop', video({ gop: 60 }), ['transcodeOptions.videoOptions.gop']],
    [
      'placeholder',
      video({ defaultPlaceholderImageUrl: 'https://x.example.com/a.png' }),
      ['transcodeOptions.videoOptions.defaultPlaceholderImageUrl'],
    ],
    ['seiOptions', video({ seiOptions: {} }), ['transcodeOptions.videoOptions.seiOptions']],
    ['rtcStreamUids', audio({ rtcStreamUids: [7] }), ['transcodeOptions.audioOptions.rtcStreamUids']],
    [
      'volumes, with the users they belong to',
      audio({ rtcStreamUids: [7], volumes: [{ rtcStreamUid: 7, volume: 50 }] }),
      ['transcodeOptions.audioOptions.rtcStreamUids', 'transcodeOptions.audioOptions.volumes'],
    ],
  ])('%s', (_what, edit, paths) => {
    const play = running();
    play.edit(edit);
    const calls = changing(play.run(60));
    expect(types(calls)).toEqual(['update']);
    expect([...(updates(play)[0]?.paths ?? [])].sort()).toEqual([...paths].sort());
    expect(play.ready).toBe('True Running');
    expect(play.task?.attempt).toBe(1);
  });

  it.each<[string, Partial<ConverterSpec>, string]>([
    ['name', { name: 'other' }, 'name'],
    ['region', { region: 'na' }, 'region'],
    ['regionHintIp', { regionHintIp: '192.0.2.1' }, 'regionHintIp'],
    ['idleTimeout', { idleTimeout: 200 }, 'idleTimeout'],
    ['rtcChannel', { transcodeOptions: { ...TRANSCODE, rtcChannel: 'show69' } }, 'transcodeOptions.rtcChannel'],
    ['audio codecProfile', audio({ codecProfile: 'HE-AAC' }), 'transcodeOptions.audioOptions.codecProfile'],
    ['audio sampleRate', audio({ sampleRate: 44100 }), 'transcodeOptions.audioOptions.sampleRate'],
    ['audio bitrate', audio({ bitrate: 64 }), 'transcodeOptions.audioOptions.bitrate'],
    ['audioChannels', audio({ audioChannels: 2 }), 'transcodeOptions.audioOptions.audioChannels'],
    ['video codec', video({ codec: 'H.265' }), 'transcodeOptions.videoOptions.codec'],
    ['video codecProfile', video({ codecProfile: 'main' }), 'transcodeOptions.videoOptions.codecProfile'],
    ['media', { transcodeOptions: { rtcChannel: 'show68', media: 'AudioOnly' } }, 'transcodeOptions.media'],
  ])('%s re-creates, and the plan says why', (_what, edit, path) => {
    const play = running();
    play.edit(edit);
    const changes = changesOf(play.resource, play.context());
    expect(changes.find((change) => change.path === path)).toMatchObject({
      how: 'recreate',
      why: expect.stringContaining('Agora'),
    });
    expect(types(changing(play.run(60)))).toEqual(['delete', 'create']);
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts?.lastReason).toContain(path);
  });

  it.each<[string, Partial<ConverterSpec>]>([
    ['audio', audio({ codecProfile: 'LC-AAC', sampleRate: 48000, bitrate: 48, audioChannels: 1 })],
    ['video', video({ codec: 'H.264', codecProfile: 'high', frameRate: 15, gop: 30, layoutType: 0 })],
    ['jitter buffer', { jitterBufferSizeMs: 1000 }],
  ])('to declare Agora’s own defaults changes nothing: %s', (_what, edit) => {
    const play = running();
    play.edit(edit);
    expect(changesOf(play.resource, play.context())).toEqual([]);
    expect(changing(play.run(60))).toEqual([]);
    expect(play.ready).toBe('True Running');
  });

  it('with layoutType 1 and of a raw converter only rtmpUrl is updated', () => {
    const vertical = running(withVertical({}));
    vertical.edit({ rtmpUrl: OTHER_URL });
    expect(types(changing(vertical.run(60)))).toEqual(['update']);
    vertical.edit(withVertical({ bitrate: 900 }));
    expect(types(changing(vertical.run(60)))).toEqual(['delete', 'create']);
  });

  it('a stream key that changes in its Secret is an update of rtmpUrl', () => {
    const { rtmpUrl: _url, ...rest } = converterSpec();
    const play = running();
    play.secrets = { 'cdn/url': 'rtmp://cdn.example.com/live/key' };
    play.resource = { ...play.resource, spec: { ...rest, rtmpUrlFrom: { secretKeyRef: { name: 'cdn', key: 'url' } } } };
    expect(changing(play.run(10))).toEqual([]);
    play.secrets = { 'cdn/url': OTHER_URL };
    expect(updates(play)).toEqual([]);
    play.run(10);
    expect(updates(play)[0]?.paths).toEqual(['rtmpUrl']);
  });

  it('no hash and no status tells the stream key', () => {
    const play = running({ rtmpUrl: 'rtmp://cdn.example.com/live/S3CRET' });
    play.edit({ rtmpUrl: 'rtmp://cdn.example.com/live/T0PKEY' });
    play.run(60);
    const text = JSON.stringify([play.status, play.events, play.calls]);
    expect(text).not.toContain('S3CRET');
    expect(text).not.toContain('T0PKEY');
  });

  it('400 to an update: Stalled with the field, the task runs on and is looked at', () => {
    const play = running();
    play.script = { update: [failure('parameter', 'Invalid parameter: layout')] };
    play.edit(video({ layout: [] }));
    expect(types(changing(play.run(600)))).toEqual(['update']);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.task?.phase).toBe('Running');
    play.edit(video({ bitrate: 900 }));
    play.run(60);
    expect(play.ready).toBe('True Running');
  });
});

describe('MP-24 sequence', () => {
  const editing = (play: Play, bitrate: number): void => {
    play.edit(video({ bitrate }));
    play.run(30);
  };

  it('counts from 0 for our own create', () => {
    const play = running();
    for (const bitrate of [1, 2, 3]) editing(play, bitrate);
    expect(sequences(play)).toEqual([0, 1, 2]);
  });

  it.each(['lost', 'server', 'throttle', 'dns'] as const)('is not used again after %s', (kind) => {
    const play = running();
    play.script = { update: [failure(kind)] };
    editing(play, 900);
    expect(sequences(play)).toEqual([0, 1]);
    expect(play.ready).toBe('True Running');
  });

  it.each(['crash-before', 'crash-after', 'not-sent'] as const)('is not used again after %s', (ending) => {
    const play = running();
    play.script = { update: [ending] };
    play.edit(video({ bitrate: 900 }));
    play.run(60);
    expect(sequences(play).at(-1)).toBe(1);
    expect(play.ready).toBe('True Running');
  });

  it('is in the status before the call is made, with the paths open', () => {
    const play = running();
    play.script = { update: ['crash-after'] };
    play.edit({ rtmpUrl: OTHER_URL });
    play.run(5);
    expect(play.task).toMatchObject({ sequence: 0, applied: { rtmpUrl: '' }, intent: { call: 'update' } });
    expect(play.task?.pending?.['rtmpUrl']).toHaveLength(10);
  });

  it('an update whose answer was lost is sent again although the edit was taken back', () => {
    const play = running();
    play.script = { update: [failure('lost')] };
    play.edit({ rtmpUrl: OTHER_URL });
    play.run(2);
    play.edit({ rtmpUrl: 'rtmp://cdn.example.com/live/key' });
    play.run(60);
    expect(sequences(play)).toEqual([0, 1]);
    expect(play.ready).toBe('True Running');
  });

  it('an updateTs that did not move: the number was too low; jump once to the time, and repeat', () => {
    const play = running();
    const stuck = Math.floor(T0 / 1_000);
    play.script = {
      update: [
        { call: 'updateConverter', updateTs: stuck },
        { call: 'updateConverter', updateTs: stuck },
      ],
    };
    editing(play, 900);
    const [first, second, ...more] = sequences(play);
    expect(first).toBe(0);
    expect(second).toBeGreaterThanOrEqual(stuck);
    expect(more).toEqual([]);
    editing(play, 901);
    expect(sequences(play).at(-1)).toBe((second ?? 0) + 1);
  });

  it('updates of one converter are 1,100 ms apart, the create included', () => {
    const play = running();
    play.edit(video({ bitrate: 1 }));
    play.run(0.3);
    play.edit(video({ bitrate: 2 }));
    play.run(5);
    const at = play.calls.filter((call) => call.type === 'update').map((call) => call.at);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeCloseTo(1.1);
  });

  it('404 to an update is a strike', () => {
    const play = running();
    play.script = { update: [failure('not-found')] };
    play.edit({ rtmpUrl: OTHER_URL });
    play.run(2);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(sequences(play)).toEqual([0, 1]);
  });
});

describe('design §4 updateStrategy', () => {
  it('StopFirst: the old one is deleted before the new one is created', () => {
    const play = running();
    play.edit({ idleTimeout: 200 });
    const calls = changing(play.run(30));
    expect(types(calls)).toEqual(['delete', 'create']);
    expect(calls[1]?.action).toMatchObject({ name: 'show68_vertical' });
    expect(play.status.restarts?.inRow).toBe(0);
    expect(play.status.restarts?.lastStarts).toHaveLength(0);
  });

  it('StopFirst with another name: the old one must be known to be gone', () => {
    const play = running();
    play.otherwise = (
      (obliging) => (action: ConverterAction) =>
        'converterId' in action && action.converterId === 'c1' && action.type !== 'update'
          ? failure('not-found')
          : obliging(action)
    )(play.otherwise);
    play.rows = () => [...play.living.values()].filter((each) => each.id !== 'c1');
    play.edit({ name: 'other' });
    expect(types(changing(play.run(115)))).toEqual(['delete']);
    expect(play.ready).toBe('False Replacing…');
    expect(types(changing(play.run(60)))).toEqual(['create']);
    expect(play.task?.name).toBe('other');
  });

  it('Overlap: the new one first, under the next name; the old one goes when it runs', () => {
    const play = running({ updateStrategy: 'Overlap' });
    play.script = { get: [{ call: 'get', state: 'connecting' }] };
    play.rows = undefined;
    play.edit({ idleTimeout: 200 });
    play.run(1);
    expect(play.tasks).toMatchObject([{ phase: 'Running' }, { phase: 'Confirming', name: 'show68_vertical-r2' }]);
    expect(play.ready).toBe('False Replacing…');
    play.watched().run(30);
    expect(types(changing(play.calls))).toEqual(['create', 'create', 'delete']);
    expect(play.calls.find((call) => call.type === 'delete')?.action).toMatchObject({ converterId: 'c1' });
    expect(play.ready).toBe('True Running');
    play.run(660);
    play.edit({ idleTimeout: 100 });
    play.run(30);
    expect(play.task?.name).toBe('show68_vertical');
  });

  it('Overlap holds both slots while both may live, and one again afterwards', () => {
    const play = running({ updateStrategy: 'Overlap' });
    play.edit({ idleTimeout: 200 });
    play.run(30);
    expect(play.claimed.map((claims) => claims.slots.length)).toEqual([1, 2]);
    expect(play.status.admission).toHaveLength(1);
  });

  it('Overlap falls back to StopFirst where no slot is free, and says so', () => {
    const play = running({ updateStrategy: 'Overlap' });
    play.ledger = (claims) =>
      claims.slots.length > 1 ? { why: 'wait', limit: 'converter eu SD: 1 of 1', position: 1 } : undefined;
    play.edit({ idleTimeout: 200 });
    play.pass();
    expect(play.message).toContain('no slot is free for both');
    expect(types(changing(play.run(30)))).toEqual(['delete', 'create']);
    expect(play.ready).toBe('True Running');
  });

  it('Overlap: a successor that is refused leaves the old one running', () => {
    const play = running({ updateStrategy: 'Overlap' });
    play.script = { create: [failure('parameter', 'no')] };
    play.edit({ idleTimeout: 200 });
    expect(types(changing(play.run(120)))).toEqual(['create']);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running' });
    expect(play.ready).toBe('False ParameterRefused!');
  });

  it('Overlap: successors that die are spaced and bounded, and the old one runs on', () => {
    const play = running({ updateStrategy: 'Overlap', maxStartsPerHour: 3 });
    play.otherwise = (
      (obliging) => (action: ConverterAction) =>
        action.type === 'get' && action.converterId !== 'c1' ? { call: 'get', state: 'failed' } : obliging(action)
    )(play.otherwise);
    play.rows = () =>
      [...play.living.values()].map((each) => (each.id === 'c1' ? each : { ...each, state: 'connecting' as const }));
    play.edit({ idleTimeout: 200 });
    play.run(600);
    expect(play.calls.filter((call) => call.type === 'create').length).toBeLessThanOrEqual(5);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running' });
    expect(play.ready).toBe('False StartBudgetExhausted!');
  });
});

function withVertical(options: Partial<VideoOptions>): Partial<ConverterSpec> {
  const { layout: _layout, ...rest } = VIDEO;
  return { transcodeOptions: { ...TRANSCODE, videoOptions: { ...rest, layoutType: 1, vertical: {}, ...options } } };
}

import { describe, expect, it } from 'vitest';
import type { RecordingSpec } from '../../../src/kinds/recording/types.ts';
import { failure, recordingSpec } from './builders.ts';
import { type Call, changing, type Ending, Play, running } from './play.ts';

const publish = { rtmpUrlFrom: { secretKeyRef: { name: 'cdn', key: 'url' } } };
const updates = (play: Play): readonly Call[] => play.calls.filter((call) => call.type === 'update');
const paths = (play: Play): readonly (readonly string[])[] =>
  play.calls.flatMap(({ action }) => (action.type === 'update' ? [action.paths] : []));

const publishing = (): Play =>
  running({ publish }, (play) => {
    play.secrets['cdn/url'] = 'rtmp://cdn.example.com/live/key-canary';
  });

describe('§4 editing: what Agora’s update takes is updated in place (B.6)', () => {
  it('onhold, there and back', () => {
    const play = running();
    play.edit({ desiredState: 'OnHold' }).run(10);
    expect(play.ready).toBe('True OnHold');
    expect([...play.living.values()][0]?.onhold).toBe(true);
    play.edit({ desiredState: 'Running' }).run(10);
    expect(play.ready).toBe('True Running');
    expect(paths(play)).toEqual([['onhold'], ['onhold']]);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'update', 'update']);
  });

  it('the CDN address: its value counts, not its version', () => {
    const play = publishing();
    play.run(10);
    expect(updates(play)).toEqual([]);
    play.secrets['cdn/url'] = 'rtmp://cdn.example.com/live/other-canary';
    play.run(300);
    expect(paths(play)).toEqual([['publish.rtmpUrl']]);
    expect(play.ready).toBe('True Running');
  });

  it.each(['s3/accessKey', 's3/secretKey', 's3/stsToken'])('storage credentials: %s', (secret) => {
    const play = running();
    play.secrets[secret] = 'rotated';
    play.run(300);
    expect(paths(play)).toEqual([['storage.credentials']]);
  });

  it('several at once are one update; each answer is waited for', () => {
    const play = running();
    play.secrets['s3/accessKey'] = 'rotated';
    play.edit({ desiredState: 'OnHold' }).run(300);
    expect(paths(play)).toEqual([['onhold', 'storage.credentials']]);
  });

  it('what does not concern the task changes nothing at Agora', () => {
    const play = running();
    const edit: Partial<RecordingSpec> = {
      priority: 9,
      maxStartsPerHour: 3,
      restartPolicy: 'OnFailure',
      deletionPolicy: 'Orphan',
    };
    play.edit(edit).run(300);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.ready).toBe('True Running');
  });

  it('nor does a default that is written out', () => {
    const play = running();
    const edit: Partial<RecordingSpec> = {
      mobile: false,
      readyTimeout: 0,
      maxVideoDuration: 120,
      errorHandlePolicy: 'error_abort',
    };
    play.edit({ ...edit, excludeResourceIds: [] }).run(300);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
  });

  it('during the ladder of WR-7 it waits until the recording runs', () => {
    const play = new Play().answers('query', { call: 'query', status: 1 });
    play.run(1);
    play.edit({ desiredState: 'OnHold' }).run(30);
    expect(play.calls.map((call) => call.type)).toEqual(['acquire', 'start', 'query', 'query', 'update']);
    expect(play.ready).toBe('True OnHold');
  });
});

describe('§4 an update that fails', () => {
  it('an answer that is lost, then a revert: the revert is sent, since nobody knows', () => {
    const play = running();
    play.answers('update', failure('lost')).edit({ desiredState: 'OnHold' });
    play.pass();
    for (const living of play.living.values()) living.onhold = true;
    play.edit({ desiredState: 'Running' }).run(120);
    expect(updates(play).map(({ action }) => (action.type === 'update' ? action.onHold : undefined))).toEqual([
      true,
      false,
    ]);
    expect([...play.living.values()][0]?.onhold).toBe(false);
    expect(play.ready).toBe('True Running');
  });

  it('a crash with the answer unheard: after its deadline it is sent again', () => {
    const play = running();
    play.answers('update', 'crash-after').edit({ desiredState: 'OnHold' });
    play.run(14);
    expect(updates(play)).toHaveLength(1);
    play.run(10);
    expect(updates(play)).toHaveLength(2);
    expect(play.ready).toBe('True OnHold');
  });

  it('is repeated with back-off, and the recording is looked at meanwhile', () => {
    const play = running();
    play.answers('update', ...Array<Ending>(200).fill(failure('server'))).edit({ desiredState: 'OnHold' });
    const from = play.calls.length;
    play.run(600);
    const since = play.calls.slice(from);
    expect(since.filter((call) => call.type === 'update').length).toBeLessThan(26);
    expect(since.filter((call) => call.type === 'query').length).toBeGreaterThanOrEqual(4);
    expect(play.ready).toBe('False Updating…');
    expect(play.phases).toEqual(['1:Running']);
  });

  it('a 404 is a look that missed it', () => {
    const play = running();
    play.answers('update', failure('not-found', { status: 404 })).edit({ desiredState: 'OnHold' });
    play.pass();
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    play.run(60);
    expect(play.ready).toBe('True OnHold');
  });

  it('a refusal is Stalled, the recording goes on as it was and is watched; another value is tried', () => {
    const play = publishing();
    play.answers('update', failure('parameter', { status: 400, message: 'bad url' }));
    play.secrets['cdn/url'] = 'rtmp://bad';
    const from = play.calls.length;
    play.run(3_600);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.message).toContain('bad url');
    expect(play.phases).toEqual(['1:Running']);
    expect(updates(play)).toHaveLength(1);
    expect(play.calls.length - from).toBeGreaterThan(20);
    play.secrets['cdn/url'] = 'rtmp://good';
    play.run(300);
    expect(play.ready).toBe('True Running');
    expect(updates(play)).toHaveLength(2);
  });

  it('drift: somebody else resumed it; it is put on hold again, once a look', () => {
    const play = running({ desiredState: 'OnHold' });
    for (const living of play.living.values()) living.onhold = false;
    play.run(300);
    expect(paths(play)).toEqual([['onhold']]);
    expect(play.ready).toBe('True OnHold');

    const stubborn = running({ desiredState: 'OnHold' });
    const from = stubborn.calls.length;
    stubborn.otherwise = (action) =>
      action.type === 'query' ? { call: 'query', status: 4, onhold: false } : stubborn.oblige(action);
    stubborn.run(3_600);
    expect(stubborn.calls.length - from).toBeLessThan(65);
  });
});

describe('§4 editing: everything else re-creates', () => {
  const { storage } = recordingSpec();
  it.each<[string, Partial<RecordingSpec>]>([
    ['url', { url: 'https://stage.example.com/other' }],
    ['cname', { cname: 'other' }],
    ['regionPolicy', { regionPolicy: 'Preferred' }],
    ['audioProfile', { audioProfile: 2 }],
    ['videoHeight', { videoHeight: 300 }],
    ['videoBitrate', { videoBitrate: 900 }],
    ['videoFps', { videoFps: 30 }],
    ['maxRecordingHour', { maxRecordingHour: 5 }],
    ['mobile', { mobile: true }],
    ['maxVideoDuration', { maxVideoDuration: 60 }],
    ['readyTimeout', { readyTimeout: 10 }],
    ['avFileType', { avFileType: ['hls'] }],
    ['resourceExpiredHour', { resourceExpiredHour: 100 }],
    ['excludeResourceIds', { excludeResourceIds: ['R9'] }],
    ['apiVersion', { apiVersion: 'v1' }],
    ['storage.bucket', { storage: { ...storage, bucket: 'other' } }],
    ['storage.fileNamePrefix', { storage: { ...storage, fileNamePrefix: ['a'] } }],
    ['publish', { publish: { rtmpUrl: 'rtmp://cdn.example.com/live' } }],
  ])('%s: stopped first, then started', (_field, edit) => {
    const play = running();
    play.edit(edit).run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop', 'acquire', 'start']);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.size).toBe(1);
    expect(play.status.admission).toHaveLength(1);
  });

  it('a value that a page secret holds', () => {
    const play = new Play();
    const { url: _url, ...rest } = recordingSpec();
    play.resource = { ...play.resource, spec: { ...rest, urlFrom: { secretKeyRef: { name: 'page', key: 'url' } } } };
    play.secrets['page/url'] = 'https://stage.example.com/?token=page-canary';
    play.run(30);
    play.secrets['page/url'] = 'https://stage.example.com/?token=other';
    play.run(300);
    expect(play.phases).toEqual(['2:Running']);
  });

  it('says Replacing, not Recovering', () => {
    const play = running();
    play.answers('stop', failure('lost')).edit({ videoFps: 30 });
    play.pass();
    expect(play.ready).toBe('False Replacing…');
    play.run(6);
    expect(play.ready).toBe('False Confirming…');
  });

  it.each<[string, Partial<RecordingSpec>, object]>([
    ['class', { videoWidth: 1280, videoHeight: 720 }, { region: 'eu', class: 'HD' }],
    ['region', { region: 'na' }, { region: 'na', class: 'SD' }],
  ])('another %s: its slot is claimed before the old task is stopped', (_what, edit, slot) => {
    const play = running();
    const full = { why: 'wait', limit: 'recording: 1 of 1 in use', position: 1 } as const;
    play.ledger = () => full;
    play.edit(edit).run(600);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.status.queue?.position).toBe(1);
    play.ledger = () => undefined;
    play.run(60);
    // Given in exchange for the slot that the stop frees: an account with one slot is not its own obstacle.
    expect(play.claimed.at(-1)?.slots).toMatchObject([slot]);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop', 'acquire', 'start']);
    expect(play.task).toMatchObject({ attempt: 2, phase: 'Running', ...slot });
    expect(play.status.admission).toMatchObject([slot]);
  });

  it('a class that the limits exclude is Stalled, and what runs goes on', () => {
    const play = running();
    play.ledger = () => ({ why: 'excluded', limit: 'recording eu FHD: 1 needed, 0 allowed' });
    play.edit({ videoWidth: 1920, videoHeight: 1080 }).run(3_600);
    expect(play.ready).toBe('False LimitExcludes!');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.status.admission).toMatchObject([{ class: 'SD' }]);
  });

  it('reverted while it waits for the slot: nothing happened', () => {
    const play = running();
    play.ledger = () => ({ why: 'wait', limit: 'full', position: 1 });
    play.edit({ videoWidth: 1280, videoHeight: 720 }).run(60);
    play.edit({ videoWidth: 640, videoHeight: 360 }).run(60);
    expect(play.ready).toBe('True Running');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.status.queue).toBeUndefined();
  });
});

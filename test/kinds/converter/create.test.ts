import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/agora/answer.ts';
import { isUnresolved } from '../../../src/kinds/converter/held.ts';
import { failure, row, T0 } from './builders.ts';
import { changing, Play, timed, types } from './play.ts';

const epoch = Math.floor(T0 / 1_000);

describe('a converter is created and confirmed', () => {
  it('creates once, looks two seconds later and is Ready', () => {
    const play = new Play();
    expect(timed(play.run(20))).toEqual(['create@0', 'get@2']);
    expect(play.ready).toBe('True Running');
    expect(play.task).toMatchObject({ name: 'show68_vertical', converterId: 'c1', phase: 'Running', class: 'SD' });
  });

  it('is confirmed by a sweep that began after the create, too', () => {
    const play = new Play();
    play.run(1);
    play.list([row({ id: 'c1' })]);
    expect(types(play.run(30))).toEqual([]);
    expect(play.ready).toBe('True Running');
  });

  it('goes on looking while it connects, and is not Ready', () => {
    const play = new Play();
    play.script = { get: [1, 2, 3].map(() => ({ call: 'get', state: 'connecting' })) };
    expect(timed(play.run(11))).toEqual(['create@0', 'get@2', 'get@5', 'get@10']);
    expect(play.ready).toBe('False Confirming…');
    play.run(15);
    expect(play.ready).toBe('True Running');
  });

  it('a raw converter whose Get names no state is confirmed by the list, or by its age', () => {
    const play = new Play({ rawOptions: { rtcChannel: 'show68', rtcStreamUid: 7 }, capacityClass: 'HD' });
    play.resource = { ...play.resource, spec: withoutTranscode(play.resource.spec) };
    play.otherwise = (action) =>
      action.type === 'create' ? { call: 'create', id: 'c1', state: 'connecting' } : { call: 'get', state: 'unknown' };
    play.run(30);
    expect(play.ready).toBe('False Confirming…');
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(play.task?.class).toBe('HD');
  });
});

describe('MP-15 region', () => {
  it.each<['eu' | 'na', readonly string[]]>([
    ['eu', ['TaskCreated']],
    ['na', ['TaskCreated', 'CdnAreaDiffers']],
  ])('a CDN’s area of %s beside region eu: %j', (cdnArea, reasons) => {
    const play = new Play({ cdnArea });
    play.run(5);
    expect(play.events.map((event) => event.reason)).toEqual(reasons);
    expect(play.calls[0]?.action.region).toBe('eu');
  });
});

describe('MP-26 a create whose answer is lost is looked up by name before it is repeated', () => {
  it.each(['lost', 'gateway-timeout', 'server', 'unreadable'] as const)('%s: found in a sweep and adopted', (kind) => {
    const play = new Play();
    play.script = { create: [failure(kind)] };
    play.run(1);
    expect(isUnresolved(play.status)).toBe(true);
    play.rows = () => [row({ id: 'ab', createTs: epoch, state: 'running' })];
    expect(types(play.run(60))).toEqual(['get']);
    expect(play.ready).toBe('True Running');
    expect(play.task).toMatchObject({ converterId: 'ab', attempt: 1 });
    expect(play.task?.adopted).toBeUndefined();
    expect(isUnresolved(play.status)).toBe(false);
  });

  it('created again under the same name only after all three waits and a complete sweep that began after them', () => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    play.rows = () => [];
    const calls = play.run(29);
    expect(timed(calls)).toEqual(['create@0']);
    const [again] = play.run(15);
    expect(again?.type).toBe('create');
    expect(again?.at).toBeGreaterThanOrEqual(30);
    expect(again?.at).toBeLessThanOrEqual(40);
    expect(again?.action).toMatchObject({ name: 'show68_vertical', attempt: 1 });
    expect(play.tasks).toHaveLength(1);
  });

  it('not created again while no complete sweep came', () => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    expect(types(play.run(600))).toEqual(['create']);
    expect(play.ready).toBe('False ApiUnreachable…');
  });

  it('a process that dies after the send is a lost answer once the deadline is over', () => {
    const play = new Play();
    play.script = { create: ['crash-after'] };
    play.watched();
    play.run(14);
    expect(play.ready).toBe('False Starting…');
    expect(types(changing(play.run(60)))).toEqual(['create']);
    expect(play.calls[1]?.at).toBeGreaterThanOrEqual(45);
    expect(play.ready).toBe('True Running');
  });

  it('a process that dies before the send creates after the look, once', () => {
    const play = new Play();
    play.script = { create: ['crash-before'] };
    play.watched();
    expect(types(changing(play.run(80)))).toEqual(['create']);
    expect(play.ready).toBe('True Running');
  });

  it('nothing sent: the same attempt goes out again', () => {
    const play = new Play();
    play.script = { create: ['not-sent'] };
    expect(types(play.run(10))).toEqual(['create', 'get']);
    expect(play.tasks.map((task) => task.attempt)).toEqual([1]);
  });

  it('where List is refused the name alone keeps the repeated create from making a twin', () => {
    const play = new Play();
    play.sweep = { ...play.sweep, refused: true };
    play.script = { create: [failure('lost')] };
    play.otherwise = () => failure('name-taken');
    expect(timed(play.run(29))).toEqual(['create@0']);
    play.run(60);
    expect(play.ready).toBe('False WaitingForRetry…');
    play.run(400);
    expect(play.ready).toBe('False NameConflict!');
    expect(play.message).toContain('List is refused');
  });

  it('where List is refused an edit does not forget the lost create, and takes no other name beside it', () => {
    const play = lostUnseenThenEdited();
    play.otherwise = () => failure('name-taken');
    const creates = play.run(400).filter((call) => call.type === 'create');
    expect(new Set(creates.map((call) => (call.action as { name?: string }).name))).toEqual(
      new Set(['show68_vertical']),
    );
    expect(play.tasks.map(({ attempt, phase }) => `${attempt} ${phase}`)).toEqual(['1 Unknown', '2 Starting']);
    expect(play.ready).toBe('False NameConflict!');
    play.list([row({ id: 'ab', createTs: epoch, state: 'running', rtmpUrl: 'rtmp://cdn.example.com/live/key' })]);
    expect(play.run(30).find((call) => call.type === 'delete')?.action).toMatchObject({
      attempt: 1,
      converterId: 'ab',
    });
  });

  it('where List is refused a create that gets the name tells that the lost one made nothing', () => {
    const play = lostUnseenThenEdited();
    play.run(60);
    expect(play.tasks.map(({ attempt, phase }) => `${attempt} ${phase}`)).toEqual(['1 Lost', '2 Running']);
    expect(play.task).toMatchObject({ name: 'show68_vertical' });
  });
});

function lostUnseenThenEdited(): Play {
  const play = new Play();
  play.sweep = { ...play.sweep, refused: true };
  play.script = { create: [failure('lost')] };
  play.run(1);
  play.edit({ rtmpUrl: 'rtmp://cdn.example.com/live/other' });
  return play;
}

describe('MP-22 a create that failed without effect waits 5–6, 10–11 and 15–16 s', () => {
  it.each(['throttle', 'no-resources', 'no-worker'] as const)('%s', (kind) => {
    const play = new Play();
    play.script = { create: [failure(kind), failure(kind), failure(kind)] };
    const at = play
      .run(40)
      .filter((call) => call.type === 'create')
      .map((call) => call.at);
    const waits = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    expect(waits).toHaveLength(3);
    for (const [index, from] of [5, 10, 15].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(from);
      expect(waits[index]).toBeLessThanOrEqual(from + 1);
    }
    expect(play.status.restarts?.lastStarts).toHaveLength(1);
  });

  it('a network failure is repeated after 1, 3 and 6 s and counts towards nothing', () => {
    const play = new Play();
    play.script = { create: [failure('dns'), failure('refused'), failure('dns')] };
    expect(timed(play.run(11)).slice(0, 4)).toEqual(['create@0', 'create@1', 'create@4', 'create@10']);
    expect(play.tasks).toHaveLength(1);
  });
});

describe('MP-26 what a person must change is not repeated', () => {
  it('400: Stalled with the field; again after an edit, or on request', () => {
    const play = new Play().watched();
    play.script = {
      create: [failure('parameter', 'Invalid parameter: rtmpUrl. Replace and retry.'), failure('parameter', 'again')],
    };
    expect(types(play.run(3_600))).toEqual(['create']);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.message).toContain('rtmpUrl');
    expect(play.status.admission).toBeUndefined();
    expect(play.tasks).toEqual([]);
    play.request('now');
    expect(types(play.run(60))).toEqual(['create']);
    expect(play.ready).toBe('False ParameterRefused!');
    play.edit({ rtmpUrl: 'rtmp://cdn.example.com/live/other' });
    expect(types(changing(play.run(60)))).toEqual(['create']);
    expect(play.ready).toBe('True Running');
    expect(play.status.blocked).toBeUndefined();
  });

  it('400 is tried again when a Secret that it names changes', () => {
    const play = new Play();
    const { rtmpUrl: _url, ...rest } = play.resource.spec;
    play.resource = { ...play.resource, spec: { ...rest, rtmpUrlFrom: { secretKeyRef: { name: 'cdn', key: 'url' } } } };
    expect(play.run(5)).toEqual([]);
    expect(play.ready).toBe('False DependencyNotReady…');
    expect(play.message).toContain('AGORA_SECRET_MEDIA_CDN_URL');
    play.secrets = { 'cdn/url': 'rtmp://cdn.example.com/a' };
    play.script = { create: [failure('parameter')] };
    play.run(60);
    expect(play.ready).toBe('False ParameterRefused!');
    play.secrets = { 'cdn/url': 'rtmp://cdn.example.com/b' };
    play.run(60);
    expect(play.ready).toBe('True Running');
  });

  it.each<[string, string]>([
    ['http://cdn.example.com/live', 'rtmp://host/path'],
    ['rtmp://cdn.example.com/live\n', 'line break'],
    [`rtmp://cdn.example.com/${'x'.repeat(1_002)}`, '1024'],
  ])('MP-22 an address that cannot be right is not sent: %j', (rtmpUrl, says) => {
    const play = new Play({ rtmpUrl });
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('False InvalidSpec!');
    expect(play.message).toContain('rtmpUrl');
    expect(play.message).toContain(says);
    expect(play.message).not.toContain('example');
  });

  it('MP-22 an address of 1024 characters is sent', () => {
    const play = new Play({ rtmpUrl: `rtmp://cdn.example.com/${'x'.repeat(1_001)}` });
    expect(types(play.run(10))).toEqual(['create', 'get']);
  });
});

describe('MP-18 a name that is taken', () => {
  const taken = (policy: 'Fail' | 'Adopt' | 'Replace'): Play => {
    const play = new Play({ conflictPolicy: policy });
    play.rows = () =>
      play.calls.some((call) => call.type === 'delete')
        ? []
        : [row({ id: 'ff', createTs: epoch - 9_000, updateTs: epoch - 100 })];
    play.otherwise = (action) => {
      const deleted = play.calls.some((call) => call.type === 'delete');
      if (action.type === 'create' && !deleted) return failure('name-taken');
      if (action.type === 'create') return { call: 'create', id: 'c1', state: 'running', updateTs: epoch };
      if (action.type === 'get') return { call: 'get', state: 'running' };
      return action.type === 'delete'
        ? { call: 'deleteConverter' }
        : { call: 'updateConverter', updateTs: Math.floor(play.now / 1_000) };
    };
    return play;
  };

  it('Fail: left alone and reported; no slot is held, the list is not read sooner', () => {
    const play = taken('Fail');
    expect(types(play.run(240))).toEqual(['create']);
    expect(play.ready).toBe('False NameConflict!');
    expect(play.message).toContain('ff');
    expect(play.status.admission).toBeUndefined();
    expect(isUnresolved(play.status)).toBe(false);
  });

  it('Fail: tried again some time after the foreign one went', () => {
    const play = taken('Fail');
    play.run(100);
    play.rows = () => [];
    play.otherwise = (action) =>
      action.type === 'get' ? { call: 'get', state: 'running' } : { call: 'create', id: 'c1', state: 'running' };
    play.run(400);
    expect(play.ready).toBe('True Running');
  });

  it('Adopt: taken over, updated in full once with a sequence in epoch seconds, then left alone', () => {
    const play = taken('Adopt');
    const calls = play.run(120);
    expect(types(calls).filter((type) => type !== 'get')).toEqual(['create', 'update']);
    const update = calls.find((call) => call.type === 'update');
    expect(update?.action).toMatchObject({ converterId: 'ff' });
    expect(update?.action.type === 'update' && update.action.sequence).toBeGreaterThanOrEqual(epoch);
    expect(update?.action.type === 'update' && update.action.paths).toContain('transcodeOptions.videoOptions.canvas');
    expect(play.task).toMatchObject({ converterId: 'ff', adopted: true });
    expect(play.ready).toBe('True Running');
  });

  it('Adopt: one in another channel is refused', () => {
    const play = taken('Adopt');
    play.rows = () => [row({ id: 'ff', rtcChannel: 'other', createTs: epoch - 9_000 })];
    play.run(60);
    expect(play.ready).toBe('False NameConflict!');
    expect(types(play.calls)).toEqual(['create']);
  });

  it('Replace: the foreign one is deleted, then ours is created under the name', () => {
    const play = taken('Replace');
    play.run(120);
    expect(types(play.calls).filter((type) => type !== 'get')).toEqual(['create', 'delete', 'create']);
    expect(play.calls.find((call) => call.type === 'delete')?.action).toMatchObject({ converterId: 'ff' });
    expect(play.task).toMatchObject({ converterId: 'c1', name: 'show68_vertical' });
    expect(play.ready).toBe('True Running');
  });

  it.each(['Fail', 'Adopt', 'Replace'] as const)(
    '%s: one that stands in another resource’s status is never touched',
    (policy) => {
      const play = taken(policy);
      play.owners = { ff: 'RtmpConverter/media/other' };
      play.run(120);
      expect(types(play.calls)).toEqual(['create']);
      expect(play.ready).toBe('False NameConflict!');
      expect(play.message).toContain('RtmpConverter/media/other');
    },
  );

  it.each<[string, Parameters<typeof row>[0], 'ours' | 'foreign']>([
    ['as sent', { id: 'ab', createTs: epoch }, 'ours'],
    ['59 s older than the intent', { id: 'ab', createTs: epoch - 59 }, 'ours'],
    ['61 s older than the intent', { id: 'ab', createTs: epoch - 61 }, 'foreign'],
    ['of another channel', { id: 'ab', createTs: epoch, rtcChannel: 'other' }, 'foreign'],
    ['of another address', { id: 'ab', createTs: epoch, rtmpUrl: 'rtmp://else.example.com/x' }, 'foreign'],
  ])('after a lost answer a row %s is %s', (_what, shown, whose) => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    play.run(1);
    play.rows = () => [row(shown)];
    play.run(20);
    expect(play.ready).toBe(whose === 'ours' ? 'True Running' : 'False NameConflict!');
  });

  it('a foreign name without an intent of ours is never adopted, however well it fits', () => {
    const play = new Play();
    play.rows = () => [row({ id: 'ff', createTs: epoch })];
    play.otherwise = () => failure('name-taken');
    play.run(60);
    expect(play.ready).toBe('False NameConflict!');
    expect(play.tasks).toEqual([]);
  });
});

describe('MP-2 a quota that Agora refuses costs the resource its slot, not its place', () => {
  it('waits for the ledger', () => {
    const play = new Play();
    play.script = { create: [failure('quota', 'Resources quota exceeded')] };
    play.run(1);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.status.queue?.since).toBe('2026-12-01T09:00:00.000Z');
    expect(play.status.admission).toBeUndefined();
    play.ledger = () => ({ why: 'wait', limit: 'converter eu SD: 5 of 5 in use', position: 1 });
    expect(play.run(60)).toEqual([]);
    expect(play.message).toContain('converter eu SD');
    play.ledger = () => undefined;
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(play.tasks.map((task) => task.attempt)).toEqual([1]);
  });
});

function withoutTranscode(spec: Play['resource']['spec']): Play['resource']['spec'] {
  const { transcodeOptions: _transcode, ...rest } = spec;
  return rest;
}

const KINDS: readonly FailureKind[] = ['credential', 'entitlement', 'account'];
describe('the project’s state is not the resource’s', () => {
  it.each(KINDS)('%s to a create: nothing lives, and the project’s gate says when to try again', (kind) => {
    const play = new Play();
    play.script = { create: [failure(kind)] };
    play.otherwise = (action) => {
      throw new Error(`called ${action.type}`);
    };
    play.health = { refused: { kind, message: 'no', at: T0, probeAt: T0 + 300_000 } };
    play.run(290);
    expect(play.calls).toEqual([]);
    expect(play.ready).toBe('False ProjectNotUsable…');
  });
});

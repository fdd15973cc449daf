import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/agora/answer.ts';
import { classify } from '../../../src/limits/resolution.ts';
import { failure, projectSpec } from './builders.ts';
import { changing, type Ending, Play, timed } from './play.ts';

const server = failure('server');
const jitter = failure('jitter');
const dns = failure('dns');
const throttle = failure('throttle', { status: 429 });

const starts = (play: Play, forSeconds: number): readonly string[] =>
  timed(play.run(forSeconds).filter((call) => call.type === 'start' || call.type === 'acquire'));

describe('WR-3 the class of a frame and the slot that is claimed', () => {
  it.each([
    [640, 360, 'SD'],
    [360, 640, 'SD'],
    [640, 361, 'HD'],
    [1280, 720, 'HD'],
    [720, 1280, 'HD'],
    [1280, 721, 'FHD'],
    [1920, 1080, 'FHD'],
  ] as const)('%i × %i is %s', (videoWidth, videoHeight, of) => {
    const play = new Play({ videoWidth, videoHeight });
    play.run(1);
    expect(classify(videoWidth, videoHeight)).toBe(of);
    expect(play.claimed[0]?.slots).toMatchObject([{ service: 'recording', region: 'eu', class: of }]);
    expect(play.status.resolutionClass).toBe(of);
    expect(play.status.admission).toMatchObject([{ region: 'eu', class: of }]);
    expect(play.task?.class).toBe(of);
  });
});

describe('WR-6 start', () => {
  it('is started only when the answer carries a sid', () => {
    const play = new Play();
    expect(timed(play.run(1))).toEqual(['acquire@0', 'start@0']);
    expect(play.task).toMatchObject({ phase: 'Confirming', sid: 'sid-R1' });
    expect(play.ready).toBe('False Confirming…');
  });

  it.each<[string, readonly Ending[], readonly string[]]>([
    ['a 50x', [server], ['acquire@0', 'start@0', 'start@3']],
    ['two 50x', [server, server], ['acquire@0', 'start@0', 'start@3', 'start@9']],
    ['three 50x', [server, server, server], ['acquire@0', 'start@0', 'start@3', 'start@9', 'start@18']],
    ['a 65', [jitter], ['acquire@0', 'start@0', 'start@3']],
    ['two 65', [jitter, jitter], ['acquire@0', 'start@0', 'start@3', 'start@9']],
    ['a 65 and a 50x', [jitter, server], ['acquire@0', 'start@0', 'start@3', 'start@9']],
    ['two 65 and a 50x', [jitter, jitter, server], ['acquire@0', 'start@0', 'start@3', 'start@9', 'start@18']],
    ['a 50x and a 65', [server, jitter], ['acquire@0', 'start@0', 'start@3', 'start@9']],
  ])('after %s the same request is repeated on the ladder of the kind seen last', (_name, answers, expected) => {
    const play = new Play();
    play.answers('start', ...answers);
    expect(starts(play, 20)).toEqual(expected);
    expect(new Set(play.calls.flatMap(({ action }) => ('uid' in action ? [action.uid] : []))).size).toBe(1);
    expect(play.tasks).toHaveLength(1);
  });

  it('takes another uid and another resourceId at once when the third retry fails and none can have had an effect', () => {
    const play = new Play();
    const none = failure('no-worker');
    play.answers('start', none, none, none, none);
    expect(starts(play, 20)).toEqual([
      'acquire@0',
      'start@0',
      'start@3',
      'start@9',
      'start@18',
      'acquire@18',
      'start@18',
    ]);
    const uids = play.calls.flatMap(({ action }) => (action.type === 'start' ? [action.uid] : []));
    expect(new Set(uids.slice(0, 4)).size).toBe(1);
    expect(uids[4]).not.toBe(uids[0]);
    expect(play.phases).toEqual(['2:Confirming']);
    expect(play.status.lastAttempt).toBe(2);
  });

  it.each<FailureKind>(['dns', 'refused', 'throttle', 'no-resources'])(
    '%s never counts: it goes on past three, with its own waits, on the same uid',
    (kind) => {
      const play = new Play();
      play.answers('start', ...Array<Ending>(6).fill(failure(kind)), server, server, server);
      const calls = starts(play, 85);
      expect(calls.slice(0, 8)).toEqual(['acquire@0', ...[0, 1, 4, 10, 20, 40, 80].map((at) => `start@${at}`)]);
      play.run(20);
      expect(play.phases).toEqual(['1:Running']);
    },
  );

  it('a network failure between two 50x neither counts nor resets the counter', () => {
    const play = new Play();
    // Three 50x in all: the next start is the last retry, so that a fourth 50x would end the ladder.
    play.answers('start', server, dns, server, throttle, server, dns);
    expect(starts(play, 22)).toEqual([
      'acquire@0',
      'start@0',
      'start@3',
      'start@4',
      'start@10',
      'start@11',
      'start@20',
      'start@21',
    ]);
    expect(play.phases).toEqual(['1:Confirming']);
  });

  it('40x stops with a condition that says what was refused, and rests', () => {
    const play = new Play();
    play.answers('start', failure('parameter', { status: 400, code: 2, message: 'Invalid videoWidth' }));
    play.run(86_400);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.message).toContain('Invalid videoWidth');
    expect(play.tasks).toEqual([]);
    expect(play.status.admission).toBeUndefined();
    expect(play.status.lastError).toMatchObject({ call: 'start', code: 2, httpStatus: 400 });
  });

  it.each<[string, (play: Play) => void]>([
    ['the declaration', (play) => play.edit({ videoFps: 20 })],
    ['a secret that it names', (play) => void (play.secrets['s3/secretKey'] = 'another')],
    ['its project', (play) => play.editProject({ location: 'MainlandChina' })],
    ['nothing, but on request,', (play) => play.request('now')],
  ])('40x is tried again when %s changes', (_what, change) => {
    const play = new Play();
    play.answers('start', failure('parameter', { status: 400 }));
    play.run(60);
    change(play);
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(play.status.blocked).toBeUndefined();
  });

  it('40x to an acquire stops as well, and a 404 of the gateway too', () => {
    for (const kind of ['parameter', 'no-route'] as const) {
      const play = new Play();
      play.answers('acquire', failure(kind, { status: 400 }), failure(kind, { status: 400 }));
      play.run(3_600);
      expect(changing(play.calls)).toEqual(['acquire']);
      expect(play.ready).toBe('False ParameterRefused!');
    }
  });

  it('433 acquires anew at once, for the same uid; again and again it keeps to a ladder', () => {
    const play = new Play();
    play.answers('start', failure('handle-expired'));
    expect(starts(play, 1)).toEqual(['acquire@0', 'start@0', 'acquire@0', 'start@0']);
    expect(play.phases).toEqual(['1:Confirming']);

    const stubborn = new Play();
    stubborn.answers('start', ...Array<Ending>(500).fill(failure('handle-expired')));
    stubborn.run(600);
    expect(stubborn.calls.length).toBeLessThan(100);
  });

  it('433 to a repeat of a start that may live is bounded too', () => {
    const play = new Play();
    play.answers('start', server, ...Array<Ending>(500).fill(failure('handle-expired')));
    play.run(600);
    expect(play.calls.length).toBeLessThan(100);
    expect(play.tasks.filter((task) => task.phase === 'Unknown')).toHaveLength(1);
  });

  it('432, 1001 and 1003 acquire anew once, then stop with a condition', () => {
    const play = new Play();
    play.answers('start', failure('handle-invalid', { status: 400 }), failure('handle-invalid', { status: 400 }));
    expect(starts(play, 3_600)).toEqual(['acquire@0', 'start@0', 'acquire@0', 'start@0']);
    expect(play.ready).toBe('False ParameterRefused!');

    const lucky = new Play();
    lucky.answers('start', failure('handle-invalid', { status: 400 }));
    lucky.run(30);
    expect(lucky.ready).toBe('True Running');
    expect(lucky.task?.attempt).toBe(1);
  });

  it('acquire is repeated with back-off after a failure, and never counts as an attempt', () => {
    const play = new Play();
    play.answers('acquire', ...Array<Ending>(5).fill(failure('server', { effect: 'none' })));
    expect(starts(play, 120)).toEqual([...[0, 3, 9, 18, 38, 78].map((at) => `acquire@${at}`), 'start@78']);
    expect(play.status.restarts).toMatchObject({ count: 0, inRow: 0 });
  });

  it('a handle older than 4 min 30 s is not used: another one is acquired for the same uid', () => {
    const play = new Play();
    play.answers('start', ...Array<Ending>(10).fill(dns));
    play.run(400);
    const uses = play.calls.flatMap(({ at, action }) =>
      action.type === 'start' ? [{ at, id: action.resourceId }] : [],
    );
    for (const { at, id } of uses) if (id === 'R1') expect(at).toBeLessThan(270);
    expect(uses.at(-1)?.id).toBe('R2');
    expect(play.phases).toEqual(['1:Running']);
    expect(uses.every((use) => use.id === 'R1' || use.at >= 270)).toBe(true);
    const [start] = play.calls.flatMap(({ action }) => (action.type === 'start' ? [action] : []));
    expect(start?.notAfter).toBe(Date.parse('2026-12-01T09:04:30Z'));
  });

  it('a parameter refused by the acquire of a repeat ends the attempt; it does not spin', () => {
    const play = new Play();
    play.answers('start', server, server, server, server);
    play.answers('acquire', { call: 'acquire', resourceId: 'R0' }, failure('parameter', { status: 400 }));
    play.run(3_600);
    expect(play.phases).toEqual(['1:Unknown']);
    expect(play.ready).toBe('False ParameterRefused!');
    expect(play.events).toContainEqual(expect.objectContaining({ reason: 'StartOutcomeUnknown' }));
  });
});

describe('WR-6 406: it waits for a slot', () => {
  const full = { why: 'wait', limit: 'recording eu SD: 3 of 3 in use', position: 1 } as const;
  const quota = failure('quota', { status: 400, code: 406 });

  it('to an acquire: the ledger is asked again, and its place is that of its first request', () => {
    const play = new Play();
    play.answers('acquire', quota);
    play.pass();
    play.ledger = () => full;
    play.now += 1;
    play.run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'acquire', 'start']);

    const waits = new Play();
    waits.answers('acquire', quota);
    waits.ledger = () => (waits.calls.length === 0 ? undefined : full);
    waits.run(600);
    expect(changing(waits.calls)).toEqual(['acquire']);
    expect(waits.ready).toBe('False WaitingForSlot…');
    expect(waits.status.queue?.since).toBe('2026-12-01T09:00:00.000Z');
  });

  it('to a start: nothing began, the slot goes back, the start is none of the budget', () => {
    const play = new Play();
    play.answers('start', quota);
    play.ledger = () => (play.calls.length < 2 ? undefined : full);
    play.run(600);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.tasks).toEqual([]);
    expect(play.status.admission).toBeUndefined();
    expect(play.status.restarts?.lastStarts).toEqual([]);
    expect(play.status.queue?.since).toBe('2026-12-01T09:00:00.000Z');
  });

  it('to the acquire of a recovery: its admission goes back too, else it would be granted again at once', () => {
    const play = new Play();
    play.run(30);
    play.die();
    play.answers('acquire', quota);
    play.ledger = (claims) =>
      play.status.admission === undefined && play.calls.length > 5 && claims ? full : undefined;
    play.run(1_200);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'acquire']);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.status.queue?.since).toBe('2026-12-01T09:00:00.000Z');
  });
});

describe('§5.3 the project’s state', () => {
  it.each<FailureKind>(['credential', 'entitlement', 'account'])('%s: one probe every five minutes', (kind) => {
    const play = new Play();
    play.answers('acquire', ...Array<Ending>(3).fill(failure(kind, { status: 401 })));
    expect(starts(play, 900)).toEqual([...[0, 300, 600, 900].map((at) => `acquire@${at}`), 'start@900']);
    expect(play.phases).toEqual(['1:Confirming']);
  });

  it('to a start: the entry waits; nothing is counted', () => {
    const play = new Play();
    play.answers('start', failure('credential', { status: 401 }));
    play.run(200);
    expect(play.phases).toEqual(['1:Starting']);
    expect(play.ready).toBe('False ProjectNotUsable…');
    play.run(200);
    expect(play.phases).toEqual(['1:Running']);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'acquire', 'start']);
  });

  it('no project, no credentials, no secret: waits and says what is missing', () => {
    const play = new Play();
    play.project = undefined;
    play.run(600);
    expect(play.ready).toBe('False DependencyNotReady…');
    expect(play.message).toContain('AgoraProject live');
    play.project = { spec: projectSpec(), credentials: false, leftBehind: [] };
    play.run(600);
    expect(play.message).toContain('Secret agora');
    play.project = { spec: projectSpec(), credentials: true, leftBehind: [] };
    play.secrets = { 's3/accessKey': 'a' };
    play.run(600);
    expect(play.message).toContain('AGORA_SECRET_MEDIA_S3_SECRETKEY');
    expect(play.calls).toEqual([]);
  });
});

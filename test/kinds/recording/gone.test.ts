import { describe, expect, it } from 'vitest';
import type { AgoraValue } from '../../../src/agora/answer.ts';
import { failure } from './builders.ts';
import { changing, type Ending, type Play, running, timed } from './play.ts';

const notFound = failure('not-found', { status: 404 });
const stopping = failure('stopping', { status: 400, code: 49 });
const alive: AgoraValue = { call: 'query', status: 5 };

/** Seconds from the first look that missed it. */
const since = (play: Play, first: number): readonly string[] =>
  timed(
    play.calls.filter((call) => call.at >= first),
    first,
  );

/** A running recording whose looks answer these from the next one on. */
function looksAnswer(...answers: readonly Ending[]): { play: Play; first: number } {
  const play = running();
  const from = play.calls.length;
  play.answers('query', ...answers);
  while (play.calls.length === from) play.run(1);
  return { play, first: play.calls[from]?.at ?? 0 };
}

describe('§5.1 silence: 404 to every look', () => {
  it('looks after 5, 10 and 15 s, then every 15; gone by the look at 90 s, not before', () => {
    const { play, first } = looksAnswer(...Array<Ending>(20).fill(notFound));
    play.run(80);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    expect(play.phases).toEqual(['1:Running']);
    play.run(20);
    expect(since(play, first).slice(0, 8)).toEqual([0, 5, 15, 30, 45, 60, 75, 90].map((at) => `query@${at}`));
    expect(since(play, first)).toContain('acquire@90');
    expect(play.phases).toEqual(['1:Lost', '2:Confirming']);
    expect(play.ready).toBe('False Recovering…');
    expect(play.events).toContainEqual(expect.objectContaining({ reason: 'TaskLost' }));
  });

  it('one sign of life ends it: the window begins anew', () => {
    const { play } = looksAnswer(...Array<Ending>(6).fill(notFound), alive, ...Array<Ending>(4).fill(notFound), alive);
    play.run(400);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('True Running');
    expect(play.task).not.toHaveProperty('missingSince');
    expect(play.task).not.toHaveProperty('failures');
  });

  it('three looks are too few, however long they took; the fourth, after the window, concludes', () => {
    const { play, first } = looksAnswer(notFound, notFound, failure('lost'), failure('lost'), failure('server'));
    const told = [failure('server'), failure('server'), failure('server'), notFound, notFound, alive];
    play.answers('query', ...told);
    play.run(110);
    const looks = play.calls.filter((call) => call.at >= first);
    expect(looks.at(-1)?.at).toBeLessThanOrEqual(play.at);
    expect(play.task?.missingLooks ?? 0).toBeLessThan(4);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('5xx and no answer tell nothing: the task keeps its conditions and is never replaced', () => {
    const { play } = looksAnswer(...Array<Ending>(300).fill(failure('server')));
    play.run(3_600);
    expect(play.ready).toBe('True Running');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.writes).toBe(running().writes);
  });

  it('the route of the gateway says nothing of a task', () => {
    const { play } = looksAnswer(...Array<Ending>(300).fill(failure('no-route', { status: 404 })));
    play.run(3_600);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('stops answered 404 are looks: after 90 s and four of them it is Lost, and only then the next begins', () => {
    const play = running();
    play.die().edit({ videoFps: 25 });
    const from = play.at;
    play.run(89);
    expect(changing(play.calls).filter((type) => type === 'start')).toHaveLength(1);
    expect(play.phases).toEqual(['1:Stopping']);
    play.run(20);
    expect(since(play, from).filter((call) => call.startsWith('stop'))).toEqual(
      [0, 5, 15, 30, 45, 60, 75, 90].map((at) => `stop@${at}`),
    );
    expect(play.phases).toEqual(['1:Lost', '2:Running']);
  });
});

describe('§5.1 what Agora says', () => {
  it.each([7, 8, 20])('status %i: gone at once', (status) => {
    const { play } = looksAnswer({ call: 'query', status });
    play.run(1);
    expect(play.phases).toEqual(['2:Confirming']);
    expect(play.ready).toBe('False Recovering…');
  });

  it.each([0, 1, 2, 3, 6])('status %i is not gone: it is looked at again, less and less often', (status) => {
    const { play } = looksAnswer(...Array.from({ length: 400 }, (): Ending => ({ call: 'query', status })));
    const before = play.calls.length;
    play.run(3_600);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.calls.length - before).toBeLessThanOrEqual(124);
  });

  it.each<[string, Ending]>([
    ['200', { call: 'stop', files: [] }],
    ['206/435', failure('no-data', { status: 206 })],
  ])('our stop answered %s: gone', (_name, answer) => {
    const play = running();
    play.answers('stop', answer).edit({ desiredState: 'Stopped' });
    play.run(1);
    expect(play.tasks).toEqual([]);
    expect(play.ready).toBe('True Stopped');
    expect(play.status.admission).toBeUndefined();
  });

  it('49 means stopping: look again; it is not gone', () => {
    const play = running();
    play.answers('stop', stopping, stopping, failure('no-data', { status: 206 })).edit({ desiredState: 'Stopped' });
    const from = play.at;
    play.run(5);
    expect(play.phases).toEqual(['1:Stopping']);
    play.run(60);
    expect(since(play, from).filter((call) => call.startsWith('stop'))).toEqual(['stop@0', 'stop@5', 'stop@15']);
    expect(play.tasks).toEqual([]);
  });

  it.each<[string, Ending]>([
    ['5xx', failure('server')],
    ['no answer', failure('lost')],
    ['a refused connection', failure('refused')],
    ['429', failure('throttle', { status: 429 })],
  ])('a stop that met %s is repeated until it is answered', (_name, answer) => {
    const play = running();
    play.answers('stop', answer, answer, answer).edit({ desiredState: 'Stopped' });
    play.run(120);
    expect(play.tasks).toEqual([]);
    expect(play.living.size).toBe(0);
    expect(changing(play.calls).filter((type) => type === 'stop')).toHaveLength(4);
  });

  it('a stop whose handle is refused cannot be made: Unknown until endsAt, and a Warning', () => {
    const play = running({ maxRecordingHour: 1 });
    play.answers('stop', failure('handle-invalid', { status: 400 })).edit({ desiredState: 'Stopped' });
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown']);
    expect(play.events).toContainEqual(expect.objectContaining({ reason: 'StopFailed', type: 'Warning' }));
    play.run(3_600 + 900);
    expect(play.tasks).toEqual([]);
    expect(play.ready).toBe('True Stopped');
  });
});

describe('§5.1 time: endsAt', () => {
  it('a running task out of reach is over at endsAt by both clocks, not before', () => {
    const play = running({ maxRecordingHour: 1 });
    play.otherwise = (action) => (action.type === 'query' ? failure('lost') : play.oblige(action));
    play.run(3_600 + 800);
    expect(play.phases).toEqual(['1:Running']);
    play.run(120);
    expect(play.phases).not.toContain('1:Running');
  });
});

describe('§5.1 Lost', () => {
  const lost = (): Play => {
    const play = running();
    const sid = [...play.living.keys()][0] ?? '';
    const living = play.living.get(sid);
    play.die();
    while (!play.phases.includes('1:Lost')) play.run(5);
    play.run(20);
    expect(play.phases).toEqual(['1:Lost', '2:Running']);
    if (living !== undefined) play.living.set('returned', living);
    return play;
  };

  it('is kept for ten minutes, looked at once a minute, beside its successor', () => {
    const play = lost();
    const from = play.calls.length;
    const lostAt = play.tasks[0]?.lostAt;
    play.run(560);
    expect(play.phases).toEqual(['1:Lost', '2:Running']);
    const looks = play.calls.slice(from).filter((call) => call.action.attempt === 1);
    expect(looks.length).toBeGreaterThanOrEqual(9);
    expect(play.calls.length - from).toBeLessThan(16);
    while (play.phases.includes('1:Lost')) play.run(1);
    expect(play.now - Date.parse(lostAt ?? '')).toBeGreaterThanOrEqual(600_000);
    expect(play.now - Date.parse(lostAt ?? '')).toBeLessThanOrEqual(602_000);
  });

  it('is stopped if it is seen again, and the newer one runs on', () => {
    const play = lost();
    const original = play.otherwise;
    let returned = true;
    play.otherwise = (action) => {
      if (action.attempt !== 1) return original(action);
      if (action.type === 'query') return returned ? alive : notFound;
      returned = false;
      return { call: 'stop', files: [] };
    };
    play.run(120);
    expect(returned).toBe(false);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.events).toContainEqual(expect.objectContaining({ reason: 'TaskReturned' }));
  });

  it('that stop not sent: it is still stopping, never a second running one', () => {
    const play = lost();
    const original = play.otherwise;
    play.otherwise = (action) => (action.attempt === 1 && action.type === 'query' ? alive : original(action));
    play.answers('stop', 'not-sent');
    play.run(120);
    expect(play.phases.filter((phase) => phase.endsWith('Running'))).toEqual(['2:Running']);
  });
});

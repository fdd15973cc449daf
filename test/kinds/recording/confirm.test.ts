import { describe, expect, it } from 'vitest';
import type { AgoraValue } from '../../../src/agora/answer.ts';
import { failure } from './builders.ts';
import { type Ending, Play, timed } from './play.ts';

const state = (status: number): AgoraValue => ({ call: 'query', status });
const notFound = failure('not-found', { status: 404 });
const server = failure('server');

const queries = (play: Play): readonly number[] =>
  play.calls.filter((call) => call.type === 'query' && call.action.attempt === 1).map((call) => call.at);
const all = (play: Play): readonly string[] => timed(play.calls);

describe('WR-7 the query ladder', () => {
  it.each([4, 5])('the first query comes 5 s after the sid; status %i is started', (status) => {
    const play = new Play().answers('query', state(status));
    play.run(6);
    expect(all(play)).toEqual(['acquire@0', 'start@0', 'query@5']);
    expect(play.ready).toBe('True Running');
  });

  it('then 5, 10 and 15 s after the answers', () => {
    const play = new Play().answers('query', state(1), state(2), state(3), state(4));
    play.run(36);
    expect(queries(play)).toEqual([5, 10, 20, 35]);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('not started by the fourth answer: stopped, and a new attempt begins once the stop was answered', () => {
    const play = new Play().answers('query', state(1), state(2), state(3), state(3));
    play.run(60);
    expect(all(play).slice(0, 10)).toEqual([
      ...['acquire@0', 'start@0', 'query@5', 'query@10', 'query@20', 'query@35'],
      ...['stop@35', 'acquire@35', 'start@35', 'query@40'],
    ]);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.size).toBe(1);
  });

  it('the ladder counts answers: what told nothing is asked again and does not count', () => {
    const play = new Play().answers('query', server, state(1), failure('lost'), state(2), state(3), state(4));
    play.run(80);
    expect(play.phases).toEqual(['1:Running']);
    expect(queries(play).slice(0, 3)).toEqual([5, 10, 15]);
  });

  it.each([7, 8, 20])('status %i: it quit halfway; nothing is left to stop', (status) => {
    const play = new Play().answers('query', state(status));
    play.run(60);
    expect(play.calls.map((call) => call.type)).not.toContain('stop');
    expect(play.phases).toEqual(['2:Running']);
  });

  it.each<[string, Ending, boolean]>([
    ['404', notFound, true],
    ['49', failure('stopping', { status: 400 }), true],
    ['5xx', server, true],
    ['no answer', failure('lost'), false],
    ['429', failure('throttle', { status: 429 }), false],
  ])('the stop answered %s: the next attempt may begin: %s', (_name, answer, begins) => {
    const play = new Play().answers('query', state(1), state(2), state(3), state(3));
    play.answers('stop', answer);
    play.run(35.5);
    expect(play.phases).toEqual(begins ? ['1:Stopping', '2:Confirming'] : ['1:Stopping']);
    // The old entry is on the same slot.
    expect(play.status.admission).toHaveLength(1);
    play.run(300);
    expect(play.task).toMatchObject({ attempt: 2, phase: 'Running' });
    expect(play.living.size).toBe(1);
  });

  it('a restart in the middle begins the ladder anew', () => {
    const play = new Play().answers('query', state(1), state(2));
    play.run(12);
    play.restart().run(30);
    expect(play.phases).toEqual(['1:Running']);
  });
});

describe('WR-10 readyTimeout', () => {
  const loading = (spec: { readyTimeout?: number }, answers: number, then: AgoraValue): Play => {
    const play = new Play(spec).answers('query', ...Array<Ending>(answers).fill(state(2)), then);
    play.run(200);
    return play;
  };

  it('n = 20: the last rung repeats every 15 s until 2n + 35 = 75 s after the sid', () => {
    const play = loading({ readyTimeout: 20 }, 7, state(4));
    expect(queries(play)).toEqual([5, 10, 20, 35, 50, 65, 75]);
    expect(play.phases).toEqual(['2:Running']);
    expect(all(play)).toContain('stop@75');
  });

  it('a page that is ready at the last look is started', () => {
    const play = loading({ readyTimeout: 20 }, 6, state(4));
    expect(play.phases).toEqual(['1:Running']);
    expect(all(play).some((call) => call.startsWith('stop'))).toBe(false);
  });

  it('a verdict by time needs an answer of that time', () => {
    const play = new Play({ readyTimeout: 20 }).answers('query', ...Array<Ending>(6).fill(state(2)), server, state(4));
    play.run(120);
    expect(play.phases).toEqual(['1:Running']);
  });

  it.each([0, 6])('status %i is no progress, whatever the window', (status) => {
    const play = new Play({ readyTimeout: 60 }).answers('query', ...Array<Ending>(4).fill(state(status)));
    play.run(36);
    expect(all(play)).toContain('stop@35');
  });

  it.each([0, undefined])('readyTimeout %s: no window', (readyTimeout) => {
    const play = loading(readyTimeout === undefined ? {} : { readyTimeout }, 4, state(4));
    expect(all(play)).toContain('stop@35');
  });
});

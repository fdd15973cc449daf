import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../../src/kinds/kind.ts';
import { failure, T0 } from './builders.ts';
import { Play } from './play.ts';

const wait = (position: number, limit = 'recording eu SD: 50 of 50 in use'): Refusal => ({
  why: 'wait',
  limit,
  position,
});

/** Passes every second, as wakes of the ledger would make them. */
function ask(play: Play, forSeconds: number): void {
  for (let second = 0; second < forSeconds; second += 1) {
    play.pass();
    play.now += 1_000;
  }
}

describe('§4 the queue is written coarsely', () => {
  it('on entering', () => {
    const play = new Play();
    play.ledger = () => wait(40);
    ask(play, 59);
    expect(play.writes).toBe(1);
    expect(play.status.queue).toMatchObject({ since: '2026-12-01T09:00:00.000Z', position: 40 });
  });

  it.each([
    [21, 20, 'at once'],
    [20, 19, 'later'],
    [11, 10, 'at once'],
    [6, 5, 'at once'],
    [5, 4, 'later'],
    [4, 3, 'at once'],
    [3, 2, 'at once'],
    [2, 1, 'at once'],
    [40, 22, 'later'],
    [40, 4, 'at once'],
  ])('from %i to %i: %s; anything else at most once a minute', (from, to, when) => {
    const play = new Play();
    play.ledger = () => wait(from);
    ask(play, 10);
    play.ledger = () => wait(to);
    ask(play, 1);
    expect(play.status.queue?.position).toBe(when === 'at once' ? to : from);
    ask(play, 60);
    expect(play.status.queue?.position).toBe(to);
  });

  it('a position that swings is not written more often', () => {
    const play = new Play();
    let position = 40;
    play.ledger = () => wait((position = position === 40 ? 39 : 40));
    ask(play, 600);
    expect(play.writes).toBeLessThanOrEqual(11);
  });

  it('another limit is told at once', () => {
    const play = new Play();
    play.ledger = () => wait(40);
    ask(play, 5);
    play.ledger = () => wait(40, 'recording, all regions: 200 of 200 in use');
    ask(play, 1);
    expect(play.message).toContain('all regions');
    expect(play.status.queue?.limit).toContain('all regions');
  });
});

describe('WR-1 who waits asks again once a minute', () => {
  it('also where the slot frees in the very instant of the refusal', () => {
    const play = new Play();
    play.ledger = () => wait(1);
    play.pass();
    play.ledger = () => undefined;
    expect(play.pass()).toBe(T0 + 60_000);
    play.run(90);
    expect(play.ready).toBe('True Running');
  });
});

describe('WR-1 its place is that of its first request', () => {
  const since = (play: Play): number | undefined => {
    const step = play.decide();
    return step.do === 'call' ? step.claims?.since : undefined;
  };

  it('over edits, restarts and the time in which nothing is known yet', () => {
    const play = new Play();
    play.ledger = () => wait(2);
    play.run(100);
    play.edit({ videoFps: 20 }).run(100);
    play.restart();
    play.ledger = () => ({ why: 'not-synced' });
    play.run(10);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(since(play)).toBe(T0);
  });

  it('over acquires that fail', () => {
    const play = new Play();
    play.ledger = () => wait(2);
    play.run(100);
    play.ledger = () => undefined;
    play.answers('acquire', failure('server', { effect: 'none' }));
    play.pass();
    expect(play.ready).toBe('False WaitingForRetry…');
    play.now += 4_000;
    expect(since(play)).toBe(T0);
  });
});

describe('WR-1 what was acquired and lost its slot before its start', () => {
  it('waits in the queue when its handle is too old, acquires nothing without a slot, and counts no start', () => {
    const play = new Play();
    let acquired = false;
    play.ledger = () => (acquired ? wait(1) : undefined);
    play.otherwise = (action) => {
      acquired ||= action.type === 'acquire';
      return play.oblige(action);
    };
    play.run(600);
    expect(play.calls.map(({ type }) => type)).toEqual(['acquire']);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.phases).toEqual([]);
    play.ledger = () => undefined;
    play.run(120);
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts?.lastStarts).toHaveLength(1);
  });
});

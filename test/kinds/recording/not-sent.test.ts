import { describe, expect, it } from 'vitest';
import { failure } from './builders.ts';
import { Play, running } from './play.ts';

/** Everything but what is said of it. */
const memory = (play: Play): unknown => {
  const { conditions: _conditions, ...rest } = play.status;
  return rest;
};

/** One round: the call is decided, its intent written, and nothing is sent; the status that remains, before any other. */
function notSent(play: Play, type: Parameters<Play['answers']>[0]): unknown {
  let after: unknown;
  play.otherwise = (action) => {
    if (action.type !== type || after !== undefined) return play.oblige(action);
    after = 'asked';
    return 'not-sent';
  };
  const seen: unknown[] = [];
  play.check = () => {
    if (after === 'asked') {
      seen.push(memory(play));
      after = 'seen';
    }
  };
  play.pass();
  return seen[0];
}

describe('§5 step 5: a call that was not sent leaves what was', () => {
  it('start', () => {
    const play = new Play();
    const first = notSent(play, 'start') as Play['status'];
    expect(first.tasks).toMatchObject([{ attempt: 1, phase: 'Acquired', applied: {}, resourceId: 'R1' }]);
    for (const key of ['intent', 'pending', 'startedAt', 'endsAt', 'mayHaveEffect'])
      expect(first.tasks?.[0]).not.toHaveProperty(key);
    expect(first.restarts).toMatchObject({ count: 0, inRow: 0 });
    expect(first.restarts?.lastStarts).toHaveLength(1);
    play.run(30);
    expect(play.ready).toBe('True Running');
    // However often it was tried, it was one start.
    expect(play.status.restarts?.lastStarts).toHaveLength(1);
  });

  it('a repeated start stays one whose outcome is open', () => {
    const play = new Play().answers('start', failure('lost'), 'not-sent');
    play.run(2.9);
    expect(play.task).toMatchObject({ mayHaveEffect: true });
    play.run(30);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('acquire', () => {
    const play = new Play();
    const after = notSent(play, 'acquire') as Play['status'];
    expect(after.tasks ?? []).toEqual([]);
    expect(after.restarts).toBeUndefined();
    expect(after.admission).toBeUndefined();
  });

  it('query', () => {
    const play = running();
    const before = memory(play);
    play.now += 120_000;
    expect(notSent(play, 'query')).toEqual(before);
  });

  it('update', () => {
    const play = running();
    const before = memory(play) as Play['status'];
    play.edit({ desiredState: 'OnHold' });
    const after = notSent(play, 'update') as Play['status'];
    expect(after.tasks).toEqual(before.tasks);
    expect(after.admission).toEqual(before.admission);
  });

  it.each([
    ['Running', 30],
    ['Confirming', 1],
  ])('the stop of one that was %s', (phase, afterSeconds) => {
    const play = new Play();
    play.run(afterSeconds);
    expect(play.task?.phase).toBe(phase);
    const before = memory(play) as Play['status'];
    play.edit({ desiredState: 'Stopped' });
    const after = notSent(play, 'stop') as Play['status'];
    expect(after.tasks).toEqual(before.tasks);
  });

  it('a stop that was not the first: it is still stopping', () => {
    const play = running();
    play.answers('stop', failure('lost'), 'not-sent').edit({ desiredState: 'Stopped' });
    play.run(5);
    play.edit({ desiredState: 'Running' });
    play.run(0.5);
    expect(play.phases).not.toContain('1:Running');
    play.run(60);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.size).toBe(1);
  });
});

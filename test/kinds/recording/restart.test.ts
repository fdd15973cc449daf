import { describe, expect, it } from 'vitest';
import type { AgoraValue } from '../../../src/agora/answer.ts';
import { hours, minutes } from '../../../src/core/time.ts';
import { changing, Play, running } from './play.ts';

const exited: AgoraValue = { call: 'query', status: 8 };
const HOUR = 3_600;

/** Ends the running recording `before` its planned end, at the query of that time. */
function endsAround(play: Play, offsetMs: number): void {
  const startedAt = Date.parse(play.task?.startedAt ?? '');
  const at = startedAt + hours(play.resource.spec.maxRecordingHour) + offsetMs;
  play.otherwise = (action) =>
    action.type === 'query' && play.now < at ? { call: 'query', status: 5 } : play.oblige(action);
  play.run((at - play.now) / 1_000 - 1);
  expect(play.phases).toEqual(['1:Running']);
  play.now = at;
  // A request makes it look at once.
  play.request(`at ${at}`);
  play.answers('query', exited);
  play.run(30);
}

describe('WR-11 what follows an end', () => {
  it.each<['Always' | 'OnFailure' | 'Never', number, string, readonly string[]]>([
    ['Always', minutes(-60), 'True Running', ['2:Running']],
    ['Always', 0, 'True Running', ['2:Running']],
    ['OnFailure', minutes(-60), 'True Running', ['2:Running']],
    ['OnFailure', minutes(-2) - 1, 'True Running', ['2:Running']],
    ['OnFailure', minutes(-2), 'True Completed', []],
    ['OnFailure', 0, 'True Completed', []],
    ['OnFailure', minutes(2), 'True Completed', []],
    ['Never', minutes(-60), 'False TaskEnded!', []],
    ['Never', minutes(-2) - 1, 'False TaskEnded!', []],
    ['Never', minutes(-2), 'True Completed', []],
  ])('%s, an end at the planned one %i ms: %s', (restartPolicy, offset, ready, phases) => {
    const play = running({ restartPolicy });
    endsAround(play, offset);
    expect(play.ready).toBe(ready);
    expect(play.phases).toEqual(phases);
    if (phases.length === 0) {
      expect(play.status.admission).toBeUndefined();
      // Also after a restart, and for good.
      const calls = play.calls.length;
      play.restart().run(2 * HOUR);
      expect(play.ready).toBe(ready);
      expect(play.calls).toHaveLength(calls);
    }
  });

  it('another declaration runs it again', () => {
    const play = running({ restartPolicy: 'Never' });
    endsAround(play, 0);
    play.otherwise = (action) => play.oblige(action);
    play.edit({ url: 'https://stage.example.com/another' }).run(60);
    expect(play.ready).toBe('True Running');
  });

  it('an edit that was made in place, or does not concern the task, is completed with it', () => {
    for (const edit of [{ priority: 7 }, { desiredState: 'OnHold' }] as const) {
      const play = running({ restartPolicy: 'OnFailure' });
      play.edit(edit).run(300);
      expect(changing(play.calls)).not.toContain('stop');
      endsAround(play, 0);
      expect(play.ready).toBe('True Completed');
    }
  });

  it('an edit that re-creates, come with the end, is not', () => {
    const play = running({ restartPolicy: 'Never' });
    play.answers('query', exited);
    const original = play.otherwise;
    play.run(100);
    play.otherwise = original;
    const other = running({ restartPolicy: 'Never' });
    other.otherwise = (action) => {
      if (action.type === 'query' && other.task?.attempt === 1) {
        other.edit({ videoFps: 25 });
        return exited;
      }
      return other.oblige(action);
    };
    other.run(200);
    expect(other.ready).toBe('True Running');
    expect(other.task?.attempt).toBe(2);
  });

  it('silence at the planned end: what counts is when it was first missed', () => {
    const planned = running({ restartPolicy: 'OnFailure', maxRecordingHour: 1 });
    const messages = new Set<string>();
    for (let passed = 0; passed < HOUR + 600; passed += 1) {
      planned.run(1);
      if (planned.ready.startsWith('Unknown')) messages.add(planned.message.replace(/since \S+,/, 'since …,'));
    }
    expect([...messages]).toEqual([
      'Agora has not known the recording since …, when its 1 h were over; it counts as ended when that has lasted for 90 s',
    ]);
    expect(planned.ready).toBe('True Completed');

    const early = running({ restartPolicy: 'OnFailure', maxRecordingHour: 1 });
    // Missed first 3 to 5 minutes before its planned end; the silence is over within the tolerance.
    early.run(HOUR - 300 - 30);
    early.die();
    early.run(300);
    expect(early.status.completedGeneration).toBeUndefined();
    expect(early.task?.attempt).toBe(2);
  });

  it('one that never started is no end: even Never tries again', () => {
    const play = new Play({ restartPolicy: 'Never' }).answers('query', exited);
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(play.task?.attempt).toBe(2);
  });
});

describe('§5.5 re-creation is spaced and bounded', () => {
  /** Every recording dies at its first query. */
  const dying = (maxStartsPerHour: number): Play => {
    const play = new Play({ maxStartsPerHour });
    play.otherwise = (action) => (action.type === 'query' ? exited : play.oblige(action));
    return play;
  };
  const startedAt = (play: Play): readonly number[] =>
    play.calls.filter((call) => call.type === 'start').map((call) => call.at);

  it('10, 20, 40 … at most 300 s between the beginnings', () => {
    const play = dying(60);
    play.run(HOUR - 1);
    const at = startedAt(play);
    const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    expect(gaps.slice(0, 7)).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(gaps.at(-1)).toBe(300);
  });

  it('at most maxStartsPerHour in any hour; then Stalled until the hour has passed', () => {
    const play = dying(4);
    play.run(HOUR - 1);
    expect(startedAt(play)).toEqual([0, 10, 30, 70]);
    expect(play.ready).toBe('False StartBudgetExhausted!');
    play.run(HOUR);
    expect(startedAt(play)).toEqual([0, 10, 30, 70, 3600, 3760, 4060, 4360]);
  });

  it.each<[string, number, (play: Play) => void]>([
    ['an edit, which is no re-creation,', 10, (play) => play.edit({ videoFps: 20 })],
    ['a request', 20, (play) => play.request('now')],
  ])('%s lifts it, and the spacing begins anew', (_name, next, change) => {
    const play = dying(4);
    play.run(600);
    change(play);
    play.run(26);
    expect(startedAt(play).slice(4, 6)).toEqual([600, 600 + next]);
  });

  it('both are read from the status: a restart changes neither', () => {
    const play = dying(4);
    play.run(20);
    play.restart().run(100);
    expect(startedAt(play)).toEqual([0, 10, 30, 70]);
    play.restart().run(100);
    expect(play.ready).toBe('False StartBudgetExhausted!');
  });

  it('starts by an edit count towards neither', () => {
    const play = running({ maxStartsPerHour: 2 });
    for (let fps = 16; fps < 22; fps += 1) play.edit({ videoFps: fps }).run(40);
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts).toMatchObject({ count: 6, inRow: 0 });
  });

  it.each([
    ['less than', 300, 40],
    ['more than', 700, 20],
  ])('after %s ten minutes of running (%i s) the second next wait is %i s', (_name, ranFor, wait) => {
    const play = new Play();
    const dies = (attempt: number): boolean => attempt !== 2 || play.at > 15 + ranFor;
    play.otherwise = (action) => (action.type === 'query' && dies(action.attempt) ? exited : play.oblige(action));
    play.run(1_200);
    const [first, second, third, fourth] = startedAt(play);
    expect([first, second]).toEqual([0, 10]);
    expect((fourth ?? 0) - (third ?? 0)).toBe(wait);
  });
});

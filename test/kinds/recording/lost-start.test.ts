import { describe, expect, it } from 'vitest';
import { minutes, timestamp } from '../../../src/core/time.ts';
import { held } from '../../../src/kinds/recording/held.ts';
import { failure, T0 } from './builders.ts';
import { changing, type Ending, Play, timed } from './play.ts';

const lost = failure('lost');
const server = failure('server');
const already = failure('already-started', { status: 201, code: 7 });
const conflict = failure('task-conflict', { status: 400, code: 53 });

const uids = (play: Play): readonly string[] =>
  play.calls.flatMap(({ action }) => (action.type === 'start' ? [action.uid] : []));
const changes = (play: Play): readonly string[] => timed(play.calls).filter((call) => !call.startsWith('query'));

describe('§5.2 a start whose answer is lost', () => {
  it('is repeated with the same resourceId; 200 brings the sid', () => {
    const play = new Play().answers('start', lost);
    play.run(30);
    expect(changes(play)).toEqual(['acquire@0', 'start@0', 'start@3']);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.task?.mayHaveEffect).toBeUndefined();
  });

  it('201 with a sid is the sid', () => {
    const play = new Play().answers('start', lost, { ...already, sid: 'sid-of-the-first' });
    play.run(4);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Confirming', sid: 'sid-of-the-first' });
  });

  it('201 without a sid: it lives unseen; the next attempt takes a new uid, and a Warning names the cost', () => {
    const play = new Play().answers('start', lost, already);
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    expect(new Set(uids(play)).size).toBe(2);
    const [entry] = play.tasks;
    // Handle at 0, usable for 4:30, a call of 15 s, four hours, ten minutes.
    expect(entry?.endsAt).toBe(timestamp(T0 + minutes(4 * 60 + 10) + 285_000));
    const warnings = play.events.filter((event) => event.reason === 'StartOutcomeUnknown');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ type: 'Warning' });
    expect(warnings[0]?.note).toContain(entry?.endsAt);
    expect(play.ready).toBe('True Running');
    // Both count.
    expect(held(play.resource).slots).toHaveLength(2);
  });

  it('no answer at all: the ladder, then the probe with the same uid: 200 means that the first never ran', () => {
    const play = new Play().answers('start', lost, lost, lost, lost);
    play.run(60);
    expect(changes(play)).toEqual(['acquire@0', 'start@0', 'start@3', 'start@9', 'start@18', 'acquire@18', 'start@18']);
    expect(new Set(uids(play)).size).toBe(1);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.task).not.toHaveProperty('step');
  });

  it('the probe answered 53: it lives: Unknown, a new uid', () => {
    const play = new Play().answers('start', lost, lost, lost, lost, conflict);
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    expect(new Set(uids(play)).size).toBe(2);
  });

  it('the probe never answered: its own ladder, once, then Unknown with one Warning', () => {
    const play = new Play().answers('start', ...Array<Ending>(8).fill(lost));
    play.run(90);
    expect(changes(play)).toEqual([
      ...['acquire@0', 'start@0', 'start@3', 'start@9', 'start@18'],
      ...['acquire@18', 'start@18', 'start@21', 'start@27', 'start@36'],
      ...['acquire@36', 'start@36'],
    ]);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    expect(play.events.filter((event) => event.reason === 'StartOutcomeUnknown')).toHaveLength(1);
  });

  it('53 on the first start of an attempt: a twin of a lost state lives: Unknown, next attempt', () => {
    const play = new Play().answers('start', conflict);
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
  });

  it('at most two Unknown entries, then Stalled until the first has ended', () => {
    const play = new Play({ maxRecordingHour: 1 }).answers('start', conflict, conflict);
    play.run(3_600);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'acquire', 'start']);
    expect(play.phases).toEqual(['1:Unknown', '2:Unknown']);
    expect(play.ready).toBe('False StartOutcomeUnknown!');
    expect(held(play.resource).slots).toHaveLength(2);
    play.run(3_600);
    expect(play.phases).toContain('3:Running');
  });

  it('endsAt must have passed by both clocks: a step of the wall clock frees nothing, and nothing spins', () => {
    const play = new Play({ maxRecordingHour: 1 }).answers('start', conflict, conflict);
    play.run(60);
    play.now += 7_200_000;
    play.wallAheadMs = 7_200_000;
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Unknown']);
    play.run(4_500);
    expect(play.phases).not.toContain('1:Unknown');
    expect(play.ready).toBe('True Running');
  });

  it('a 40x to a repeat does not forget the first: Unknown, and Stalled', () => {
    const play = new Play().answers('start', server, failure('parameter', { status: 400 }));
    play.run(60);
    expect(play.phases).toEqual(['1:Unknown']);
    expect(play.ready).toBe('False ParameterRefused!');
  });
});

describe('§5.2 a crash between intent and answer', () => {
  it.each(['crash-before', 'crash-after'] as const)(
    '%s: the intent is left alone until its deadline, then the same resourceId is tried again',
    (crash) => {
      const play = new Play().answers('start', crash);
      play.pass();
      expect(play.task).toMatchObject({ phase: 'Starting', intent: { call: 'start' } });
      play.run(14.999);
      expect(changing(play.calls).at(-1)).toBe(crash === 'crash-after' ? 'start' : 'acquire');
      expect(play.calls.filter((call) => call.at > 0)).toEqual([]);
      play.run(30);
      const starts = play.calls.flatMap(({ at, action }) => (action.type === 'start' ? [{ at, action }] : []));
      expect(starts.at(-1)).toMatchObject({ at: 15, action: { resourceId: 'R1' } });
      expect(play.phases).toEqual(['1:Running']);
      expect(play.status.restarts).toMatchObject({ count: 0 });
    },
  );

  it('of an older handle: the probe', () => {
    const play = new Play().answers('start', 'crash-after');
    play.pass();
    play.now += minutes(5);
    play.run(30);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'acquire', 'start']);
    expect(new Set(uids(play)).size).toBe(1);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('after an acquire nothing is lost but a handle, and no attempt is counted', () => {
    const play = new Play().answers('acquire', 'crash-after', 'crash-after', 'crash-before');
    play.run(60);
    expect(play.phases).toEqual(['1:Running']);
    expect(new Set(uids(play)).size).toBe(1);
    expect(play.status.restarts).toMatchObject({ count: 0, inRow: 0 });
  });

  it('once Unknown, a restart neither warns again nor forgets', () => {
    const play = new Play().answers('start', conflict);
    play.run(60);
    const warnings = play.events.length;
    play.restart().run(600);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    expect(play.events).toHaveLength(warnings);
  });
});

describe('§5.2 an edit while the outcome is open', () => {
  it('the same resourceId finds out; 201 with the sid is then brought to what is declared', () => {
    const play = new Play().answers('start', lost, { ...already, sid: 'sid-R1' });
    play.pass();
    play.living.set('sid-R1', { status: 4, onhold: false, endsAt: T0 + minutes(240), uid: 'x' });
    play.edit({ videoFps: 25 });
    play.run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'start', 'stop', 'acquire', 'start']);
    expect(play.phases).toEqual(['2:Running']);
  });

  it('200 is a recording of the edited declaration: nothing is done again', () => {
    const play = new Play().answers('start', lost);
    play.pass();
    play.edit({ videoFps: 25 });
    play.run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'start']);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('what acquire said cannot be changed by a start: cname and region are made good afterwards', () => {
    for (const edit of [{ cname: 'another' }, { region: 'ap' }] as const) {
      const play = new Play().answers('start', lost);
      play.pass();
      play.edit(edit);
      play.run(60);
      expect(changing(play.calls)).toEqual(['acquire', 'start', 'start', 'stop', 'acquire', 'start']);
      expect(play.task).toMatchObject({ attempt: 2, phase: 'Running', ...edit });
    }
  });

  it('a frame of another class is claimed before a start with it is sent', () => {
    const play = new Play().answers('start', lost);
    play.pass();
    play.edit({ videoWidth: 1920, videoHeight: 1080 });
    play.run(60);
    expect(play.claimed.at(-1)?.slots.map((slot) => slot.class)).toEqual(['SD', 'FHD']);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running', class: 'FHD' });
    expect(play.status.admission?.map((slot) => slot.class)).toEqual(['FHD']);
  });

  it('a longer maximum does not shorten what an earlier try may live', () => {
    const play = new Play({ maxRecordingHour: 10 }).answers('start', lost, already);
    play.pass();
    const before = play.task?.endsAt;
    play.edit({ maxRecordingHour: 1 });
    play.run(10);
    expect(play.tasks[0]).toMatchObject({ phase: 'Unknown', endsAt: before });
  });

  it('an edit during the acquire is not what was acquired: the handle is dropped', () => {
    const play = new Play();
    play.otherwise = (action) => {
      if (action.type === 'acquire' && play.calls.length === 0)
        play.edit({ region: 'ap', videoWidth: 1280, videoHeight: 720 });
      return play.oblige(action);
    };
    play.run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'acquire', 'start']);
    expect(play.task).toMatchObject({ region: 'ap', class: 'HD', phase: 'Running' });
    expect(play.status.admission).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { AgoraValue } from '../../../src/agora/answer.ts';
import { held } from '../../../src/kinds/recording/held.ts';
import { failure } from './builders.ts';
import { exited, limited, other, reloaded, stopped } from './notice.ts';
import { changing, type Ending, Play, running, timed } from './play.ts';

const HOUR = 3_600;
const ended: AgoraValue = { call: 'query', status: 8 };

const showing = (status: number, times: number): readonly Ending[] =>
  Array.from({ length: times }, () => ({ call: 'query', status }));

const since = (play: Play, from: number): readonly string[] =>
  timed(
    play.calls.filter((call) => call.at >= from),
    from,
  );

describe('WR-11 event 71: what each stop code comes to', () => {
  it.each<['Always' | 'OnFailure' | 'Never', number, string, string | undefined]>([
    ['Always', 0, 'True Running', 'stopped by somebody else'],
    ['Always', 1, 'True Running', 'max_recording_hour'],
    ['Always', 3, 'True Running', 'start_engine_failed'],
    ['Always', 4, 'True Running', 'page_load_timeout'],
    ['Always', 5, 'True Running', 'access_url_failed'],
    ['Always', 6, 'True Running', 'recorder_error'],
    ['Always', 17, 'True Running', 'stop code 17'],
    ['OnFailure', 0, 'True Completed', undefined],
    ['OnFailure', 1, 'True Completed', undefined],
    ['OnFailure', 3, 'True Running', 'start_engine_failed'],
    ['OnFailure', 4, 'True Running', 'page_load_timeout'],
    ['OnFailure', 5, 'True Running', 'access_url_failed'],
    ['OnFailure', 6, 'True Running', 'recorder_error'],
    ['OnFailure', 17, 'True Running', 'stop code 17'],
    ['Never', 0, 'True Completed', undefined],
    ['Never', 1, 'True Completed', undefined],
    ['Never', 6, 'False TaskEnded!', undefined],
    ['Never', 17, 'False TaskEnded!', undefined],
  ])('%s, code %i: %s', (restartPolicy, code, ready, reason) => {
    const play = running({ restartPolicy });
    play.run(20);
    play.die().tell(stopped(code));
    const from = play.at;
    play.run(30);
    expect(play.ready).toBe(ready);
    // Gone at once: no look for it, and the next begins in the same second.
    expect(since(play, from).slice(0, 2)).toEqual(reason === undefined ? [] : ['acquire@0', 'start@0']);
    if (reason !== undefined) expect(play.status.restarts?.lastReason).toBe(reason);
    else expect(play.status.admission).toBeUndefined();
    const events = play.events.filter((event) => event.reason === 'TaskEnded');
    expect(events).toEqual([
      {
        type: code <= 1 && restartPolicy !== 'Always' ? 'Normal' : 'Warning',
        reason: 'TaskEnded',
        note: expect.stringContaining(`event 71, code ${code}`),
      },
    ]);
    expect(JSON.stringify([play.events, play.status])).not.toContain(`message ${code}`);
  });

  it('all of them are bounded by the budget of starts and spaced', () => {
    const play = new Play({ maxStartsPerHour: 4 });
    for (let minute = 0; minute < 59; minute += 1) {
      play.run(60);
      if (play.task?.sid !== undefined) play.die().tell(stopped(4));
    }
    expect(changing(play.calls).filter((type) => type === 'start')).toHaveLength(4);
    expect(play.ready).toBe('False StartBudgetExhausted!');
  });

  it('the end of an older attempt never ends a newer one', () => {
    const play = running();
    const old = play.task;
    play.die().tell(stopped(6)).run(60);
    expect(play.task?.attempt).toBe(2);
    const calls = play.calls.length;
    play.tell(stopped(6), { sid: old?.sid ?? '', uid: old?.uid ?? '' }).run(1);
    // Not even where somebody says that it was of the newer one's uid.
    play.tell(stopped(6), { sid: old?.sid ?? '' }).run(1);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.calls).toHaveLength(calls);
  });

  it('repeats and the session’s last event change nothing more', () => {
    const play = running();
    play.die().tell(stopped(6)).tell(stopped(6)).tell(exited(1)).run(60);
    play.tell(stopped(6), { sid: 'sid-R1' }).tell(exited(1), { sid: 'sid-R1' }).run(60);
    expect(play.phases).toEqual(['2:Running']);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'acquire', 'start']);
    expect(play.events.filter((event) => event.reason === 'TaskEnded')).toHaveLength(1);
  });

  it('while it is being confirmed as well: WR-7 does not wait for its ladder', () => {
    const play = new Play();
    play.pass();
    play.now += 1_000;
    play.die().tell(stopped(5)).run(60);
    expect(play.calls.map((call) => call.type).slice(0, 3)).toEqual(['acquire', 'start', 'acquire']);
    expect(play.status.restarts?.lastReason).toBe('access_url_failed');
  });
});

describe('WR-11 a stop by somebody else before it was confirmed', () => {
  it.each<['Always' | 'OnFailure' | 'Never', string]>([
    ['Always', 'False Recovering…'],
    ['OnFailure', 'True Completed'],
    ['Never', 'True Completed'],
  ])('%s: %s', (restartPolicy, ready) => {
    const play = new Play({ restartPolicy });
    play.pass();
    play.now += 1_000;
    play.die().tell(stopped(0)).run(1);
    expect(play.ready.replace('WaitingForRetry', 'Recovering')).toBe(ready);
  });
});

describe('WR-11 event 11, the end of the session', () => {
  it('waits five seconds for event 71, which says why, and then tells of an end like a query', () => {
    const play = running({ restartPolicy: 'OnFailure' });
    play.die().tell(exited(0)).run(4);
    expect(play.phases).toEqual(['1:Running']);
    play.tell(stopped(0)).run(1);
    expect(play.ready).toBe('True Completed');

    const alone = running({ restartPolicy: 'OnFailure' });
    alone.die().tell(exited(0));
    const from = alone.at;
    alone.run(30);
    expect(since(alone, from).slice(0, 2)).toEqual(['acquire@5', 'start@5']);
    expect(alone.status.restarts?.lastReason).toBe('session_exit');
  });

  it('at the planned end it completes, as without it', () => {
    const play = running({ restartPolicy: 'OnFailure', maxRecordingHour: 1 });
    play.run(HOUR - play.at + 1);
    play.tell(exited(0)).run(10);
    expect(play.ready).toBe('True Completed');
  });
});

describe('WR-11 code 2, a page beyond Agora’s capability', () => {
  const twice = (limitType?: string): Play => {
    const play = running();
    for (let time = 0; time < 2; time += 1) {
      if (limitType !== undefined) play.tell(limited(limitType));
      play.die().tell(stopped(2)).run(60);
    }
    return play;
  };

  it('once more, then Stalled, with what the page must change', () => {
    const play = running();
    play.tell(limited('WebGL')).die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts?.lastReason).toBe('capability_limit (WebGL)');
    play.die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('False PageNotCapable!');
    expect(play.message).toContain('WebGL');
    const calls = play.calls.length;
    play.restart().run(4 * HOUR);
    expect(play.ready).toBe('False PageNotCapable!');
    expect(play.calls).toHaveLength(calls);
    expect(play.status.admission).toBeUndefined();
    expect(play.events.filter((event) => event.reason === 'PageNotCapable')).toHaveLength(1);
  });

  it.each(['resolution', 'WebGL', 'bandwidth'])('names %s and what to do about it', (limitType) => {
    expect(twice(limitType).message).toContain(limitType);
  });

  it('without event 72, or with one that is no word, it says so all the same', () => {
    expect(twice().message).toContain('beyond what Agora records: simplify it');
    const odd = twice('https://stage.example.com/?token=canary');
    expect(odd.ready).toBe('False PageNotCapable!');
    expect(JSON.stringify([odd.status, odd.events])).not.toContain('canary');
  });

  it('the count outlives the process', () => {
    const play = running();
    play.die().tell(stopped(2)).run(60);
    play.restart().run(60);
    play.die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('False PageNotCapable!');
  });

  it.each<[string, (play: Play) => void]>([
    ['another declaration', (play) => play.edit({ url: 'https://stage.example.com/simpler' })],
    ['a request', (play) => play.request('now')],
  ])('%s lifts it, and it has two tries again', (_name, change) => {
    const play = twice('WebGL');
    change(play);
    play.run(60);
    expect(play.ready).toBe('True Running');
    play.die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('True Running');
    play.die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('False PageNotCapable!');
  });

  it('an edit that comes with the second is a new declaration', () => {
    const play = running();
    play.die().tell(stopped(2)).run(60);
    play.die().tell(stopped(2)).edit({ videoFps: 20 }).run(60);
    expect(play.ready).toBe('True Running');
  });

  it('Never ends with the first', () => {
    const play = running({ restartPolicy: 'Never' });
    play.die().tell(stopped(2)).run(60);
    expect(play.ready).toBe('False TaskEnded!');
  });
});

describe('WR-11 what we stop, gave up, or took for lost', () => {
  it('our own stop, its answer lost: gone when the notice comes, without waiting for 404', () => {
    const play = running();
    play.answers('stop', failure('lost')).edit({ desiredState: 'Stopped' }).run(1);
    expect(play.phases).toEqual(['1:Stopping']);
    play.die().tell(stopped(0)).run(1);
    expect(play.phases).toEqual([]);
    expect(play.ready).toBe('True Stopped');
    expect(play.status.lastRecording).toMatchObject({ sid: 'sid-R1' });
    expect(changing(play.calls).filter((type) => type === 'stop')).toHaveLength(1);
  });

  it('while the stop is on its way the answer is waited for', () => {
    const play = running();
    play.edit({ desiredState: 'Stopped' });
    play.otherwise = (action) => {
      if (action.type === 'stop') play.tell(stopped(0));
      return play.oblige(action);
    };
    play.run(10);
    expect(play.status.lastRecording).toMatchObject({ files: ['a.m3u8'] });
    expect(play.events.filter((event) => event.reason === 'TaskStopped')).toHaveLength(1);
  });

  it('a stop of a process that died: when its deadline is over', () => {
    const play = running();
    play.answers('stop', 'crash-after').edit({ desiredState: 'Stopped' }).run(1);
    play.die().tell(stopped(0)).run(20);
    expect(play.phases).toEqual(['1:Stopping']);
    play.run(15);
    expect(play.phases).toEqual([]);
    expect(changing(play.calls).filter((type) => type === 'stop')).toHaveLength(1);
  });

  it('one that was taken for lost is forgotten', () => {
    const play = running().die();
    play.run(300);
    expect(play.phases).toEqual(['1:Lost', '2:Running']);
    play.tell(stopped(6), { sid: 'sid-R1' }).run(1);
    expect(play.phases).toEqual(['2:Running']);
  });

  it('a deleted one is released at once', () => {
    const play = running();
    play
      .answers('stop', ...Array<Ending>(3).fill(failure('server')))
      .delete()
      .run(1);
    play.die().tell(exited(0)).run(5);
    expect(play.released).toBe(true);
  });
});

describe('WR-11 a notice causes a look, and the look is the truth', () => {
  it.each<[string, Parameters<Play['tell']>[0]]>([
    ['70, started', { type: 'started' }],
    ['72, capability limit', limited('resolution')],
    ['12, failover', { type: 'failover', newUid: '9' }],
    ['100, publish status', { type: 'publish', status: 'disconnected' }],
    ['1, an error of level 5', { type: 'error', code: 1, level: 5 }],
    ['4, the first file', other(4)],
  ])('%s: at once', (_name, event) => {
    const play = running();
    const from = play.at;
    play.tell(event).run(1);
    expect(since(play, from)).toEqual(['query@0']);
    expect(play.phases).toEqual(['1:Running']);
  });

  it.each<[string, Parameters<Play['tell']>[0]]>([
    ['1, an error of level 4', { type: 'error', code: 1, level: 4 }],
    ['33, progress', other(33)],
    ['73, reload', reloaded('audio_silence')],
    ['an event of the future', other(4_711)],
  ])('%s: none', (_name, event) => {
    const play = running();
    const from = play.at;
    play.tell(event).run(1);
    expect(since(play, from)).toEqual([]);
  });

  it('the look finds the end that the lost notice told', () => {
    const play = running();
    play.answers('query', ended).die().tell(other(4)).run(1);
    expect(play.task?.attempt).toBe(2);
  });

  it('a gap in sequence: at once, and once', () => {
    const play = running();
    const from = play.at;
    for (const sequence of [0, 1, 2]) play.tell(other(33), { sequence }).run(1);
    expect(since(play, from)).toEqual([]);
    play.tell(other(33), { sequence: 4 }).run(1);
    expect(since(play, from)).toEqual(['query@3']);
    play.tell(other(33), { sequence: 5 }).tell(other(33), { sequence: 3 }).run(5);
    expect(since(play, from)).toEqual(['query@3']);
  });

  it('however many come, a look every five seconds at most', () => {
    const play = running();
    const from = play.at;
    for (let each = 0; each < 40; each += 1) {
      play.tell({ type: 'publish', status: each % 2 === 0 ? 'connecting' : 'disconnected' });
      play.run(0.5);
    }
    expect(since(play, from).length).toBeLessThanOrEqual(5);
  });

  it('70 confirms sooner, by the query that it causes; WR-7’s ladder does not count that one', () => {
    const play = new Play();
    play.pass();
    play.now += 2_000;
    play.tell({ type: 'started' }).run(1);
    expect(timed(play.calls)).toEqual(['acquire@0', 'start@0', 'query@2']);
    expect(play.ready).toBe('True Running');

    const slow = new Play().answers('query', ...showing(2, 5));
    slow.pass();
    slow.now += 1_000;
    slow.tell(other(4)).run(60);
    expect(timed(slow.calls).slice(2, 6)).toEqual(['query@1', 'query@5', 'query@10', 'query@20']);
    expect(timed(slow.calls)[6]).toBe('query@35');
  });

  it('a sign of life from one that is out of sight, or was taken for lost, is looked into', () => {
    const play = running();
    play.answers('query', ...Array<Ending>(40).fill(failure('not-found', { status: 404 })));
    while (play.task?.missingSince === undefined) play.run(1);
    const before = play.calls.length;
    // Its second look came five seconds after the first, the third is due in ten.
    play.run(5);
    play.script = {};
    play.tell(other(33), { at: play.now - 60_000 }).run(1);
    expect(play.calls.length - before).toBe(1);
    play.tell(other(33)).run(5);
    expect(play.calls.length - before).toBe(2);
    expect(play.ready).toBe('True Running');
  });

  it('one that was taken for lost is stopped at its first sign of life', () => {
    const play = running();
    play.answers('query', ...Array<Ending>(8).fill(failure('not-found', { status: 404 })));
    while (!play.phases.includes('1:Lost')) play.run(1);
    play.run(30);
    expect(play.phases).toEqual(['1:Lost', '2:Running']);
    const from = play.calls.length;
    play.tell(other(33), { sid: 'sid-R1' }).run(1);
    expect(play.calls.slice(from).map(({ type }) => type)).toEqual(['query', 'stop']);
    expect(play.phases).toEqual(['2:Running']);
  });
});

describe('WR-10 Agora’s own detection of a page that does not load', () => {
  it('its reload is told, extends nothing, and the end that follows is a failed page load', () => {
    const play = new Play({ readyTimeout: 20 });
    play.answers('query', ...showing(3, 20));
    play.run(20);
    play.tell(reloaded('page_load_timeout')).run(1);
    expect(play.ready).toBe('False Confirming…');
    expect(play.message).toContain('did not call notifyReady in time');
    play.tell(reloaded('page_load_timeout')).run(1);
    expect(play.events.filter((event) => event.reason === 'PageReloaded')).toHaveLength(1);
    play.run(18);
    play.script = {};
    play.die().tell(stopped(4)).run(30);
    expect(play.ready).toBe('True Running');
    expect(play.status.restarts).toMatchObject({ count: 1, lastReason: 'page_load_timeout' });
    expect(held(play.resource).slots).toHaveLength(1);
  });

  it('without the end’s notice the window ends it, reload told or not', () => {
    const at = (told: boolean): readonly string[] => {
      const play = new Play({ readyTimeout: 20 });
      play.answers('query', ...showing(3, 20));
      play.run(20);
      if (told) play.tell(reloaded('page_load_timeout'));
      play.run(100);
      return timed(play.calls).filter((call) => !call.startsWith('query'));
    };
    expect(at(true)).toEqual(at(false));
  });

  it('a reload for silence is told once in ten minutes', () => {
    const play = running();
    const writes = play.writes;
    for (let minute = 0; minute < 30; minute += 1) play.tell(reloaded('audio_silence')).run(60);
    expect(play.events.filter((event) => event.reason === 'PageReloaded')).toHaveLength(3);
    expect(play.writes - writes).toBe(3);
  });
});

import { describe, expect, it } from 'vitest';
import { hours, minutes, timestamp } from '../../../src/core/time.ts';
import { keepHandle, nextHandle } from '../../../src/kinds/recording/handles.ts';
import { held } from '../../../src/kinds/recording/held.ts';
import type { RecordingTask } from '../../../src/kinds/recording/types.ts';
import { weigh } from '../../../src/kinds/recording/weigh.ts';
import { failure, T0 } from './builders.ts';
import { failover, other, stopped } from './notice.ts';
import { changing, type Ending, Play, running, timed } from './play.ts';

const lost = failure('lost');
const already = failure('already-started', { status: 201, code: 7 });
const conflict = failure('task-conflict', { status: 400, code: 53 });
const mismatch = failure('handle-invalid', { status: 400, code: 1003 });
const notFound = failure('not-found', { status: 404 });
const started = { type: 'started' } as const;

/** Agora runs a recording under this pair: others are answered with 1003 (B.8), or as `otherwise` says. */
function lives(play: Play, sid: string, resourceId: string, wrong: Ending = mismatch): Play {
  const uid = play.tasks.find((task) => task.phase === 'Unknown' || task.phase === 'Starting')?.uid ?? '';
  play.living.set(sid, { status: 5, onhold: false, endsAt: T0 + hours(4), uid });
  const before = play.otherwise;
  play.otherwise = (action) =>
    'sid' in action && action.sid === sid && action.resourceId !== resourceId ? wrong : before(action);
  return play;
}

/** Attempt 1 lives unseen, attempt 2 runs: 201 without a sid, or the probe answered 53. */
function unknown(how: '201' | '53' = '201'): Play {
  const play = new Play();
  if (how === '201') play.answers('start', lost, already);
  else play.answers('start', lost, lost, lost, lost, conflict);
  play.run(90);
  expect(play.phases).toEqual(['1:Unknown', '2:Running']);
  return play;
}

const tellFirst = (play: Play, event: Parameters<Play['tell']>[0], sid = 'sid-lost'): Play => {
  const { cname = '', uid = '' } = play.tasks.find(({ attempt }) => attempt === 1) ?? {};
  return play.tell(event, { sid, cname, uid });
};

const handles = (play: Play, type: 'stop' | 'query'): readonly string[] =>
  play.calls.flatMap(({ action }) => (action.type === type && action.sid === 'sid-lost' ? [action.resourceId] : []));

describe('WR-11 §5.2 a notice with its cname and uid brings the sid', () => {
  it('201 without one, and a newer attempt runs: it is stopped, on a slot of its own until then', () => {
    const play = lives(unknown(), 'sid-lost', 'R1');
    play.answers('stop', failure('server'));
    tellFirst(play, started).run(1);
    expect(play.phases).toEqual(['1:Stopping', '2:Running']);
    expect(held(play.resource).slots).toHaveLength(2);
    play.run(20);
    expect(play.phases).toEqual(['2:Running']);
    expect(held(play.resource).slots).toHaveLength(1);
    expect(play.living.has('sid-lost')).toBe(false);
    expect(play.ready).toBe('True Running');
    expect(play.events.filter((event) => event.reason === 'StartResolved')).toHaveLength(1);
  });

  it('the probe took another resource ID: the one that the lost start was sent with is tried as well', () => {
    const play = lives(unknown('53'), 'sid-lost', 'R1');
    tellFirst(play, started).run(5);
    expect(handles(play, 'stop')).toEqual(['R2', 'R1']);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.has('sid-lost')).toBe(false);
  });

  it('where the wrong pair is answered 404 they take turns, and silence waits for both', () => {
    const play = lives(unknown('53'), 'sid-lost', 'R1', notFound);
    tellFirst(play, started).run(20);
    expect(handles(play, 'stop')).toEqual(['R2', 'R1']);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.has('sid-lost')).toBe(false);
  });

  it('where none of them fits it stays Unknown, and its end is told by its sid', () => {
    const play = lives(unknown('53'), 'sid-lost', 'R9');
    tellFirst(play, started).run(60);
    expect(handles(play, 'stop')).toEqual(['R2', 'R1']);
    expect(play.tasks[0]).toMatchObject({ phase: 'Unknown', sid: 'sid-lost' });
    expect(held(play.resource).slots).toHaveLength(2);
    tellFirst(play, other(33)).run(600);
    expect(handles(play, 'stop')).toHaveLength(2);
    tellFirst(play, stopped(1)).run(1);
    expect(play.phases).toEqual(['2:Running']);
    expect(held(play.resource).slots).toHaveLength(1);
  });

  it('its last resource ID was refused and none is held: the earlier one is tried', () => {
    const play = new Play().answers('start', lost, failure('handle-expired', { status: 400, code: 433 }));
    play.answers('acquire', { call: 'acquire', resourceId: 'R1' }, failure('parameter', { status: 400 }));
    play.run(10);
    expect(play.tasks).toMatchObject([{ phase: 'Unknown', otherResourceIds: ['R1'] }]);
    lives(play, 'sid-lost', 'R1');
    tellFirst(play, started).run(10);
    expect(play.phases).toEqual(['1:Running']);
  });

  it('the newer attempt has only a handle: that is dropped, and the one that lives is the current task', () => {
    const play = new Play().answers('start', lost, already);
    while (!play.phases.includes('1:Unknown')) play.now = Math.min(play.pass(), play.now + 1_000);
    const [first] = play.tasks;
    if (first === undefined) throw new Error('no task');
    const handle = { resourceId: 'R9', acquiredAt: timestamp(play.now) };
    const acquired: RecordingTask = { ...first, attempt: 2, phase: 'Acquired', uid: '9', applied: {}, ...handle };
    const status = { ...play.status, tasks: [first, acquired] };
    const { observation } = play.tell(started, { sid: 'sid-lost', cname: first.cname, uid: first.uid });
    const seen = { resource: { ...play.resource, status }, observation, context: play.context(), now: play.now };
    expect(weigh(status, seen).status.tasks).toMatchObject([{ attempt: 1, phase: 'Confirming', sid: 'sid-lost' }]);
  });

  it('no newer attempt runs: it becomes the current task', () => {
    const play = new Play().answers('start', conflict, conflict);
    play.run(60);
    expect(play.ready).toBe('False StartOutcomeUnknown!');
    const second = play.tasks[1];
    lives(play, 'sid-lost', second?.resourceId ?? '');
    play.tell(started, { sid: 'sid-lost', cname: second?.cname ?? '', uid: second?.uid ?? '' }).run(10);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    expect(play.ready).toBe('True Running');
    expect(held(play.resource).slots).toHaveLength(2);
  });

  it('two are told in one go: the newer one is the current task, the other is stopped', () => {
    const play = new Play().answers('start', conflict, conflict);
    play.run(60);
    for (const [index, task] of play.tasks.entries()) {
      play.living.set(`sid-${index}`, { status: 5, onhold: false, endsAt: T0 + hours(4), uid: task.uid });
      play.tell(started, { sid: `sid-${index}`, cname: task.cname, uid: task.uid });
    }
    play.run(10);
    expect(play.phases).toEqual(['2:Running']);
    expect([...play.living.keys()]).toEqual(['sid-1']);
  });

  it('while the ladder of its start goes on: no further start is sent', () => {
    const play = new Play().answers('start', lost);
    play.pass();
    lives(play, 'sid-lost', 'R1');
    tellFirst(play, started).run(30);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running', sid: 'sid-lost' });
    expect(play.task).not.toHaveProperty('otherResourceIds');
  });

  it('while the start is on its way the answer is waited for', () => {
    const play = new Play();
    play.otherwise = (action) => {
      if (action.type === 'start') tellFirst(play, started, `sid-${action.resourceId}`);
      return play.oblige(action);
    };
    play.run(30);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.events.filter((event) => event.reason === 'StartResolved')).toEqual([]);
    expect(play.ready).toBe('True Running');
  });

  it.each(['crash-before', 'crash-after'] as const)('after a %s the open intent is waited out first', (crash) => {
    const play = new Play().answers('start', crash);
    play.pass();
    lives(play, 'sid-lost', 'R1');
    tellFirst(play, started).run(14);
    expect(play.task).toMatchObject({ phase: 'Starting', intent: { call: 'start' } });
    play.run(10);
    expect(play.task).toMatchObject({ attempt: 1, sid: 'sid-lost' });
    expect(changing(play.calls).filter((type) => type === 'start').length).toBe(crash === 'crash-before' ? 0 : 1);
  });

  it('nothing is wanted any more: it is stopped, and a deleted resource goes', () => {
    const play = new Play().answers('start', lost, already).answers('acquire');
    play.run(5);
    const { resourceId = '' } = play.tasks[0] ?? {};
    play.delete();
    lives(play, 'sid-lost', resourceId);
    play.run(60);
    expect(play.released).toBe(false);
    tellFirst(play, started).run(10);
    expect(play.living.has('sid-lost')).toBe(false);
    expect(play.released).toBe(true);
  });

  it('an edit that came meanwhile replaces it', () => {
    const play = new Play().answers('start', lost);
    play.pass();
    lives(play, 'sid-lost', 'R1');
    play.edit({ videoFps: 25 });
    tellFirst(play, started).run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop', 'acquire', 'start']);
    expect(play.phases).toEqual(['2:Running']);
  });

  it('survives the death of the process at any point: what was weighed is in the status', () => {
    const play = lives(unknown('53'), 'sid-lost', 'R1');
    play.answers('stop', 'crash-before');
    tellFirst(play, started).run(1);
    play.run(60);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.has('sid-lost')).toBe(false);
  });
});

describe('WR-11 §5.2 what tells of another one changes nothing', () => {
  it('older than its start', () => {
    const play = unknown();
    const { cname = '', uid = '' } = play.tasks[0] ?? {};
    play.tell(started, { sid: 'sid-old', cname, uid, at: T0 - minutes(10) }).run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
  });

  it('the end of one that a later start of the same uid may have followed', () => {
    const play = unknown('53');
    tellFirst(play, stopped(6)).run(60);
    expect(play.phases).toEqual(['1:Unknown', '2:Running']);
    // The one that lives is told later: it is this that is stopped.
    lives(play, 'sid-alive', 'R2');
    tellFirst(play, other(33), 'sid-alive').run(10);
    expect(play.phases).toEqual(['2:Running']);
  });

  it('of two that it may be the one that lives is it', () => {
    const play = lives(unknown(), 'sid-alive', 'R1');
    tellFirst(play, started, 'sid-alive');
    tellFirst(play, stopped(6), 'sid-ended').run(10);
    expect(play.phases).toEqual(['2:Running']);
    expect(play.living.has('sid-alive')).toBe(false);
  });

  it('the end of the only one that it can have been ends the entry', () => {
    const play = unknown();
    tellFirst(play, stopped(5)).run(1);
    expect(play.phases).toEqual(['2:Running']);
    expect(held(play.resource).slots).toHaveLength(1);

    const starting = new Play().answers('start', lost);
    starting.pass();
    tellFirst(starting, stopped(5)).run(60);
    expect(changing(starting.calls)).toEqual(['acquire', 'start', 'acquire', 'start']);
    expect(starting.status.restarts?.lastReason).toBe('access_url_failed');
  });
});

describe('WR-11 event 12: a failover', () => {
  const missing = (play: Play): Play => play.answers('query', ...Array<Ending>(40).fill(notFound));

  it('is told; the handle stays, and later notices under the new uid are its own', () => {
    const play = running();
    play.tell(failover('777')).run(1);
    expect(play.task).toMatchObject({ failover: { uid: '777' }, uid: play.task?.uid, sid: 'sid-R1' });
    expect(play.events.filter((event) => event.reason === 'TaskMoved')).toHaveLength(1);
    expect(play.events.at(-1)?.note).toContain('bak');
    const writes = play.writes;
    play.tell(failover('777')).tell(other(33), { uid: '777', sequence: 0 }).run(1);
    expect(play.events.filter((event) => event.reason === 'TaskMoved')).toHaveLength(1);
    expect(play.writes).toBe(writes);
    play.edit({ desiredState: 'Stopped' }).run(5);
    const stop = play.calls.at(-1)?.action;
    expect(stop).toMatchObject({ type: 'stop', resourceId: 'R1', sid: 'sid-R1' });
    expect(stop).not.toMatchObject({ uid: '777' });
  });

  it('a 404 within its window is explained, and gone is concluded only after it', () => {
    const play = missing(running());
    while (play.task?.missingSince === undefined) play.run(1);
    play.run(60);
    play.tell(failover('777')).run(85);
    // The first 404 was 145 s ago.
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    expect(play.message).toContain('moved the recording to another server');
    play.run(25);
    expect(play.phases).toEqual(['1:Lost', '2:Confirming']);
  });

  it('it returns within the window: nothing was done', () => {
    const play = running();
    play.answers('query', ...Array<Ending>(4).fill(notFound));
    play.tell(failover('777')).run(80);
    expect(play.ready).toBe('True Running');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(timed(play.calls).filter((call) => call.startsWith('query')).length).toBeGreaterThan(4);
  });
});

describe('WR-11 resource IDs that take turns', () => {
  const task = { resourceId: 'R3', otherResourceIds: ['R1', 'R2'] } as const;
  it.each<[string, 'wrong' | 'not-found', readonly string[]]>([
    ['a wrong one is not tried again', 'wrong', ['R1', 'R2']],
    ['one that was not found comes again after the others', 'not-found', ['R1', 'R2', 'R3', 'R1']],
  ])('%s', (_name, why, tried) => {
    let next: Parameters<typeof nextHandle>[0] | undefined = { ...entry(), ...task };
    const seen: (string | undefined)[] = [];
    while (next !== undefined && seen.length < tried.length) {
      next = nextHandle(next, why);
      seen.push(next?.resourceId);
    }
    expect(seen).toEqual(tried);
    if (why === 'wrong' && next !== undefined) expect(nextHandle(next, why)).toBeUndefined();
  });

  it('four are kept, the latest', () => {
    let kept: Parameters<typeof keepHandle>[0] = { ...entry(), mayHaveEffect: true };
    for (let n = 1; n <= 7; n += 1) kept = keepHandle({ ...kept, resourceId: `R${n}` });
    expect(kept.otherResourceIds).toEqual(['R4', 'R5', 'R6', 'R7']);
  });
});

function entry(): Parameters<typeof nextHandle>[0] {
  const [task] = running().tasks;
  if (task === undefined) throw new Error('no task');
  return task;
}

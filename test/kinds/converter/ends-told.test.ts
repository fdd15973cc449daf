import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/core/time.ts';
import { held } from '../../../src/kinds/converter/held.ts';
import { failure, row } from './builders.ts';
import { created, destroyed, state, updated } from './notice.ts';
import { changing, Play, running, timed, types } from './play.ts';

const lost = failure('lost');

/** A running converter that Agora has destroyed, and tells why. */
function destroyedBy(reason: string, spec: Parameters<typeof running>[0] = {}): Play {
  const play = running(spec);
  play.run(20);
  play.living.clear();
  return play.tell(destroyed(reason));
}

const eventsOf = (play: Play): readonly string[] =>
  play.events.filter(({ reason }) => !['TaskCreated'].includes(reason)).map(({ type, reason }) => `${type} ${reason}`);

describe('MP-21 an idle end is told from a failure', () => {
  it.each<['Always' | 'OnFailure' | 'Never', string, string, string, readonly string[]]>([
    ['Always', 'Idle Timeout', 'True Running', 'Normal IdleEnded', ['create']],
    ['OnFailure', 'Idle Timeout', 'True IdleEnded', 'Normal IdleEnded', []],
    ['Never', 'Idle Timeout', 'True IdleEnded', 'Normal IdleEnded', []],
    ['Always', 'Internal Error', 'True Running', 'Warning TaskEnded', ['create']],
    ['OnFailure', 'Internal Error', 'True Running', 'Warning TaskEnded', ['create']],
    ['Never', 'Internal Error', 'False TaskEnded!', 'Warning TaskEnded', []],
    ['Always', 'Delete Request', 'True Running', 'Warning TaskEnded', ['create']],
    ['OnFailure', 'Delete Request', 'True Running', 'Warning TaskEnded', ['create']],
    ['Never', 'Delete Request', 'False TaskEnded!', 'Warning TaskEnded', []],
    ['OnFailure', 'Of The Future', 'True Running', 'Warning TaskEnded', ['create']],
  ])('%s, %s: %s', (restartPolicy, reason, ready, event, calls) => {
    const play = destroyedBy(reason, { restartPolicy });
    const from = play.calls.length;
    play.run(60);
    expect(play.ready).toBe(ready);
    // Gone at once: it is neither looked at nor deleted.
    expect(types(changing(play.calls.slice(from)))).toEqual(calls);
    expect(eventsOf(play)).toEqual([event]);
    if (calls.length === 0) {
      expect(play.status.admission).toBeUndefined();
      play.crash();
      expect(changing(play.run(7_200))).toEqual([]);
      expect(play.ready).toBe(ready);
    }
  });

  it('the reason says so while the next one is waited for, and in the restarts', () => {
    const play = destroyedBy('Idle Timeout');
    play.run(60);
    expect(play.status.restarts?.lastReason).toBe('idle timeout');
    play.living.clear();
    play.tell(destroyed('Idle Timeout')).run(10);
    expect(play.ready).toBe('True Running');
    play.living.clear();
    play.tell(destroyed('Idle Timeout')).run(1);
    expect(play.ready).toBe('False IdleEnded…');
    expect(play.message).toContain('nobody was in its channel');
    const failed = destroyedBy('Internal Error');
    failed.run(60);
    expect(failed.status.restarts?.lastReason).toBe('internal error of Agora');
  });

  it('an idle channel makes a start now and then: spaced, and within the budget', () => {
    const play = running({ maxStartsPerHour: 4 });
    for (let time = 0; time < 100; time += 1) {
      play.run(30);
      if (play.task?.phase === 'Running' && play.living.size > 0) {
        play.living.clear();
        play.tell(destroyed('Idle Timeout'));
      }
    }
    expect(play.calls.filter(({ type }) => type === 'create').length).toBeLessThanOrEqual(5);
    expect(play.ready).toBe('False StartBudgetExhausted!');
  });

  it('another declaration runs it again; one that it was completed with does not', () => {
    const play = destroyedBy('Idle Timeout', { restartPolicy: 'OnFailure' });
    play.run(10);
    play.edit({ priority: 7 });
    play.run(30);
    expect(play.ready).toBe('True Running');

    const edited = running({ restartPolicy: 'OnFailure' });
    edited.living.clear();
    edited.edit({ idleTimeout: 600 });
    edited.tell(destroyed('Idle Timeout')).run(30);
    expect(edited.ready).toBe('True Running');
    expect(edited.task?.attempt).toBe(2);
  });
});

describe('MP-28 event 4: gone at once', () => {
  it('our own delete, its answer lost: no look is needed any more', () => {
    const play = running();
    play.script.delete = [lost];
    play.edit({ desiredState: 'Stopped' });
    play.run(1);
    expect(play.tasks).toMatchObject([{ phase: 'Stopping' }]);
    play.living.clear();
    const from = play.calls.length;
    play.tell(destroyed('Delete Request')).run(120);
    expect(play.calls.slice(from)).toEqual([]);
    expect(play.ready).toBe('True Stopped');
    expect(play.tasks).toMatchObject([{ phase: 'Lost', stopAnswered: true }]);
    expect(held(play.resource).slots).toEqual([]);
  });

  it('while the delete is on its way the answer is waited for', () => {
    const play = running();
    const obliging = play.otherwise;
    play.otherwise = (action) => {
      if (action.type === 'delete') play.tell(destroyed('Delete Request'));
      return obliging(action);
    };
    play.edit({ desiredState: 'Stopped' });
    play.run(10);
    expect(eventsOf(play)).toEqual([]);
    expect(play.ready).toBe('True Stopped');
  });

  it('a delete of a process that died: when its deadline is over', () => {
    const play = running();
    play.script.delete = ['crash-after'];
    play.edit({ desiredState: 'Stopped' });
    play.run(1);
    play.living.clear();
    play.tell(destroyed('Delete Request')).run(10);
    expect(play.tasks).toMatchObject([{ phase: 'Stopping', intent: { call: 'delete' } }]);
    play.run(10);
    expect(play.tasks).toMatchObject([{ phase: 'Lost' }]);
    expect(changing(play.calls).filter(({ type }) => type === 'delete')).toHaveLength(1);
  });

  it('a deleted resource is released at once', () => {
    const play = running();
    play.script.delete = [failure('server'), failure('server'), failure('server')];
    play.delete();
    play.run(1);
    play.living.clear();
    play.tell(destroyed('Delete Request')).run(2);
    expect(play.released).toBe(true);
  });

  it('told again, or of another id, it changes nothing', () => {
    const play = destroyedBy('Internal Error');
    play.run(60);
    const { writes } = play;
    const calls = changing(play.calls).length;
    play
      .tell(destroyed('Internal Error'), { converterId: 'c1' })
      .tell(destroyed('Idle Timeout'), { converterId: 'c9' });
    play.run(60);
    expect(play.writes).toBe(writes);
    expect(changing(play.calls)).toHaveLength(calls);
    expect(play.ready).toBe('True Running');
  });

  it('a list that still shows it for a moment does not bring it back; one that goes on to does', () => {
    const play = destroyedBy('Internal Error');
    const living = play.rows;
    play.rows = () => [row({ id: 'c1' }), ...(living?.() ?? [])];
    play.run(20);
    expect(changing(play.calls).filter(({ type }) => type === 'delete')).toEqual([]);
    play.run(60);
    expect(changing(play.calls).filter(({ type }) => type === 'delete').length).toBeGreaterThan(0);
  });
});

describe('MP-28 a create whose answer was lost', () => {
  /** The create is lost, and no sweep comes. */
  function unresolved(how: 'lost' | 'crash-after' = 'lost'): Play {
    const play = new Play();
    play.script.create = [how === 'lost' ? lost : how];
    play.run(how === 'lost' ? 1 : 16);
    play.living.set('c7', row({ id: 'c7' }));
    expect(play.task).toMatchObject({ phase: 'Starting', mayHaveEffect: true });
    return play;
  }
  const createTs = (play: Play): number => Math.floor(play.now / 1_000);

  it.each(['lost', 'crash-after'] as const)('%s: the request ID in event 1 brings the id', (how) => {
    const play = unresolved(how);
    const requestId = how === 'lost' ? 'request' : 'r0';
    expect(play.task?.createRequestIds).toEqual([requestId]);
    play.tell(created, { converterId: 'C7', requestId, name: 'show68_vertical', createTs: createTs(play) }).run(5);
    expect(play.ready).toBe('True Running');
    expect(play.task).toMatchObject({ attempt: 1, converterId: 'c7' });
    expect(play.task).not.toHaveProperty('createRequestIds');
    expect(types(changing(play.calls))).toEqual(['create']);
    expect(eventsOf(play)).toEqual(['Normal StartResolved']);
  });

  it('also while its intent is open, after its deadline; the answer is waited for until then', () => {
    const play = new Play();
    play.script.create = ['crash-after'];
    play.run(1);
    play.living.set('c7', row({ id: 'c7' }));
    // What the process had told was lost with it; this comes to the next one.
    play.tell(created, { converterId: 'c7', requestId: 'r0' }).run(10);
    expect(play.task).toMatchObject({ phase: 'Starting', intent: { requestId: 'r0' } });
    play.run(10);
    expect(play.task).toMatchObject({ attempt: 1, converterId: 'c7' });
    for (const open of ['intent', 'mayHaveEffect', 'createRequestIds']) expect(play.task).not.toHaveProperty(open);
    expect(types(changing(play.calls))).toEqual(['create']);
  });

  it('not the name alone, where the notice names no request: the list says whether it is ours', () => {
    const named = { converterId: 'c7', name: 'show68_vertical' };
    const ours = unresolved().watched();
    ours.tell(created, { ...named, createTs: createTs(ours) }).run(10);
    expect(ours.ready).toBe('True Running');
    expect(ours.task).toMatchObject({ attempt: 1, converterId: 'c7' });

    const theirs = unresolved().watched();
    theirs.living.set('c7', row({ id: 'c7', rtmpUrl: 'rtmp://theirs.example.com/live' }));
    const from = theirs.calls.length;
    theirs.tell(created, { ...named, createTs: createTs(theirs) }).run(30);
    expect(theirs.tasks.map(({ converterId }) => converterId)).not.toContain('c7');
    expect(theirs.calls.slice(from)).toEqual([]);
  });

  it.each<[string, Parameters<Play['tell']>[1]]>([
    ['somebody else’s create of the name', { requestId: 'r-foreign', name: 'show68_vertical' }],
    ['another name', { name: 'other' }],
  ])('not by %s', (_name, more) => {
    const play = unresolved();
    play.tell(created, { converterId: 'c7', createTs: createTs(play), ...more }).run(1);
    expect(play.task).not.toHaveProperty('converterId');
  });

  it('not by an id that stands in another resource’s status', () => {
    const play = unresolved();
    play.owners['c7'] = 'RtmpConverter/media/other';
    play.tell(created, { converterId: 'c7', requestId: 'request' }).run(1);
    expect(play.task).not.toHaveProperty('converterId');
  });

  it('one that is not wanted any more is deleted', () => {
    const play = unresolved();
    play.delete();
    play.run(1);
    expect(play.released).toBe(false);
    play.tell(created, { converterId: 'c7', requestId: 'request' }).run(5);
    expect(types(changing(play.calls))).toEqual(['create', 'delete']);
    expect(play.living.has('c7')).toBe(false);
    expect(play.released).toBe(true);
  });

  it('one that was given up, and is named later, is deleted beside its successor', () => {
    const play = new Play();
    play.script.create = [lost];
    play.rows = () => [...play.living.values()].filter(({ id }) => id !== 'c7');
    play.run(60);
    const old = play.tasks.find(({ attempt }) => attempt === 1);
    expect(old?.converterId).not.toBe('c7');
    play.living.set('c7', row({ id: 'c7' }));
    play.tell(created, { converterId: 'c7', requestId: 'request' }).run(30);
    expect(play.ready).toBe('True Running');
    if (old?.phase === 'Lost') expect(play.living.has('c7')).toBe(false);
  });

  it('made and destroyed: the next one begins without a look', () => {
    const play = unresolved();
    play.living.clear();
    play
      .tell(created, { converterId: 'c7', requestId: 'request' })
      .tell(destroyed('Internal Error'), { converterId: 'c7' });
    play.run(60);
    expect(types(changing(play.calls))).toEqual(['create', 'create']);
    expect(play.ready).toBe('True Running');
  });

  it('destroyed before its answer was given up: it was the only one', () => {
    const play = new Play();
    play.script.create = ['crash-after'];
    play.run(16);
    play.tell(created, { converterId: 'c7', requestId: 'r0' });
    play.tell(destroyed('Internal Error'), { converterId: 'c7', at: play.now - seconds(14) }).run(10);
    expect(types(changing(play.calls))).toEqual(['create', 'create']);
  });

  it('of two creates the end of one says nothing of the other, until it is later than both', () => {
    const play = unresolved();
    const first = { ...play.task, createRequestIds: ['r-a', 'r-b'] } as NonNullable<Play['task']>;
    play.resource = { ...play.resource, status: { ...play.status, tasks: [first] } };
    const before = Date.parse(first.failures?.lastAt ?? '') - seconds(1);
    play.tell(created, { converterId: 'c7', requestId: 'r-a' });
    play.tell(destroyed('Internal Error'), { converterId: 'c7', at: before }).run(1);
    expect(play.tasks).toMatchObject([{ attempt: 1, phase: 'Starting' }]);
    play.tell(created, { converterId: 'c8', requestId: 'r-b' }).run(1);
    expect(play.task).toMatchObject({ attempt: 1, converterId: 'c8' });
  });
});

describe('MP-28 a notice causes a look, and the look is the truth', () => {
  it.each(['connecting', 'running', 'failed', 'recovering'])('3, state %s: a Get at once', (name) => {
    const play = running();
    const from = play.calls.length;
    const now = (play.now - Date.parse('2026-12-01T09:00:00.000Z')) / 1_000;
    play.tell(state(name)).run(30);
    expect(timed(play.calls.slice(from), now)).toEqual(['get@0']);
    expect(play.ready).toBe('True Running');
  });

  it('what the Get says counts: `failed` is the verdict at once', () => {
    const play = running();
    play.script.get = [{ call: 'get', state: 'failed' }];
    play.tell(state('failed')).run(1);
    expect(types(play.calls).slice(-3)).toEqual(['get', 'delete', 'create']);
  });

  it('confirms a new one sooner', () => {
    const play = new Play();
    play.pass();
    play.now += 1_000;
    play.tell(state('running')).run(0.5);
    expect(timed(play.calls)).toEqual(['create@0', 'get@1']);
    expect(play.ready).toBe('True Running');
  });

  it('2, an update that is not ours causes a Get, our own none', () => {
    const play = running();
    const from = play.calls.length;
    const own = play.task?.updateTs ?? 0;
    play.tell(updated, { updateTs: own }).run(1);
    expect(play.calls).toHaveLength(from);
    play.tell(updated, { updateTs: own + 5 }).run(1);
    expect(types(play.calls.slice(from))).toEqual(['get']);

    const updating = running();
    const before = updating.calls.length;
    const obliging = updating.otherwise;
    updating.otherwise = (action) => {
      // Event 2 overtakes the answer.
      if (action.type === 'update') updating.tell(updated, { updateTs: Math.floor(updating.now / 1_000) });
      return obliging(action);
    };
    updating.edit({ rtmpUrl: 'rtmp://cdn.example.com/live/other' });
    updating.run(5);
    expect(types(updating.calls.slice(before))).toEqual(['update']);
  });

  it('however many come, a Get every two seconds at most', () => {
    const play = running();
    const from = play.calls.length;
    for (let each = 0; each < 40; each += 1) play.tell(state('connecting')).run(0.25);
    expect(play.calls.length - from).toBeLessThanOrEqual(6);
  });

  it('MP-22 a task with strikes keeps its ladder, whatever is told', () => {
    const looks = (told: boolean): readonly string[] => {
      const play = running();
      play.rows = () => [];
      play.otherwise = (action) => (action.type === 'get' ? failure('not-found') : { call: 'deleteConverter' });
      for (let each = 0; each < 25; each += 1) {
        play.run(1);
        if (told && play.task?.failures !== undefined) play.tell(state('running'));
      }
      return timed(play.calls);
    };
    expect(looks(true)).toEqual(looks(false));
  });

  it('MP-7 one that was taken for lost and tells of its life is deleted, also where no list is read', () => {
    const play = running();
    const obliging = play.otherwise;
    play.rows = undefined;
    play.sweep = { ...play.sweep, refused: true };
    play.otherwise = (action) =>
      'converterId' in action && action.converterId === 'c1' ? failure('not-found') : obliging(action);
    play.run(400);
    expect(play.tasks[0]).toMatchObject({ attempt: 1, phase: 'Lost' });
    play.otherwise = obliging;
    play.tell(state('running'), { converterId: 'c1', at: play.now - minutes(20) }).run(1);
    expect(play.tasks[0]).toMatchObject({ attempt: 1, phase: 'Lost' });
    play.tell(state('running'), { converterId: 'c1' }).run(5);
    expect(types(changing(play.calls)).filter((type) => type === 'delete').length).toBeGreaterThan(1);
    expect(play.living.has('c1')).toBe(false);
    expect(play.ready).toBe('True Running');
  });
});

import { describe, expect, it } from 'vitest';
import { minutes, timestamp } from '../../../src/core/time.ts';
import type { RecordingTask } from '../../../src/kinds/recording/types.ts';
import { failure, projectSpec, T0 } from './builders.ts';
import { changing, type Ending, Play, running, timed } from './play.ts';

const lost = failure('lost');
const conflict = failure('task-conflict', { status: 400 });
const at = (afterSeconds: number): string => timestamp(T0 + afterSeconds * 1_000);

const listed = (play: Play, tasks: readonly RecordingTask[]): void => {
  if (play.project === undefined) throw new Error('no project');
  const entries = tasks.map((task) => ({
    uid: play.resource.metadata.uid,
    attempt: task.attempt,
    kind: 'WebPageRecording',
    name: 'keynote',
    appId: task.appId,
    region: task.region,
    why: 'why',
    since: timestamp(play.now),
  }));
  play.project = { ...play.project, leftBehind: entries };
};

describe('§5.7 order of wishes', () => {
  it('deleted comes before suspend: it is stopped and released', () => {
    const play = running();
    play.edit({ suspend: true }).delete();
    play.run(10);
    expect(play.released).toBe(true);
    expect(play.living.size).toBe(0);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop']);
  });

  it('suspend comes before Stopped: no call at all, Ready as it was', () => {
    const play = running();
    const { length } = play.calls;
    play.edit({ suspend: true, desiredState: 'Stopped' }).run(7_200);
    expect(play.calls).toHaveLength(length);
    expect(play.ready).toBe('True Suspended');
    expect(play.phases).toEqual(['1:Running']);
    expect(play.status.admission).toHaveLength(1);
    play.edit({ suspend: false }).run(10);
    expect(play.ready).toBe('True Stopped');
  });

  it('the project’s suspend does the same; it runs on unwatched and is watched again afterwards', () => {
    const play = running();
    const { length } = play.calls;
    play.editProject({ suspend: true }).run(3_600);
    expect(play.calls).toHaveLength(length);
    expect(play.message).toContain('AgoraProject live');
    play.editProject({ suspend: false }).run(300);
    expect(play.calls.length).toBeGreaterThan(length);
    expect(play.ready).toBe('True Running');
  });

  it('a waiting one leaves the queue when it is suspended', () => {
    const play = new Play();
    play.ledger = () => ({ why: 'wait', limit: 'full', position: 2 });
    play.run(10);
    expect(play.status.queue).toBeDefined();
    play.edit({ suspend: true }).run(10);
    expect(play.status.queue).toBeUndefined();
    expect(play.ready).toBe('False Suspended');
  });

  it('suspended between acquire and start: nothing is sent, and the slot is claimed again afterwards', () => {
    const play = new Play();
    play.otherwise = (action) => {
      if (action.type === 'acquire' && play.calls.length === 0) play.edit({ suspend: true });
      return play.oblige(action);
    };
    play.run(60);
    expect(changing(play.calls)).toEqual(['acquire']);
    play.edit({ suspend: false }).run(60);
    expect(play.ready).toBe('True Running');
    expect(play.status.admission).toHaveLength(1);
  });

  it('a start is never sent without its slot: one that an entry lost meanwhile is claimed anew', () => {
    const play = new Play();
    play.answers('start', 'not-sent');
    play.otherwise = (action) => {
      if (action.type === 'acquire') play.editProject({ suspend: true });
      return play.oblige(action);
    };
    play.run(30);
    expect(play.phases).toEqual(['1:Acquired']);
    expect(play.status.admission).toBeUndefined();
    play.ledger = () => ({ why: 'wait', limit: 'full', position: 1 });
    play.editProject({ suspend: false }).run(30);
    expect(changing(play.calls)).toEqual(['acquire']);
    expect(play.ready).toBe('False WaitingForSlot…');
    play.ledger = () => undefined;
    play.run(30);
    expect(play.ready).toBe('True Running');
  });
});

describe('§5.7 schedule', () => {
  it('claims and starts at startAt, not before; stops at stopAt, not later; then it is Completed', () => {
    const play = new Play({ schedule: { startAt: at(3_600), stopAt: at(7_200) } });
    play.run(3_599);
    expect(play.ready).toBe('True Scheduled');
    expect(play.claimed).toEqual([]);
    play.run(3_600);
    expect(play.ready).toBe('True Running');
    play.run(3_600);
    expect(timed(play.calls).filter((call) => !call.startsWith('query'))).toEqual([
      'acquire@3600',
      'start@3600',
      'stop@7200',
    ]);
    expect(play.ready).toBe('True Completed');
    expect(play.status.admission).toBeUndefined();
  });

  it('a window that ended before it ever ran is missed, also one that was waited out in the queue', () => {
    const past = new Play({ schedule: { stopAt: at(-1) } });
    past.run(60);
    expect(past.ready).toBe('False WindowMissed!');
    expect(past.calls).toEqual([]);

    const queued = new Play({ schedule: { startAt: at(10), stopAt: at(600) } });
    queued.ledger = () => ({ why: 'wait', limit: 'full', position: 1 });
    queued.run(599);
    expect(queued.ready).toBe('False WaitingForSlot…');
    queued.run(2);
    expect(queued.ready).toBe('False WindowMissed!');
    expect(queued.status.queue).toBeUndefined();
  });

  it('a new window runs again', () => {
    const play = new Play({ schedule: { stopAt: at(60) } });
    play.run(120);
    expect(play.ready).toBe('True Completed');
    play.edit({ schedule: { startAt: at(300), stopAt: at(600) } }).run(300);
    expect(play.ready).toBe('True Running');
    play.run(300);
    expect(play.ready).toBe('True Completed');
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop', 'acquire', 'start', 'stop']);
  });

  it('a task that was up only while it was confirmed at stopAt leaves nothing running', () => {
    const play = new Play({ schedule: { stopAt: at(3) } });
    play.run(30);
    expect(play.living.size).toBe(0);
    expect(play.tasks).toEqual([]);
  });
});

describe('§5.7 deletion', () => {
  it('stops, and releases only once the stop was answered', () => {
    const play = running();
    play.answers('stop', lost, lost).delete();
    play.run(5);
    expect(play.released).toBe(false);
    expect(play.ready).toBe('False Stopping…');
    play.run(60);
    expect(play.released).toBe(true);
  });

  it('before anything began: released at once', () => {
    const play = new Play().delete();
    play.pass();
    expect(play.released).toBe(true);
    expect(play.calls).toEqual([]);
  });

  it('Orphan: it runs on, an event tells its handles', () => {
    const play = running({ deletionPolicy: 'Orphan' });
    const { length } = play.calls;
    play.delete().run(10);
    expect(play.released).toBe(true);
    expect(play.calls).toHaveLength(length);
    expect(play.living.size).toBe(1);
    expect(play.events.at(-1)).toMatchObject({ reason: 'TaskOrphaned' });
    expect(play.events.at(-1)?.note).toContain('sid-R1');
  });

  it('an unresolved start is resolved, then stopped', () => {
    const play = new Play().answers('start', lost);
    play.pass();
    play.delete().run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'start', 'stop']);
    expect(play.released).toBe(true);
    const last = play.calls.flatMap(({ action }) => (action.type === 'start' ? [action] : [])).at(-1);
    expect(last?.onHold).toBe(true);
  });

  it('one that had no effect is forgotten: nothing is sent any more', () => {
    const play = new Play().answers('start', failure('no-worker'));
    play.pass();
    play.delete().run(60);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.released).toBe(true);
  });

  it('what cannot be stopped is handed to the project, and only then released', () => {
    const play = new Play().answers('start', conflict);
    play.run(60);
    play.delete().run(60);
    expect(play.phases).toEqual(['1:Unknown']);
    expect(play.released).toBe(false);
    listed(play, play.tasks);
    play.run(1);
    expect(play.released).toBe(true);
  });

  it('as long as another entry can be stopped the resource keeps all', () => {
    const play = new Play().answers('start', conflict);
    play.run(60);
    listed(play, play.tasks);
    play.answers('stop', lost).delete();
    play.run(3);
    expect(play.released).toBe(false);
    play.run(60);
    expect(play.released).toBe(true);
    expect(play.living.size).toBe(0);
  });

  it('no project listed it, but it has ended: released', () => {
    const play = new Play({ maxRecordingHour: 1 }).answers('start', conflict);
    play.run(1);
    play.delete().run(4_600);
    expect(play.released).toBe(true);
  });

  describe('no credentials', () => {
    const withoutCredentials = (): Play => {
      const play = running();
      play.project = { spec: projectSpec(), credentials: false, leftBehind: [] };
      play.delete();
      return play;
    };

    it('for ten minutes nothing is left behind, whatever the project lists; then what it lists', () => {
      const play = withoutCredentials();
      listed(play, play.tasks);
      play.run(599.999);
      expect(play.released).toBe(false);
      play.run(0.001);
      expect(play.released).toBe(true);
      expect(play.living.size).toBe(1);
    });

    it('a process waits them out itself: at its start a Secret may only not have been read yet', () => {
      const play = withoutCredentials();
      listed(play, play.tasks);
      play.now += minutes(30);
      play.restart();
      play.run(60);
      expect(play.released).toBe(false);
      play.project = { spec: projectSpec(), credentials: true, leftBehind: [] };
      play.run(60);
      expect(play.released).toBe(true);
      expect(play.living.size).toBe(0);
    });

    it('without a project nobody could remember it: it is kept until it has ended by itself', () => {
      const play = withoutCredentials();
      play.project = undefined;
      play.run(3_600);
      expect(play.released).toBe(false);
      play.run(4 * 3_600);
      expect(play.released).toBe(true);
    });
  });

  it('a start whose secrets are gone cannot be looked up: it is left to its end', () => {
    const play = new Play().answers('start', lost, ...Array<Ending>(3).fill(lost));
    play.pass();
    play.secrets = {};
    play.delete().run(60);
    expect(play.phases).toEqual(['1:Unknown']);
    expect(play.events).toContainEqual(expect.objectContaining({ reason: 'StartOutcomeUnknown' }));
  });
});

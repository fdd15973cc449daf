import { describe, expect, it } from 'vitest';
import { isUnresolved } from '../../../src/kinds/converter/held.ts';
import { failure, row, T0 } from './builders.ts';
import { changing, Play, running, types } from './play.ts';

const epoch = Math.floor(T0 / 1_000);

describe('design §5.7 wishes and deletion', () => {
  it('deleted: the converter is deleted, then the finalizer goes', () => {
    const play = running();
    play.delete();
    expect(types(changing(play.run(30)))).toEqual(['delete']);
    expect(play.released).toBe(true);
  });

  it('nothing was ever created: released at once, even without a project', () => {
    const play = new Play();
    play.project = undefined;
    play.run(1);
    expect(play.ready).toBe('False DependencyNotReady…');
    play.delete();
    play.run(1);
    expect(play.released).toBe(true);
  });

  it('a 404 to the delete is a look: not released before 120 s of silence and a sweep begun after them', () => {
    const play = running();
    play.otherwise = () => failure('not-found');
    play.living.clear();
    play.delete();
    play.run(119);
    expect(play.released).toBe(false);
    expect(play.ready).toBe('False Stopping…');
    play.run(40);
    expect(play.released).toBe(true);
  });

  it('silence without any complete sweep releases nothing, unless List is refused', () => {
    const play = running();
    play.otherwise = () => failure('not-found');
    play.rows = undefined;
    play.delete();
    play.run(600);
    expect(play.released).toBe(false);
    play.sweep = { ...play.sweep, refused: true };
    play.run(60);
    expect(play.released).toBe(true);
  });

  it('where List is refused the Gets alone must be silent for 120 s', () => {
    const play = running();
    play.otherwise = () => failure('not-found');
    play.rows = undefined;
    play.sweep = { ...play.sweep, refused: true };
    play.delete();
    play.run(119);
    expect(play.released).toBe(false);
    play.run(32);
    expect(play.released).toBe(true);
  });

  it('an unresolved create is found by its name and deleted', () => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    play.run(1);
    play.delete();
    play.rows = () => (play.calls.some((call) => call.type === 'delete') ? [] : [row({ id: 'ab', createTs: epoch })]);
    expect(types(play.run(30))).toEqual(['delete']);
    expect(play.calls.at(-1)?.action).toMatchObject({ converterId: 'ab' });
    expect(play.released).toBe(true);
  });

  it('an unresolved create that nothing shows is concluded gone after 120 s of sweeps', () => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    play.run(1);
    play.delete();
    play.rows = () => [];
    play.run(115);
    expect(play.released).toBe(false);
    expect(isUnresolved(play.status)).toBe(true);
    play.run(15);
    expect(play.released).toBe(true);
    expect(types(play.calls)).toEqual(['create']);
  });

  it('an unresolved create where List is refused is left behind, once the project lists it', () => {
    const play = new Play();
    play.script = { create: [failure('lost')] };
    play.run(1);
    play.sweep = { ...play.sweep, refused: true };
    play.delete();
    play.run(600);
    expect(play.released).toBe(false);
    expect(play.tasks).toMatchObject([{ phase: 'Unknown', attempt: 1 }]);
    listLeft(play, 'someone-else');
    play.run(60);
    expect(play.released).toBe(false);
    listLeft(play, 'uid-vertical');
    play.run(60);
    expect(play.released).toBe(true);
    expect(play.events.map((event) => event.reason)).toContain('TaskLeftBehind');
  });

  it('no credentials for ten minutes: left behind, not before', () => {
    const play = running();
    if (play.project !== undefined) play.project.credentials = false;
    play.delete();
    listLeft(play, 'uid-vertical');
    play.run(599);
    expect(play.released).toBe(false);
    play.run(2);
    expect(play.released).toBe(true);
    expect(types(changing(play.calls))).toEqual(['create']);
  });

  it('Orphan: released without a call, the handles told once more', () => {
    const play = running({ deletionPolicy: 'Orphan' });
    play.delete();
    expect(play.run(10)).toEqual([]);
    expect(play.released).toBe(true);
    const orphaned = play.events.find((event) => event.reason === 'TaskOrphaned');
    expect(orphaned?.note).toContain('c1');
    expect(orphaned?.note).toContain('show68_vertical');
  });

  it('suspended, by resource or project: no call at all, Ready stays as it was', () => {
    const play = running();
    play.edit({ suspend: true });
    play.rows = () => [];
    expect(play.run(300)).toEqual([]);
    expect(play.ready).toBe('True Suspended');
    play.edit({ suspend: false });
    if (play.project !== undefined) play.project.spec = { ...play.project.spec, suspend: true };
    expect(play.run(300)).toEqual([]);
    expect(play.message).toContain('AgoraProject');
  });

  it('Stopped and Running again', () => {
    const play = running();
    play.edit({ desiredState: 'Stopped' });
    expect(types(changing(play.run(30)))).toEqual(['delete']);
    expect(play.ready).toBe('True Stopped');
    expect(play.status.admission).toBeUndefined();
    play.edit({ desiredState: 'Running' });
    expect(types(changing(play.run(30)))).toEqual(['create']);
    expect(play.ready).toBe('True Running');
  });

  it('a stop that was not sent changes nothing for a resource that is wanted again', () => {
    const play = running();
    play.script = { delete: ['not-sent'] };
    play.edit({ desiredState: 'Stopped' });
    const otherwise = play.otherwise;
    play.otherwise = (action) => {
      if (action.type !== 'delete') return otherwise(action);
      play.edit({ desiredState: 'Running' });
      return 'not-sent';
    };
    play.script = {};
    play.run(30);
    expect(changing(play.calls)).toHaveLength(1);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running' });
    expect(play.ready).toBe('True Running');
  });

  it('a window: Scheduled, then running from startAt, then Completed; one that never ran is missed', () => {
    const schedule = { startAt: '2026-12-01T09:10:00Z', stopAt: '2026-12-01T09:20:00Z' };
    const play = new Play({ schedule }).watched();
    expect(play.run(599)).toEqual([]);
    expect(play.ready).toBe('True Scheduled');
    expect(play.status.admission).toBeUndefined();
    play.run(300);
    expect(play.ready).toBe('True Running');
    play.run(400);
    expect(play.ready).toBe('True Completed');
    const missed = new Play({ schedule: { startAt: '2026-12-01T07:00:00Z', stopAt: '2026-12-01T08:00:00Z' } });
    missed.run(10);
    expect(missed.ready).toBe('False WindowMissed!');
  });
});

function listLeft(play: Play, uid: string): void {
  if (play.project === undefined) return;
  const entry = {
    uid,
    attempt: 1,
    kind: 'RtmpConverter' as const,
    name: 'vertical',
    appId: 'a',
    region: 'eu' as const,
    why: 'x',
    since: '2026-12-01T09:00:00Z',
  };
  play.project.leftBehind = [entry];
}

import { describe, expect, it } from 'vitest';
import { hours, minutes, timestamp } from '../../../src/core/time.ts';
import { projectKind } from '../../../src/kinds/project/kind.ts';
import { T0 } from '../recording/builders.ts';
import { member, ProjectPlay, row, task } from './play.ts';

const unknown = task({
  phase: 'Unknown',
  name: undefined,
  converterId: undefined,
  cname: 'media-keynote',
  uid: '77',
  resourceId: 'R1',
  endsAt: timestamp(T0 + hours(4)),
  reason: 'it was not answered',
});
const page = (more: Parameters<typeof member>[0] = {}): ReturnType<typeof member> =>
  member({ kind: 'WebPageRecording', name: 'keynote', deletedAt: T0, tasks: [unknown], ...more });

describe('§5.7 what is left behind', () => {
  it('copies the entries of a deleting resource that cannot be stopped: handles, end, why; one Warning', () => {
    const play = new ProjectPlay();
    play.members = [page()];
    play.run(600);
    expect(play.status.leftBehind).toEqual([
      {
        uid: 'uid-keynote',
        attempt: 1,
        kind: 'WebPageRecording',
        name: 'keynote',
        appId: '0123456789abcdef0123456789abcdef',
        region: 'eu',
        class: 'SD',
        cname: 'media-keynote',
        taskUid: '77',
        resourceId: 'R1',
        endsAt: timestamp(T0 + hours(4)),
        why: 'it was not answered',
        since: timestamp(T0),
      },
    ]);
    expect(play.events).toHaveLength(1);
    expect(play.events[0]).toMatchObject({ type: 'Warning', reason: 'TaskLeftBehind' });
    expect(projectKind.held(play.project).slots).toMatchObject([{ service: 'recording', region: 'eu', class: 'SD' }]);
  });

  it('not those of a resource that lives on, nor of one that can still stop another', () => {
    const play = new ProjectPlay();
    const { deletionTimestamp: _deleted, ...metadata } = page().metadata;
    play.members = [
      { ...page(), metadata },
      page({ name: 'two', tasks: [unknown, task({ attempt: 2, phase: 'Stopping', sid: 's' })] }),
    ];
    play.run(60);
    expect(play.status.leftBehind).toBeUndefined();
  });

  it('is kept when the resource is gone, until endsAt by both clocks', () => {
    const play = new ProjectPlay();
    play.members = [page()];
    play.run(1);
    play.members = [];
    play.run(4 * 3_600 - 10);
    expect(play.status.leftBehind).toHaveLength(1);
    play.wallAheadMs = 3_600_000;
    play.run(600);
    expect(play.status.leftBehind).toHaveLength(1);
    play.wallAheadMs = 0;
    play.run(61);
    expect(play.status.leftBehind).toBeUndefined();
    expect(projectKind.held(play.project).slots).toEqual([]);
  });

  it('without credentials for ten minutes: all that may live', () => {
    const play = new ProjectPlay();
    play.credentials = false;
    play.members = [page({ tasks: [task({ phase: 'Running', sid: 's1' }), task({ attempt: 2, phase: 'Lost' })] })];
    play.run(590);
    expect(play.status.leftBehind).toBeUndefined();
    play.run(71);
    expect(play.status.leftBehind?.map((entry) => entry.attempt)).toEqual([1]);
  });

  it('a process that just began waits itself, whenever the deletion was', () => {
    const play = new ProjectPlay();
    play.credentials = false;
    play.members = [page({ deletedAt: T0 - hours(5), tasks: [task({ sid: 's1' })] })];
    play.run(590);
    expect(play.status.leftBehind).toBeUndefined();
  });

  it('what was stopped after all, while its resource is still there, is listed no more', () => {
    const play = new ProjectPlay();
    play.credentials = false;
    play.members = [page({ tasks: [task({ sid: 's1' })] })];
    play.run(700);
    expect(play.status.leftBehind).toHaveLength(1);
    play.credentials = true;
    play.members = [page({ tasks: [] })];
    play.run(61);
    expect(play.status.leftBehind).toBeUndefined();
  });

  it('a converter is over when complete sweeps begun for 120 s have lacked it', () => {
    const play = new ProjectPlay();
    play.credentials = false;
    play.members = [member({ deletedAt: T0, tasks: [task()] })];
    play.run(700);
    play.credentials = true;
    play.members = [];
    play.otherwise = () => ({ rows: play.now < T0 + minutes(20) ? [row('C1')] : [] });
    play.run(580);
    expect(play.status.leftBehind).toHaveLength(1);
    play.run(200);
    expect(play.status.leftBehind).toBeUndefined();
    // No converter, nothing left: no sweep.
    expect(play.run(600)).toEqual([]);
  });

  it('never more than a status holds; the rest keep their resources', () => {
    const play = new ProjectPlay();
    play.members = Array.from({ length: 300 }, (_, index) => page({ name: `page-${index}` }));
    play.run(60);
    expect(play.status.leftBehind).toHaveLength(256);
  });
});

describe('§5.7 a project being deleted', () => {
  it('waits for its resources, and names them', () => {
    const play = new ProjectPlay();
    play.members = [member({ kind: 'WebPageRecording' })];
    play.delete().run(600);
    expect(play.released).toBe(false);
    expect(play.ready).toBe('False InUse');
    play.members = [];
    play.run(1);
    expect(play.released).toBe(true);
    expect(play.events).toEqual([]);
  });

  it('tells what may still live when it goes', () => {
    const play = new ProjectPlay();
    play.members = [page()];
    play.run(1);
    play.members = [];
    play.delete().run(1);
    expect(play.released).toBe(true);
    expect(play.events.at(-1)).toMatchObject({ reason: 'TasksLeftBehind', type: 'Warning' });
  });
});

import { describe, expect, it } from 'vitest';
import { failure, T0 } from '../recording/builders.ts';
import { type Ending, member, ProjectPlay, row, task } from './play.ts';

const withConverter = (): ProjectPlay => {
  const play = new ProjectPlay();
  play.members = [member({ tasks: [task()] })];
  return play;
};

const unresolved = task({ phase: 'Starting', converterId: undefined, mayHaveEffect: true });

describe('§5.6 the list sweep', () => {
  it('every 30 s while there are converters', () => {
    expect(withConverter().run(120)).toEqual([0, 30, 60, 90, 120]);
  });

  it('not without converters, nor while the project is suspended', () => {
    const none = new ProjectPlay();
    none.members = [member({ kind: 'WebPageRecording' })];
    expect(none.run(600)).toEqual([]);
    const suspended = new ProjectPlay({ suspend: true });
    suspended.members = [member()];
    expect(suspended.run(600)).toEqual([]);
    // §5.7: what is being deleted comes before suspend, and its open create is found by a sweep only.
    suspended.members = [member({ deletedAt: T0 })];
    expect(suspended.run(60).length).toBeGreaterThan(0);
  });

  it('every 5 s while a create is unresolved', () => {
    const play = new ProjectPlay();
    play.members = [member({ tasks: [unresolved] })];
    expect(play.run(20)).toEqual([0, 5, 10, 15, 20]);
  });

  it('at most 15 lists in any minute, pages counted', () => {
    const play = new ProjectPlay();
    play.members = [member({ tasks: [unresolved] })];
    let page = 0;
    play.otherwise = () => ((page += 1) % 4 === 0 ? { rows: [] } : { rows: [], nextCursor: `p${page}` });
    const at = play.run(600);
    for (const first of at)
      expect(at.filter((each) => each >= first && each < first + 60).length).toBeLessThanOrEqual(15);
    expect(at.length).toBeGreaterThan(120);
  });

  it('a project’s own figure holds', () => {
    const play = new ProjectPlay({ limits: { mixedResolution: 'Nested', converter: { listsPerMinute: 1 } } });
    play.members = [member()];
    expect(play.run(130)).toEqual([0, 60, 120]);
  });

  it('pages are read on with the cursor; the sweep began with the first page', () => {
    const play = withConverter();
    play.script = [{ rows: [row('a')], nextCursor: 'two' }, { rows: [row('B')], nextCursor: 'three' }, { rows: [] }];
    play.pass();
    expect(play.calls.map(({ action }) => action.cursor)).toEqual([undefined, 'two', 'three']);
    expect([...play.observation.sweep.rows.keys()]).toEqual(['a', 'b']);
    expect(play.observation.sweep.begunAt).toBe(T0);
  });

  it('a sweep that breaks off never counts, and is begun anew from its first page', () => {
    const play = withConverter();
    play.otherwise = () => ({ rows: [row('a')] });
    play.run(1);
    play.script = [{ rows: [], nextCursor: 'two' }, failure('server')];
    play.run(30);
    expect([...play.observation.sweep.rows.keys()]).toEqual(['a']);
    expect(play.observation.sweep.begunAt).toBe(T0);
    play.run(10);
    expect(play.calls.at(-1)?.action.cursor).toBeUndefined();
    expect(play.observation.sweep.begunAt).toBeGreaterThan(T0 + 30_000);
  });

  it('a list that never ends keeps to its rate and never counts', () => {
    const play = withConverter();
    play.otherwise = () => ({ rows: [row('a')], nextCursor: 'again' });
    const at = play.run(600);
    expect(at.length).toBeLessThanOrEqual(165);
    expect(play.observation.sweep.begunAt).toBeUndefined();
    expect(play.observation.pages?.rows.length ?? 0).toBeLessThan(20);
  });

  it('failures back off, and stop nothing but the sweep', () => {
    const play = withConverter();
    play.otherwise = () => failure('server');
    expect(play.run(180)).toEqual([0, 5, 15, 30, 60, 120, 180]);
    const network = withConverter();
    network.otherwise = () => failure('dns');
    expect(network.run(180)).toEqual([0, 5, 15, 30, 60, 120, 180]);
  });

  it('one that was not sent is asked again, nothing counted', () => {
    const play = withConverter();
    play.script = ['not-sent'];
    expect(play.run(1)).toEqual([0.1]);
    expect(play.observation.failures).toBeUndefined();
  });

  it.each(['entitlement', 'no-route', 'not-found', 'parameter'] as const)(
    'List refused (%s): converters are told, it is asked seldom',
    (kind) => {
      const play = withConverter();
      const refusals: Ending[] = Array<Ending>(3).fill(failure(kind, { status: 403 }));
      play.script = refusals;
      expect(play.run(1_800)).toContain(0);
      expect(play.calls.slice(0, 4).map((call) => call.at)).toEqual([0, 600, 1200, 1800]);
      expect(play.observation.sweep.refused).toBe(false);
      const still = withConverter();
      still.otherwise = () => failure(kind, { status: 403 });
      still.run(60);
      expect(still.observation.sweep.refused).toBe(true);
    },
  );

  it('lastSeenAt is kept for ids that vanish', () => {
    const play = withConverter();
    play.script = [{ rows: [row('a')] }];
    play.run(59);
    expect(play.observation.sweep.rows.size).toBe(0);
    expect(play.observation.sweep.lastSeenAt.get('a')).toBe(T0);
    play.run(900);
    expect(play.observation.sweep.lastSeenAt.size).toBe(0);
  });

  it('wakes those whose row changed, appeared or vanished, and those with an open create', () => {
    const play = new ProjectPlay();
    play.members = [
      member({ name: 'steady', tasks: [task({ converterId: 'c1' })] }),
      member({ name: 'moves', tasks: [task({ converterId: 'C2' })] }),
      member({ name: 'vanishes', tasks: [task({ converterId: 'c3' })] }),
      member({ name: 'open', tasks: [unresolved] }),
      member({ kind: 'WebPageRecording', name: 'page', tasks: [] }),
    ];
    play.script = [{ rows: [row('c1'), row('c2'), row('c3')] }, { rows: [row('c1'), row('c2', { updateTs: 2 })] }];
    play.run(6);
    const keys = (wakes: (typeof play.wakes)[number] | undefined): readonly string[] =>
      (wakes ?? []).map(({ key }) => key.split('/')[2] ?? '');
    expect(keys(play.wakes[1])).toEqual(['moves', 'vanishes', 'open']);
  });
});

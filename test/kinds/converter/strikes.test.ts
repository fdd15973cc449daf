import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../../src/agora/answer.ts';
import { failure, row, T0 } from './builders.ts';
import { changing, type Ending, type Play, running, types } from './play.ts';

/** A converter that runs until now, and is gone from then on. */
function vanishing(spec: Parameters<typeof running>[0] = {}, answer: Ending = failure('not-found')): Play {
  const play = running(spec);
  play.rows = () => [...play.living.values()].filter((each) => each.id !== 'c1');
  const obliging = play.otherwise;
  play.otherwise = (action) => {
    const about = 'converterId' in action && action.converterId === 'c1';
    if (about && action.type === 'get') return answer;
    return about && action.type === 'delete' ? failure('not-found') : obliging(action);
  };
  return play;
}

const gaps = (calls: readonly { readonly at: number }[]): readonly number[] =>
  calls.slice(1).map((call, index) => call.at - (calls[index]?.at ?? 0));

describe('MP-22 strikes', () => {
  it('the first bad answer, then looks after 5–6, 10–11 and 15–16 s; the verdict falls with the third', () => {
    const play = vanishing();
    const calls = play.run(60);
    const looks = calls.slice(
      0,
      calls.findIndex((call) => call.type === 'delete'),
    );
    expect(types(looks)).toEqual(['get', 'get', 'get', 'get']);
    for (const [index, from] of [5, 10, 15].entries()) {
      expect(gaps(looks)[index]).toBeGreaterThanOrEqual(from);
      expect(gaps(looks)[index]).toBeLessThanOrEqual(from + 1);
    }
  });

  it('three bad answers are no verdict; while they come, the task is only suspected', () => {
    const play = vanishing();
    play.run(5);
    const first = play.calls.at(-1)?.at ?? 0;
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    const until = (second: number): void => void play.run(first + second - (play.now - T0) / 1_000);
    until(29);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running', failures: { count: 3 } });
    until(34);
    expect(play.task?.attempt).toBe(2);
  });

  it('a good answer in between clears them', () => {
    const play = running();
    play.rows = () => [];
    play.script = {
      get: [failure('not-found'), failure('not-found'), failure('not-found'), { call: 'get', state: 'running' }],
    };
    play.run(40);
    expect(changing(play.calls)).toHaveLength(1);
    expect(play.ready).toBe('True Running');
    expect(play.task?.failures).toBeUndefined();
  });

  it('`failed` is a verdict at once; from a sweep it is confirmed by a Get first', () => {
    const play = running();
    play.rows = () => [row({ id: 'c1', state: 'failed' })];
    play.script = { get: [{ call: 'get', state: 'failed' }] };
    const calls = play.run(14);
    expect(types(calls).slice(0, 2)).toEqual(['get', 'delete']);
    expect((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0)).toBe(0);
    expect(play.events.some((event) => event.reason === 'TaskFailed')).toBe(true);
  });

  it('`failed` in a sweep alone is no verdict', () => {
    const play = running();
    play.rows = () => [row({ id: 'c1', state: 'failed' })];
    expect(new Set(types(play.run(60)))).toEqual(new Set(['get']));
    expect(play.ready).toBe('True Running');
  });

  it.each(['server', 'lost', 'gateway-timeout', 'dns', 'refused', 'throttle'] as const)(
    '%s for ever counts against the API: nothing is written, stopped or created',
    (kind) => {
      const play = running();
      play.rows = undefined;
      play.otherwise = () => failure(kind);
      const { writes } = play;
      const before = play.status;
      const calls = play.run(3_600);
      expect(changing(calls)).toEqual([]);
      expect(calls.length).toBeGreaterThan(5);
      expect(calls.length).toBeLessThan(90);
      expect(play.writes).toBe(writes);
      expect(play.status).toEqual(before);
      expect(play.ready).toBe('True Running');
    },
  );

  it('5xx are strikes where other calls of the App ID succeed and no sweep shows it running', () => {
    const play = vanishing({}, failure('server'));
    const spoken = play.otherwise;
    play.otherwise = (action) => {
      play.health = { lastGoodAt: play.now };
      return spoken(action);
    };
    expect(types(changing(play.run(60)))).toContain('delete');
  });

  it('5xx are no strikes while the sweeps show it running', () => {
    const play = running();
    play.otherwise = () => {
      play.health = { lastGoodAt: play.now };
      return failure('server');
    };
    play.request('look');
    play.run(600);
    expect(changing(play.calls)).toHaveLength(1);
    expect(play.ready).toBe('True Running');
  });
});

describe('MP-6 replaceAfter', () => {
  it('MigrationWindow waits out 120 s before the verdict', () => {
    const play = vanishing({ replaceAfter: 'MigrationWindow' });
    const calls = play.run(200);
    const looks = calls.slice(
      0,
      calls.findIndex((call) => call.type === 'delete'),
    );
    const span = (looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0);
    expect(span).toBeGreaterThanOrEqual(120);
    expect(span).toBeLessThanOrEqual(136);
  });

  it('MigrationWindow: a task that returns within it is not touched', () => {
    const play = vanishing({ replaceAfter: 'MigrationWindow' });
    play.run(100);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    play.watched();
    play.otherwise = () => ({ call: 'get', state: 'running' });
    play.run(30);
    expect(play.ready).toBe('True Running');
    expect(types(changing(play.calls))).toEqual(['create']);
  });

  it('MigrationWindow waits with `failed`, too', () => {
    const play = vanishing({ replaceAfter: 'MigrationWindow' }, { call: 'get', state: 'failed' });
    play.run(110);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    expect(types(changing(play.run(60)))).toContain('delete');
  });
});

describe('MP-7 a converter that has failed is deleted and created again', () => {
  it('under the same name, once the delete was answered', () => {
    const play = vanishing();
    const calls = changing(play.run(60));
    expect(types(calls)).toEqual(['delete', 'create']);
    expect(calls[1]?.action).toMatchObject({ name: 'show68_vertical', attempt: 2 });
    expect(play.tasks).toMatchObject([{ attempt: 1, phase: 'Stopping' }, { attempt: 2 }]);
    expect(play.status.restarts?.count).toBe(1);
  });

  it('not before the delete was answered', () => {
    const play = vanishing();
    const spoken = play.otherwise;
    play.otherwise = (action) => (action.type === 'delete' ? failure('server') : spoken(action));
    play.run(300);
    expect(types(changing(play.calls)).filter((type) => type === 'create')).toHaveLength(1);
    expect(play.ready).toBe('False Recovering…');
  });

  it('a 404 to the delete is a look: concluded gone after 120 s of silence, at least four looks and a later sweep', () => {
    const play = vanishing();
    play.run(60);
    const old = (): string | undefined => play.tasks.find((task) => task.attempt === 1)?.phase;
    const since = Date.parse(play.tasks[0]?.missingSince ?? '');
    play.run((since + 119_000 - play.now) / 1_000);
    expect(old()).toBe('Stopping');
    play.run(60);
    expect(old()).toBe('Lost');
    play.run(600);
    expect(old()).toBeUndefined();
    expect(play.ready).toBe('True Running');
  });

  it('silence needs the sweeps: one that still lists it, and it is deleted again', () => {
    const play = vanishing();
    play.run(60);
    play.rows = () =>
      [...play.living.values(), row({ id: 'c1', state: 'connecting' })].filter(
        (each, index, all) => all.findIndex((one) => one.id === each.id) === index,
      );
    const calls = play.run(300);
    expect(calls.filter((call) => call.type === 'delete').length).toBeGreaterThan(1);
    expect(play.tasks.find((task) => task.attempt === 1)?.phase).toBe('Stopping');
  });

  it('one concluded gone that is listed again is deleted again', () => {
    const play = vanishing();
    play.run(260);
    expect(play.tasks[0]?.phase).toBe('Lost');
    play.rows = () => [...play.living.values(), row({ id: 'c1' })];
    play.living.delete('c1');
    expect(types(changing(play.run(60)))).toContain('delete');
  });

  it('design §5.5: re-creations are spaced by 10, 20, 40 … and bounded within an hour', () => {
    const play = running({ maxStartsPerHour: 4 });
    play.otherwise = (action) => {
      if (action.type === 'create') return { call: 'create', id: `x${play.calls.length}`, state: 'connecting' };
      if (action.type === 'get') return { call: 'get', state: 'failed' };
      return { call: 'deleteConverter' };
    };
    play.rows = () => [];
    play.run(900);
    const creates = play.calls.filter((call) => call.type === 'create');
    expect(creates).toHaveLength(4);
    expect(
      gaps(creates)
        .slice(1)
        .map((gap) => gap > 19),
    ).toEqual([true, true]);
    expect(play.ready).toBe('False StartBudgetExhausted!');
    play.request('again');
    expect(types(changing(play.run(60)))).toContain('create');
  });

  it('restartPolicy Never: it is deleted and not created again', () => {
    const play = vanishing({ restartPolicy: 'Never' });
    expect(types(changing(play.run(600)))).toEqual(['delete']);
    expect(play.ready).toBe('False TaskEnded!');
  });

  it('an old one that returns keeps the name: the create’s 409 is waited out, never adopted', () => {
    const play = vanishing();
    const spoken = play.otherwise;
    let back = false;
    play.otherwise = (action) => {
      if (action.type === 'delete' && back) back = false;
      if (action.type === 'create' && !play.calls.some((call) => call.type === 'create' && call.at > 20)) back = true;
      if (action.type === 'create' && back) return failure('name-taken');
      if (action.type === 'get' && action.converterId === 'c1' && back) return { call: 'get', state: 'running' };
      return spoken(action);
    };
    const gone = play.rows;
    play.rows = () => (back ? [row({ id: 'c1' })] : (gone?.() ?? []));
    play.run(200);
    expect(play.task).toMatchObject({ attempt: 2, name: 'show68_vertical' });
    expect(play.task?.converterId).not.toBe('c1');
    expect(play.ready).toBe('True Running');
  });

  it('design §5.4: a name still refused 120 s after the delete is given up for the next; the old entry is Unknown', () => {
    const play = vanishing();
    const spoken = play.otherwise;
    play.otherwise = (action) => {
      if (action.type === 'create' && action.name === 'show68_vertical') return failure('name-taken');
      return action.type === 'delete' ? { call: 'deleteConverter' } : spoken(action);
    };
    const gone = play.rows;
    play.rows = () => [row({ id: 'c1' }), ...(gone?.() ?? [])];
    const from = play.run(180).find((call) => call.type === 'delete')?.at ?? 0;
    expect(play.calls.some((call) => call.action.type === 'create' && call.action.name !== 'show68_vertical')).toBe(
      false,
    );
    play.run(120);
    const renamed = play.calls.find(
      (call) => call.action.type === 'create' && call.action.name === 'show68_vertical-r2',
    );
    expect((renamed?.at ?? 0) - from).toBeGreaterThanOrEqual(120);
    expect(play.task).toMatchObject({ name: 'show68_vertical-r2', attempt: 2 });
    expect(play.events.map((event) => event.reason)).toContain('NameStillTaken');
  });

  it('MP-1 without a slot for both the name is waited for on, and its freedom found', () => {
    const play = vanishing();
    const spoken = play.otherwise;
    let taken = true;
    play.otherwise = (action) => {
      if (action.type === 'create' && action.name === 'show68_vertical' && taken) return failure('name-taken');
      return spoken(action);
    };
    play.ledger = ({ slots }) =>
      slots.length > 1 ? { why: 'wait', limit: 'converter eu SD: 1 of 1 in use', position: 1 } : undefined;
    const gone = play.rows;
    play.rows = () => [...(taken ? [row({ id: 'c1' })] : []), ...(gone?.() ?? [])];
    play.run(600);
    expect(play.message).toBe(
      'the name show68_vertical is still held by converter c1, which was deleted; for another name beside it: waits for converter eu SD: 1 of 1 in use',
    );
    taken = false;
    play.run(60);
    const names = play.calls.flatMap(({ action }) => (action.type === 'create' ? [action.name] : []));
    expect(new Set(names)).toEqual(new Set(['show68_vertical']));
    expect(play.ready).toBe('True Running');
  });
});

describe('design §5.6 observation is cheap', () => {
  it('a steady task causes no write, and one Get an hour', () => {
    const play = running();
    const { writes } = play;
    const calls = play.run(4 * 3_600);
    expect(types(calls)).toEqual(['get', 'get', 'get', 'get']);
    expect(play.writes).toBe(writes);
  });

  it('absence in a sweep causes a Get, never a verdict', () => {
    const play = running();
    play.rows = () => [];
    const calls = play.run(60);
    expect(new Set(types(calls))).toEqual(new Set(['get']));
    expect(play.ready).toBe('True Running');
  });

  it('absence in a sweep that began before the last good answer causes nothing', () => {
    const play = running();
    play.rows = undefined;
    play.list([]);
    play.now += 1;
    play.request('look');
    expect(types(play.run(1))).toEqual(['get']);
    expect(play.run(60)).toEqual([]);
  });

  it('a changed updateTs causes one Get', () => {
    const play = running();
    const [old] = [...play.living.values()];
    play.rows = () => (old === undefined ? [] : [{ ...old, updateTs: (old.updateTs ?? 0) + 7 }]);
    play.otherwise = () => ({ call: 'get', state: 'running', updateTs: (old?.updateTs ?? 0) + 7 });
    expect(types(play.run(60))).toEqual(['get']);
  });

  it('where List is refused one Get a minute, each resource at its own phase', () => {
    const play = running();
    play.rows = undefined;
    play.sweep = { ...play.sweep, refused: true };
    const calls = play.run(600);
    expect(calls.length).toBeGreaterThanOrEqual(10);
    expect(calls.length).toBeLessThanOrEqual(11);
    expect(Math.max(...gaps(calls))).toBeCloseTo(60);
  });

  it('after a restart nothing observed yet changes no condition and causes no call', () => {
    const play = running();
    play.crash();
    play.rows = undefined;
    play.sweep = { rows: new Map(), lastSeenAt: new Map(), refused: false };
    const before = play.status;
    expect(play.run(60)).toEqual([]);
    expect(play.status).toEqual(before);
  });

  it('a reconcile request causes one Get, once', () => {
    const play = running();
    play.request('one');
    expect(types(play.run(5))).toEqual(['get']);
    expect(play.status.lastHandledReconcileAt).toBe('one');
    play.request('two');
    expect(types(play.run(5))).toEqual(['get']);
  });
});

describe('design §5.3 the project’s state', () => {
  const REFUSED: readonly FailureKind[] = ['credential', 'entitlement', 'account'];
  it.each(REFUSED)('%s: no call, and what runs keeps its conditions', (kind) => {
    const play = running();
    play.health = { refused: { kind, message: 'no', at: play.now, probeAt: play.now + 300_000 } };
    play.rows = () => [];
    expect(play.run(290)).toEqual([]);
    expect(play.ready).toBe('True Running');
  });

  it('missing credentials: what runs keeps its conditions; what is to be started waits', () => {
    const play = running();
    if (play.project !== undefined) play.project.credentials = false;
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('True Running');
    play.edit({ rtmpUrl: 'rtmp://cdn.example.com/other' });
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('False DependencyNotReady…');
  });
});

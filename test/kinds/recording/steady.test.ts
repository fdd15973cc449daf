import { describe, expect, it } from 'vitest';
import { failure } from './builders.ts';
import { changing, type Ending, Play, running } from './play.ts';

const notFound = failure('not-found', { status: 404 });

describe('§5.6 observation is cheap', () => {
  it('a steady recording is asked every two minutes, at a phase of its own', () => {
    const play = running();
    const from = play.calls.length;
    play.run(3_600);
    const at = play.calls.slice(from).map((call) => call.at);
    expect(at).toHaveLength(30);
    expect(new Set(at.map((each) => +(each % 120).toFixed(3))).size).toBe(1);
  });

  it('also after a restart', () => {
    const play = running();
    play.run(600);
    const phase = (play.calls.at(-1)?.at ?? 0) % 120;
    const from = play.calls.length;
    play.restart().run(600);
    const after = play.calls.slice(from).map((call) => call.at);
    expect(after).toHaveLength(5);
    for (const each of after) expect(each % 120).toBeCloseTo(phase, 3);
  });

  it('unless the status says that it is not steady: then at once', () => {
    const play = running();
    play.answers('query', notFound);
    while (play.ready === 'True Running') play.run(1);
    play.run(2);
    const from = play.calls.length;
    const answers = Array<Ending>(1).fill(notFound);
    play.answers('query', ...answers).restart();
    play.run(4);
    expect(play.calls.length - from).toBe(1);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
  });

  it('hours of steady running, and restarts, write nothing', () => {
    const play = running();
    const before = JSON.stringify(play.status);
    const { writes } = play;
    for (let hour = 0; hour < 3; hour += 1) {
      play.run(3_600);
      play.restart();
    }
    expect(JSON.stringify(play.status)).toBe(before);
    expect(play.writes).toBe(writes);
  });

  it('nor do hours of being stopped, on hold, suspended or stalled', () => {
    const plays = [
      new Play({ desiredState: 'Stopped' }),
      new Play({ suspend: true }),
      new Play({ desiredState: 'OnHold' }),
      new Play().answers('start', failure('parameter', { status: 400 })),
    ];
    for (const play of plays) {
      play.run(60);
      const { writes } = play;
      play.run(3_600);
      play.restart().run(3_600);
      expect(play.writes).toBe(writes);
    }
  });
});

describe('§4 conditions', () => {
  it('lastTransitionTime moves only when the status of the condition does', () => {
    const play = new Play();
    play.run(1);
    const confirming = play.condition('Ready');
    expect(confirming).toMatchObject({ status: 'False', reason: 'Confirming' });
    expect(confirming?.lastTransitionTime).toBe('2026-12-01T09:00:00.000Z');
    play.run(10);
    expect(play.condition('Ready')).toMatchObject({ status: 'True', lastTransitionTime: '2026-12-01T09:00:05.000Z' });
    play.edit({ priority: 3 }).run(200);
    expect(play.condition('Ready')).toMatchObject({
      observedGeneration: 2,
      lastTransitionTime: '2026-12-01T09:00:05.000Z',
    });
    expect(play.status.observedGeneration).toBe(2);
  });

  it('Reconciling and Stalled are present only when True, never both', () => {
    const play = new Play().answers('start', failure('no-worker'), failure('parameter', { status: 400 }));
    play.check = (status) => {
      const progress = status.conditions.filter(({ type }) => type === 'Reconciling' || type === 'Stalled');
      expect(progress.length).toBeLessThanOrEqual(1);
      expect(progress.every((condition) => condition.status === 'True')).toBe(true);
    };
    play.run(60);
    play.edit({ desiredState: 'Stopped' }).run(60);
    play.edit({ desiredState: 'Running' }).run(60);
    play.delete().run(60);
    expect(play.released).toBe(true);
  });

  it('never seen: before anything is known it is not Ready', () => {
    const play = new Play();
    play.ledger = () => ({ why: 'not-synced' });
    play.run(60);
    expect(play.ready).toBe('False Pending…');
    expect(play.calls).toEqual([]);
  });

  it('waiting for a slot: Admitted is False and names the limit; with it, True', () => {
    const play = new Play();
    play.ledger = () => ({ why: 'wait', limit: 'recording eu SD: 50 of 50 in use', position: 3 });
    play.run(60);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.condition('Admitted')).toMatchObject({ status: 'False', reason: 'SlotAwaited' });
    expect(play.message).toContain('50 of 50');
    play.ledger = () => undefined;
    play.run(60);
    expect(play.condition('Admitted')).toMatchObject({ status: 'True', reason: 'SlotHeld' });
    play.edit({ desiredState: 'Stopped' }).run(60);
    expect(play.condition('Admitted')).toBeUndefined();
  });

  it('an update whose intent was left by a crash is still Updating', () => {
    const play = running();
    play.answers('update', 'crash-after').edit({ desiredState: 'OnHold' });
    play.pass();
    play.run(5);
    expect(play.ready).toBe('False Updating…');
    play.run(30);
    expect(play.ready).toBe('True OnHold');
  });
});

describe('§4 a reconcile request', () => {
  it('forces a look, once', () => {
    const play = running();
    const from = play.calls.length;
    play.request('2026-12-01T10:00:00Z').run(1);
    expect(play.calls.slice(from).map((call) => call.type)).toEqual(['query']);
    expect(play.status.lastHandledReconcileAt).toBe('2026-12-01T10:00:00Z');
    play.run(1);
    expect(play.calls).toHaveLength(from + 1);
  });

  it('is not lost to a call that was not sent, nor to one that came first', () => {
    const play = running();
    play.answers('query', 'not-sent').request('one').run(1);
    expect(play.calls.at(-1)).toMatchObject({ type: 'query' });
    expect(play.status.lastHandledReconcileAt).toBe('one');
    const from = play.calls.length;
    play.edit({ desiredState: 'OnHold' }).request('two').run(1);
    expect(play.calls.slice(from).map((call) => call.type)).toEqual(['update', 'query']);
  });

  it('of any length is kept as far as a status can hold it', () => {
    const play = running();
    const text = 'x'.repeat(1_000);
    play.request(text).run(1);
    const { length } = play.calls;
    expect(play.status.lastHandledReconcileAt).toHaveLength(256);
    play.run(1);
    expect(play.calls).toHaveLength(length);
  });

  it('forgets the back-off of an acquire', () => {
    const play = new Play().answers('acquire', ...Array<Ending>(6).fill(failure('server', { effect: 'none' })));
    play.run(79);
    play.request('now').run(1);
    expect(changing(play.calls).at(-1)).toBe('start');
  });
});

describe('§5.3 strikes against the API', () => {
  it('a dead API changes no condition of a running task, and nothing is re-created when it returns', () => {
    const play = running();
    const { writes } = play;
    const conditions = JSON.stringify(play.status.conditions);
    for (const kind of ['server', 'lost', 'dns', 'refused', 'gateway-timeout', 'throttle', 'unreadable'] as const) {
      play.otherwise = (action) => (action.type === 'query' ? failure(kind) : play.oblige(action));
      play.run(900);
      expect(JSON.stringify(play.status.conditions)).toBe(conditions);
    }
    play.otherwise = (action) => play.oblige(action);
    play.run(600);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.writes).toBe(writes);
  });

  it('refused credentials: its resources make no calls, one probe every five minutes', () => {
    const play = running();
    const conditions = JSON.stringify(play.status.conditions);
    play.otherwise = (action) =>
      action.type === 'query' ? failure('credential', { status: 401 }) : play.oblige(action);
    const from = play.calls.length;
    play.run(3_600);
    expect(play.calls.length - from).toBeLessThanOrEqual(13);
    expect(JSON.stringify(play.status.conditions)).toBe(conditions);
  });

  it('missing secrets change nothing about a task that runs', () => {
    const play = running();
    play.secrets = {};
    play.run(600);
    expect(play.ready).toBe('True Running');
  });
});

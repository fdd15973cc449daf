import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../src/engine/clock.ts';
import { type Handler, WORK_PRIORITIES, type Work, WorkQueue } from '../../src/engine/workqueue.ts';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

interface Pass {
  readonly key: string;
  readonly work: Work;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** A queue whose handlers end when the test says so. */
function running(workers: number) {
  const failures: unknown[] = [];
  const stop = new AbortController();
  const queue = new WorkQueue<string>({ clock: realClock(), failed: (key, error) => failures.push([key, error]) });
  const begun: Pass[] = [];
  const handler: Handler<string> = (key, work) =>
    new Promise((end, fail) => {
      begun.push({ key, work, end, fail });
    });
  const done = queue.run(workers, handler, stop.signal);
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
  const keys = (): string[] => begun.map(({ key }) => key);
  const pass = (index: number): Pass => {
    const found = begun[index];
    if (found === undefined) throw new Error(`no pass ${index}`);
    return found;
  };
  return { queue, begun, keys, pass, settle, stop, done, failures };
}

describe('WorkQueue', () => {
  it('never has a key in two handlers, and runs it again when it was added meanwhile', async () => {
    const { queue, keys, pass, settle } = running(4);
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(keys()).toEqual(['a']);
    pass(0).end();
    await settle();
    expect(keys()).toEqual(['a', 'a']);
    pass(1).end();
    await settle();
    expect([keys().length, queue.stats().adds]).toEqual([2, 2]);
  });

  it('keeps one place for a key that is added often', async () => {
    const { queue, keys, pass, settle } = running(1);
    queue.add('first');
    for (const _ of [1, 2, 3]) queue.add('a');
    queue.add('b');
    await settle();
    pass(0).end();
    await settle();
    pass(1).end();
    await settle();
    expect(keys()).toEqual(['first', 'a', 'b']);
  });

  it('uses as many workers as it is given', async () => {
    const { queue, keys, pass, settle } = running(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(keys()).toEqual(['a', 'b']);
    pass(1).end();
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
  });

  it('goes by class, then age, and an add of a better class moves a waiting key up', async () => {
    const { queue, keys, pass, settle } = running(1);
    queue.add('busy');
    for (const priority of [...WORK_PRIORITIES].reverse()) queue.add(priority, priority);
    queue.add('idle, then critical', 'idle');
    queue.add('idle, then critical', 'critical');
    queue.add('critical', 'idle');
    for (let index = 0; index < 6; index += 1) {
      await settle();
      pass(index).end();
    }
    await settle();
    expect(keys()).toEqual(['busy', 'critical', 'idle, then critical', 'high', 'normal', 'low', 'idle']);
  });

  it('lets nothing starve: an idle key goes before critical ones that came 20 s later', async () => {
    const { queue, keys, pass, settle } = running(1);
    queue.add('busy');
    queue.add('idle', 'idle');
    await vi.advanceTimersByTimeAsync(19_999);
    queue.add('critical 1', 'critical');
    pass(0).end();
    await settle();
    await vi.advanceTimersByTimeAsync(1);
    queue.add('critical 2', 'critical');
    pass(1).end();
    await settle();
    expect(keys()).toEqual(['busy', 'critical 1', 'idle']);
  });

  it('adds a key at its earliest instant, with one timer for all', async () => {
    const { queue, keys, settle } = running(10);
    queue.addAfter('late', 60_000);
    queue.addAfter('moved', 50_000);
    queue.addAfter('moved', 10_000);
    queue.addAfter('moved', 20_000);
    queue.addAfter('now', 0);
    expect([vi.getTimerCount(), queue.stats().delayed]).toEqual([1, 2]);
    await settle();
    expect(keys()).toEqual(['now']);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(keys()).toEqual(['now']);
    await vi.advanceTimersByTimeAsync(1);
    expect([keys(), vi.getTimerCount()]).toEqual([['now', 'moved'], 1]);
    await vi.advanceTimersByTimeAsync(50_000);
    expect([keys(), vi.getTimerCount()]).toEqual([['now', 'moved', 'late'], 0]);
  });

  it('gives the worker of a parked pass to the next key, and keeps the parked key exclusive', async () => {
    const { queue, keys, pass, settle } = running(1);
    queue.add('a');
    queue.add('b');
    await settle();
    expect(keys()).toEqual(['a']);
    pass(0).work.park();
    pass(0).work.park();
    queue.add('a');
    queue.add('c');
    await settle();
    expect(keys()).toEqual(['a', 'b']);
    expect(queue.stats()).toMatchObject({ running: 1, parked: 1 });
    pass(0).end();
    await settle();
    // The worker is b's still: the end of a parked pass frees none.
    expect(keys()).toEqual(['a', 'b']);
    pass(1).end();
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c']);
    pass(2).end();
    await settle();
    expect(keys()).toEqual(['a', 'b', 'c', 'a']);
  });

  it('frees the key and the worker of a handler that throws, and tells', async () => {
    const { queue, keys, pass, settle, failures } = running(1);
    const error = new Error('broken invariant');
    queue.add('a');
    await settle();
    queue.add('a');
    pass(0).fail(error);
    await settle();
    expect([keys(), failures]).toEqual([['a', 'a'], [['a', error]]]);
  });

  it('ends when told: starts nothing more, waits for what runs and what is parked, leaves no timer', async () => {
    const { queue, keys, pass, settle, stop, done } = running(2);
    const seen = { ended: false };
    const ended = done.then(() => (seen.ended = true));
    for (const key of ['parked', 'running', 'waiting']) queue.add(key);
    queue.addAfter('later', 1_000);
    await settle();
    pass(0).work.park();
    await settle();
    stop.abort();
    await settle();
    pass(1).end();
    pass(2).end();
    await settle();
    queue.add('too late');
    await vi.advanceTimersByTimeAsync(5_000);
    expect([keys(), seen.ended, vi.getTimerCount()]).toEqual([['parked', 'running', 'waiting'], false, 0]);
    pass(0).end();
    await ended;
    expect(queue.stats()).toMatchObject({ running: 0, parked: 0, depth: { normal: 1 } });
  });

  it('tells how long the longest has waited and run', async () => {
    const { queue, pass, settle } = running(1);
    queue.add('a');
    await settle();
    pass(0).work.park();
    await vi.advanceTimersByTimeAsync(1_000);
    queue.add('b');
    await vi.advanceTimersByTimeAsync(1_000);
    queue.add('c', 'low');
    await vi.advanceTimersByTimeAsync(500);
    expect(queue.stats()).toMatchObject({
      longestRunMs: 2_500,
      longestWaitMs: 500,
      depth: { critical: 0, high: 0, normal: 0, low: 1, idle: 0 },
    });
  });

  it('holds 10,000 keys once each, with one timer, though each is added twice', async () => {
    const { queue } = running(1);
    for (let index = 0; index < 10_000; index += 1) queue.addAfter(`key ${index}`, 1 + ((index * 7_919) % 60_000));
    for (let index = 0; index < 10_000; index += 1) queue.add(`key ${index}`, 'idle');
    expect([queue.stats().delayed, vi.getTimerCount()]).toEqual([10_000, 1]);
    await vi.advanceTimersByTimeAsync(60_000);
    // The key in its handler is the only one that its timer adds anew.
    expect([queue.stats().delayed, queue.stats().adds]).toEqual([0, 10_000 + 1]);
  });
});

describe('a long list of keys', () => {
  it('lets sockets and timers have their turn although no handler waits for anything', async () => {
    vi.useRealTimers();
    const stop = new AbortController();
    const queue = new WorkQueue<number>({ clock: realClock(), failed: () => undefined });
    let handled = 0;
    const busy = async (): Promise<void> => {
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      handled += 1;
    };
    for (let key = 0; key < 2_000; key += 1) queue.add(key);
    const done = queue.run(1, busy, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await done;
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThan(2_000);
  });
});

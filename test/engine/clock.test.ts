import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { realClock, scaledClock } from '../../src/engine/clock.ts';

const EPOCH = Date.parse('2026-12-01T09:00:00Z');
const never = new AbortController().signal;

beforeEach(() => vi.useFakeTimers({ now: EPOCH }));
afterEach(() => vi.useRealTimers());

/** How a promise stands, without waiting for it. */
function watch(promise: Promise<unknown>): { state: string } {
  const seen = { state: 'pending' };
  promise.then(
    () => (seen.state = 'done'),
    (reason) => (seen.state = `rejected: ${reason instanceof Error ? reason.name : String(reason)}`),
  );
  return seen;
}

describe('realClock', () => {
  it('reads the time when asked, so that fake timers take hold of a clock made before them', async () => {
    vi.useRealTimers();
    const clock = realClock();
    vi.useFakeTimers({ now: EPOCH });
    const before = clock.monotonic();
    const sleep = watch(clock.sleep(1_000, never));
    await vi.advanceTimersByTimeAsync(999);
    expect(sleep.state).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect([sleep.state, clock.now() - EPOCH, clock.monotonic() - before]).toEqual(['done', 1_000, 1_000]);
  });

  it('keeps its monotonic time when the wall clock steps', () => {
    const clock = realClock();
    const before = clock.monotonic();
    vi.setSystemTime(EPOCH - 3_600_000);
    expect([clock.now() - EPOCH, clock.monotonic() - before]).toEqual([-3_600_000, 0]);
  });

  it('sleeps longer than a timer of Node can', async () => {
    const days = 30 * 86_400_000;
    const sleep = watch(realClock().sleep(days, never));
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(sleep.state).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.state).toBe('done');
  });

  it.each(['sleep', 'deadline'] as const)('%s leaves no timer and no listener behind when aborted', async (method) => {
    const stop = new AbortController();
    const [added, removed] = [vi.spyOn(stop.signal, 'addEventListener'), vi.spyOn(stop.signal, 'removeEventListener')];
    const ended = method === 'sleep' ? watch(realClock().sleep(5_000, stop.signal)) : undefined;
    const deadline = method === 'deadline' ? realClock().deadline(5_000, stop.signal).signal : undefined;
    stop.abort('stopped');
    await vi.advanceTimersByTimeAsync(0);
    expect(ended?.state ?? `rejected: ${String(deadline?.reason)}`).toBe('rejected: stopped');
    expect(vi.getTimerCount()).toBe(0);
    // `once` took the only listener away.
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 0]);
  });

  it('sleep takes its listener away when it has slept', async () => {
    const stop = new AbortController();
    const removed = vi.spyOn(stop.signal, 'removeEventListener');
    const sleep = watch(realClock().sleep(5, stop.signal));
    await vi.advanceTimersByTimeAsync(5);
    expect([sleep.state, removed.mock.calls.length]).toEqual(['done', 1]);
  });

  it('rejects at once under a signal that is aborted already', async () => {
    const aborted = AbortSignal.abort('over');
    await expect(realClock().sleep(1, aborted)).rejects.toBe('over');
    expect(realClock().deadline(1, aborted).signal.reason).toBe('over');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a deadline with a TimeoutError', async () => {
    const { signal: deadline } = realClock().deadline(15_000, never);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(deadline.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(deadline.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('keeps neither timer nor listener of a deadline that was ended, and never aborts it', async () => {
    const outer = new AbortController();
    const removed = vi.spyOn(outer.signal, 'removeEventListener');
    const { signal, end } = realClock().deadline(5_000, outer.signal);
    end();
    expect([vi.getTimerCount(), removed.mock.calls.length]).toEqual([0, 1]);
    outer.abort('over');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(signal.aborted).toBe(false);
  });
});

describe('scaledClock', () => {
  const scaled = (speed: number): Clock => scaledClock({ speed, epochReal: EPOCH, epochScaled: EPOCH + 500 });

  it('runs faster by its speed', async () => {
    const clock = scaled(20);
    const before = clock.monotonic();
    const sleep = watch(clock.sleep(60_000, never));
    expect([clock.now(), clock.real(60_000)]).toEqual([EPOCH + 500, 3_000]);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(sleep.state).toBe('pending');
    await vi.advanceTimersByTimeAsync(1);
    expect([sleep.state, clock.now(), clock.monotonic() - before]).toEqual(['done', EPOCH + 60_500, 60_000]);
  });

  it('shows two processes the same time when they share the epoch', async () => {
    await vi.advanceTimersByTimeAsync(1_234);
    const first = scaled(7);
    await vi.advanceTimersByTimeAsync(4_321);
    expect(scaled(7).now()).toBe(first.now());
  });

  it.each`
    ms        | realMs
    ${15_000} | ${2_000}
    ${40_000} | ${2_000}
    ${60_000} | ${3_000}
  `('gives a deadline of $ms ms at 20 times $realMs real ms', async ({ ms, realMs }) => {
    const { signal: deadline } = scaled(20).deadline(ms, never);
    await vi.advanceTimersByTimeAsync(realMs - 1);
    expect(deadline.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(deadline.aborted).toBe(true);
  });

  it('refuses a speed that is none', () => {
    expect(() => scaled(0)).toThrow('speed');
  });
});

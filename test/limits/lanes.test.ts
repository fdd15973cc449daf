import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import type { Key } from '../../src/core/resource.ts';
import { realClock, scaledClock } from '../../src/engine/clock.ts';
import type { LaneResult } from '../../src/limits/lane.ts';
import { createLanes } from '../../src/limits/lanes.ts';
import { CALL_CLASSES, type CallClass, type RateLimit } from '../../src/limits/slot.ts';
import { limitsFor } from '../../src/limits/tables.ts';

const EPOCH = Date.parse('2026-12-01T09:00:00Z');

beforeEach(() => vi.useFakeTimers({ now: EPOCH }));
afterEach(() => vi.useRealTimers());

interface CallOptions {
  readonly name?: string;
  readonly appId?: string;
  readonly limit?: RateLimit;
  readonly class?: CallClass;
  readonly key?: Key;
  readonly check?: () => boolean;
  readonly signal?: AbortSignal;
}

/** Lanes whose calls note when, on the monotonic clock, and under which name they were sent. */
function lanesAt(
  rates: { readonly queriesPerSecond?: number; readonly createsPerSecond?: number },
  clock: Clock = realClock(),
) {
  const limits = { ...rates };
  const caps: number[] = [];
  const lanes = createLanes({
    clock,
    limitsFor: () => limitsFor({ recording: limits, converter: limits }),
    capChanged: (_appId, _limit, cap) => caps.push(cap),
  });
  const begin = performance.now();
  const sent: { readonly name: string; readonly at: number; readonly appId: string }[] = [];
  const results = new Map<string, LaneResult<string>>();
  const call = (options: CallOptions = {}): void => {
    const { name = 'call', appId = 'app', limit = 'recording', check = () => true } = options;
    const send = async (): Promise<string> => {
      sent.push({ name, at: performance.now() - begin, appId });
      return name;
    };
    const { signal = new AbortController().signal, key = 'WebPageRecording/ns/a' } = options;
    const done = lanes.run({ appId, limit, class: options.class ?? 'query', key, check, send, signal });
    void done.then((result) => results.set(name, result));
  };
  const calls = (count: number, options: CallOptions = {}): void => {
    for (let index = 0; index < count; index += 1) call(options);
  };
  const names = (): string[] => sent.map(({ name }) => name);
  return { lanes, limits, caps, sent, call, calls, names, results };
}

type StepKind = 'call' | 'wait' | 'refuse' | 'throttle' | 'step' | 'edit';

/** The most calls in any window of `windowMs`. */
function busiest(at: readonly number[], windowMs: number): number {
  return Math.max(0, ...at.map((from) => at.filter((other) => other >= from && other < from + windowMs).length));
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('WR-2 at most ten recording calls begin in any second', () => {
  it('lets ten through at once and the next ten a window later', async () => {
    const { calls, sent } = lanesAt({});
    calls(25);
    await pass(5_000);
    expect(sent.map(({ at }) => at)).toEqual([...Array(10).fill(0), ...Array(10).fill(1_050), ...Array(5).fill(2_100)]);
  });

  it('holds at the edge of a window: what was sent late in one counts in the next', async () => {
    const { calls, sent } = lanesAt({});
    calls(1);
    await pass(900);
    calls(15);
    await pass(3_000);
    expect(sent.map(({ at }) => at)).toEqual([0, ...Array(9).fill(900), 1_050, ...Array(5).fill(1_950)]);
  });

  it('counts all calls of an App ID together, and each App ID by itself', async () => {
    const { calls, sent } = lanesAt({});
    for (const of of CALL_CLASSES) calls(4, { class: of, appId: 'one' });
    calls(10, { appId: 'two' });
    await pass(0);
    const first = (appId: string): number => sent.filter((call) => call.appId === appId).length;
    expect([first('one'), first('two')]).toEqual([10, 10]);
  });

  const step = (does: StepKind, min: number, max: number) =>
    fc.record({ do: fc.constant(does), count: fc.integer({ min, max }) });
  const calm = [step('call', 1, 12), step('wait', 1, 900), step('refuse', 1, 5)];
  const rough = [step('throttle', 1, 1), step('step', -4_000, 4_000), step('edit', 1, 10)];

  it.each([
    ['whatever is asked for when, with failed checks', calm],
    ['also with 429s, edits and wall clock steps', [...calm, ...calm, ...rough]],
  ])('holds in any window, %s', async (_, steps) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 60 }), async (sequence) => {
        vi.useFakeTimers({ now: EPOCH });
        const { lanes, call, limits, sent, results } = lanesAt({ queriesPerSecond: 10 });
        let asked = 0;
        for (const { do: what, count } of sequence) {
          if (what === 'wait') await pass(count);
          else if (what === 'throttle') lanes.throttled('app', 'recording');
          else if (what === 'step') vi.setSystemTime(Date.now() + count);
          else if (what === 'edit') limits.queriesPerSecond = count;
          else
            for (let index = 0; index < count; index += 1) call({ name: `${asked++}`, check: () => what === 'call' });
        }
        await pass(600_000);
        expect(
          busiest(
            sent.map(({ at }) => at),
            1_000,
          ),
        ).toBeLessThanOrEqual(10);
        expect(results.size).toBe(asked);
        vi.useRealTimers();
      }),
      { numRuns: 80 },
    );
  });
});

describe('WR-2 stop calls go before starts, starts before queries', () => {
  it('takes the best class of those that wait, then the oldest', async () => {
    const { call, calls, names } = lanesAt({ queriesPerSecond: 1 });
    calls(1, { name: 'first' });
    for (const of of [...CALL_CLASSES].reverse()) call({ name: of, class: of });
    call({ name: 'stop 2', class: 'stop' });
    await pass(10_000);
    expect(names()).toEqual(['first', 'stop', 'stop 2', 'start', 'create', 'acquire', 'update', 'query']);
  });

  it.each`
    askedAt  | order
    ${0}     | ${['query', 'update']}
    ${1_000} | ${['update', 'query']}
  `('a query asked at $askedAt ms, its turn at 10,050 ms: it rose one class after 10 s', async ({ askedAt, order }) => {
    const { lanes, call, names } = lanesAt({ queriesPerSecond: 1 });
    for (let at = 0; at <= 9_000; at += 1_000) {
      lanes.quiet('app');
      if (at === askedAt) call({ name: 'query' });
      if (at < 9_000) await pass(1_000);
    }
    call({ name: 'update', class: 'update' });
    await pass(1_049);
    expect(names()).toEqual([]);
    await pass(2_000);
    expect(names()).toEqual(order);
  });

  it('lets no acquire that waited pass a start: a handle is used as soon as it is there', async () => {
    const { call, calls, names } = lanesAt({ queriesPerSecond: 1 });
    calls(60, { name: 'acquire', class: 'acquire' });
    await pass(45_000);
    const before = names().length;
    call({ name: 'start', class: 'start' });
    await pass(1_050);
    expect(names()[before]).toBe('start');
  });

  it('lets no start that waited pass a stop', async () => {
    const { call, calls, names } = lanesAt({ queriesPerSecond: 1 });
    calls(40, { name: 'start', class: 'start' });
    await pass(35_000);
    const before = names().length;
    call({ name: 'stop', class: 'stop' });
    await pass(1_050);
    expect(names()[before]).toBe('stop');
  });
});

describe('MP-1 fifty a second for each of create, delete, update and get', () => {
  it('gives each method a lane of its own', async () => {
    const { calls, sent } = lanesAt({});
    for (const limit of ['converter-create', 'converter-delete', 'converter-update', 'converter-get'] as const) {
      calls(60, { name: limit, limit });
    }
    const count = (name: string): number => sent.filter((call) => call.name === name).length;
    await pass(1_049);
    expect([count('converter-create'), count('converter-get'), sent.length]).toEqual([50, 50, 200]);
    await pass(1);
    expect([count('converter-create'), sent.length]).toEqual([60, 240]);
  });
});

describe('a turn in a lane', () => {
  it('asks check and calls send in one tick, when the turn comes and not before', async () => {
    const { lanes, calls } = lanesAt({ queriesPerSecond: 1 });
    const seen: string[] = [];
    calls(1);
    const done = lanes.run({
      appId: 'app',
      limit: 'recording',
      class: 'start',
      key: 'WebPageRecording/ns/a',
      check: () => {
        queueMicrotask(() => seen.push('next microtask'));
        seen.push('check');
        return true;
      },
      send: async () => {
        seen.push('send');
        return 'answer';
      },
      signal: new AbortController().signal,
    });
    await pass(1_049);
    expect(seen).toEqual([]);
    await pass(1);
    expect(seen).toEqual(['check', 'send', 'next microtask']);
    expect(await done).toEqual({ sent: true, value: 'answer' });
  });

  it('goes to the next waiter where the check fails: no window is wasted', async () => {
    const { call, calls, sent, results } = lanesAt({ queriesPerSecond: 1 });
    calls(1, { name: 'first' });
    call({ name: 'stale', check: () => false });
    call({ name: 'fresh' });
    await pass(1_050);
    expect(sent.map(({ name, at }) => [name, at])).toEqual([
      ['first', 0],
      ['fresh', 1_050],
    ]);
    expect(results.get('stale')).toEqual({ sent: false });
  });

  it('waits for no answer longer than a quarter of a window: only beginnings are metered', async () => {
    const { lanes } = lanesAt({});
    let begun = 0;
    const signal = new AbortController().signal;
    const send = (): Promise<never> => {
      begun += 1;
      return new Promise(() => undefined);
    };
    for (let index = 0; index < 20; index += 1) {
      void lanes.run({
        appId: 'a',
        limit: 'recording',
        class: 'stop',
        key: 'WebPageRecording/n/a',
        check: () => true,
        send,
        signal,
      });
    }
    await pass(1_250);
    expect(begun).toBe(20);
  });

  it('rejects with what send or check threw, and serves the next', async () => {
    const { lanes, call, names } = lanesAt({});
    const signal = new AbortController().signal;
    const base = { appId: 'app', limit: 'recording', class: 'stop', key: 'WebPageRecording/ns/a', signal } as const;
    const fail = (): never => {
      throw new Error('broken');
    };
    const thrown = [
      lanes.run({ ...base, check: () => true, send: fail }),
      lanes.run({ ...base, check: fail, send: async () => 'never' }),
    ];
    call({ name: 'next' });
    expect((await Promise.allSettled(thrown)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(names()).toEqual(['next']);
  });

  it('is cancelled by a deletion, but for a stop', async () => {
    const { lanes, call, calls, names, results } = lanesAt({ queriesPerSecond: 1 });
    calls(1, { name: 'first' });
    call({ name: 'start', class: 'start', key: 'WebPageRecording/ns/gone' });
    call({ name: 'stop', class: 'stop', key: 'WebPageRecording/ns/gone' });
    call({ name: 'other', class: 'start', key: 'WebPageRecording/ns/other' });
    lanes.cancel('WebPageRecording/ns/gone');
    await pass(5_000);
    expect([names(), results.get('start')]).toEqual([['first', 'stop', 'other'], { sent: false }]);
  });

  it('is given up when aborted, before or while it waits, and spends nothing', async () => {
    const { lanes, call, calls, sent, results } = lanesAt({ queriesPerSecond: 1 });
    const stop = new AbortController();
    call({ name: 'dead', signal: AbortSignal.abort() });
    calls(1, { name: 'first' });
    call({ name: 'aborted', signal: stop.signal });
    await pass(500);
    stop.abort();
    await pass(0);
    expect([results.get('dead'), results.get('aborted'), vi.getTimerCount()]).toEqual([
      { sent: false },
      { sent: false },
      0,
    ]);
    await pass(549);
    call({ name: 'next' });
    await pass(1);
    expect(sent.map(({ name, at }) => [name, at])).toEqual([
      ['first', 0],
      ['next', 1_050],
    ]);
    expect(lanes.stats()).toMatchObject([{ waiting: 0 }]);
  });

  it('never comes after close', async () => {
    const { lanes, call, calls, names, results } = lanesAt({ queriesPerSecond: 1 });
    calls(1, { name: 'first' });
    call({ name: 'waiting' });
    lanes.close();
    call({ name: 'late' });
    await pass(5_000);
    expect([names(), results.get('waiting'), results.get('late')]).toEqual([
      ['first'],
      { sent: false },
      { sent: false },
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a 429 by rate', () => {
  it('silences its lane until the last call has left its window, though the halved cap would take more', async () => {
    const { lanes, calls, sent } = lanesAt({});
    calls(1);
    await pass(100);
    calls(2);
    lanes.throttled('app', 'recording');
    calls(5);
    await pass(3_000);
    expect(sent.map(({ at }) => at)).toEqual([0, 100, 100, ...Array(5).fill(1_150)]);
  });

  it('halves the cap at most once a second and never under 1', async () => {
    const { lanes, calls, caps, sent } = lanesAt({});
    calls(40);
    lanes.throttled('app', 'recording');
    lanes.throttled('app', 'recording');
    expect(caps).toEqual([5]);
    await pass(1_050);
    expect(sent.length).toBe(15);
    for (const _ of [1, 2, 3, 4]) {
      lanes.throttled('app', 'recording');
      await pass(1_000);
    }
    expect(caps).toEqual([5, 2, 1]);
    expect(
      busiest(
        sent.map(({ at }) => at),
        1_000,
      ),
    ).toBe(10);
  });

  it('lets the cap grow by one every 10 s without another', async () => {
    const { lanes, caps, calls } = lanesAt({});
    calls(1);
    lanes.throttled('app', 'recording');
    await pass(9_999);
    calls(1);
    expect(caps).toEqual([5]);
    await pass(1);
    calls(1);
    expect(caps).toEqual([5, 6]);
    lanes.throttled('app', 'recording');
    await pass(30_000);
    expect(lanes.stats()).toMatchObject([{ cap: 6, fullCap: 10 }]);
    await pass(60_000);
    expect(lanes.stats()).toMatchObject([{ cap: 10, fullCap: 10 }]);
    expect(caps).toEqual([5, 6, 3, 6, 10]);
  });

  it('touches no other lane', () => {
    const { lanes, calls } = lanesAt({});
    calls(1, { limit: 'converter-get' });
    calls(1, { limit: 'converter-create' });
    lanes.throttled('app', 'converter-create');
    expect(lanes.stats().map(({ limit, cap }) => [limit, cap])).toEqual([
      ['converter-get', 50],
      ['converter-create', 25],
    ]);
  });

  it('leaves an edited limit to hold once it is over', async () => {
    const { lanes, limits, calls, sent } = lanesAt({});
    limits.queriesPerSecond = 20;
    calls(20);
    await pass(0);
    expect([sent.length, lanes.stats()[0]?.fullCap]).toEqual([20, 20]);
  });
});

describe('the wall clock', () => {
  it.each`
    step          | why
    ${-3_600_000} | ${'a lane that reads it would stand still for an hour'}
    ${-3_000}     | ${'a lane that reads it would stand still for as long'}
    ${3_000}      | ${'a lane that reads it would let a second burst through at once'}
    ${3_600_000}  | ${'a lane that reads it would do so, too'}
  `('stepping by $step ms while calls wait changes nothing, though $why', async ({ step }) => {
    const { calls, sent } = lanesAt({ queriesPerSecond: 5 });
    calls(7);
    await pass(20);
    vi.setSystemTime(Date.now() + step);
    calls(5);
    await pass(3_000);
    expect(sent.map(({ at }) => at)).toEqual([0, 0, 0, 0, 0, 1_050, 1_050, 1_050, 1_050, 1_050, 2_100, 2_100]);
  });
});

describe('quiet', () => {
  it('lets nothing through for a window, in lanes that are used already and in those that are not yet', async () => {
    const { lanes, calls, sent } = lanesAt({});
    calls(1);
    lanes.quiet('app');
    calls(1, { name: 'used' });
    await pass(500);
    calls(1, { name: 'new', limit: 'converter-create' });
    calls(1, { name: 'other App ID', appId: 'other' });
    await pass(3_000);
    expect(sent.map(({ name, at }) => [name, at])).toEqual([
      ['call', 0],
      ['other App ID', 500],
      ['used', 1_050],
      ['new', 1_050],
    ]);
  });
});

describe('stats', () => {
  it('tells who waits, what was sent in the last second, and the cap', async () => {
    const { lanes, calls } = lanesAt({});
    calls(13);
    const row = { appId: 'app', limit: 'recording', cap: 10, fullCap: 10 };
    expect(lanes.stats()).toEqual([{ ...row, waiting: 3, sentInLastSecond: 10 }]);
    await pass(1_050);
    expect(lanes.stats()).toEqual([{ ...row, waiting: 0, sentInLastSecond: 3 }]);
    await pass(1_001);
    expect([lanes.stats(), vi.getTimerCount()]).toEqual([[{ ...row, waiting: 0, sentInLastSecond: 0 }], 0]);
  });
});

describe('a scaled clock', () => {
  it.each`
    speed | windowMs
    ${1}  | ${1_050}
    ${2}  | ${525}
    ${5}  | ${210}
    ${20} | ${60}
  `('at $speed times has a window of $windowMs real ms', async ({ speed, windowMs }) => {
    const { calls, sent } = lanesAt({}, scaledClock({ speed, epochReal: EPOCH, epochScaled: EPOCH }));
    calls(30);
    await pass(windowMs - 1);
    expect(sent.length).toBe(10);
    await pass(1);
    expect(sent.length).toBe(20);
    await pass(windowMs);
    expect(sent.length).toBe(30);
  });
});

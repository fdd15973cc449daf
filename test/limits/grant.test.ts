import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/core/resource.ts';
import { byTurn, type Caps, excludedBy, grant, type Held, type Waiter, waiterOf } from '../../src/limits/grant.ts';
import { allLevels, type Cell, cellOf, limitOf, sumOf } from '../../src/limits/levels.ts';
import type { Region, ResolutionClass, Service, Slot } from '../../src/limits/slot.ts';
import { type LimitOverrides, limitsFor } from '../../src/limits/tables.ts';

const slot = (text: string): Slot => {
  const [service, region, of] = text.split('/') as [Service, Region, ResolutionClass];
  return { appId: 'app', service, region, class: of };
};
const key = (name: string): Key => `RtmpConverter/ns/${name}`;

const waiter = (name: string, slots: readonly string[], options: Partial<Waiter> = {}): Waiter =>
  waiterOf({ key: key(name), adds: slots.map(slot), drops: [], priority: 0, since: 0, ...options });

const held = (tasks: Readonly<Record<string, number>>, foreign = 0): Held => ({
  tasks: new Map(Object.entries(tasks).map(([cell, count]) => [cellOf(slot(cell)), count])),
  foreign,
});

const caps = (overrides: LimitOverrides = {}): Caps => ({ limits: limitsFor(overrides), believed: new Map() });

const granted = (now: Held, waiters: readonly Waiter[], under: Caps): string[] =>
  [...grant(now, [...waiters].sort(byTurn), under).granted].map((name) => name.slice('RtmpConverter/ns/'.length));

/** Does one more of a class fit? */
const fits = (tasks: Readonly<Record<string, number>>, more: string, overrides: LimitOverrides = {}): boolean =>
  granted(held(tasks), [waiter('more', [more])], caps(overrides)).length === 1;

describe('WR-1 a task starts only when its slot is free', () => {
  it.each`
    region  | of       | limit
    ${'cn'} | ${'SD'}  | ${100}
    ${'cn'} | ${'HD'}  | ${50}
    ${'cn'} | ${'FHD'} | ${30}
    ${'ap'} | ${'HD'}  | ${50}
    ${'eu'} | ${'SD'}  | ${50}
    ${'eu'} | ${'HD'}  | ${30}
    ${'eu'} | ${'FHD'} | ${10}
    ${'na'} | ${'SD'}  | ${100}
  `('$region $of: number $limit fits, the next does not', ({ region, of, limit }) => {
    const cell = `recording/${region}/${of}`;
    expect([fits({ [cell]: limit - 1 }, cell), fits({ [cell]: limit }, cell)]).toEqual([true, false]);
  });

  it('counts each region and each service by itself', () => {
    const full = { 'recording/eu/FHD': 10, 'converter/eu/SD': 20 };
    expect(fits(full, 'recording/na/FHD')).toBe(true);
    expect(fits(full, 'recording/eu/SD')).toBe(true);
    expect(fits(full, 'converter/na/SD')).toBe(true);
    expect(fits(full, 'converter/eu/SD')).toBe(false);
  });

  it('serves priority first, then age, then the key', () => {
    const waiters = [
      waiter('b', ['recording/eu/SD'], { since: 5 }),
      waiter('a', ['recording/eu/SD'], { since: 5 }),
      waiter('older', ['recording/eu/SD'], { since: 4 }),
      waiter('urgent', ['recording/eu/SD'], { since: 9, priority: 1 }),
    ];
    const room = (count: number): string[] => granted(held({ 'recording/eu/SD': 50 - count }), waiters, caps());
    expect([room(1), room(2), room(3), room(4)]).toEqual([
      ['urgent'],
      ['urgent', 'older'],
      ['urgent', 'older', 'a'],
      ['urgent', 'older', 'a', 'b'],
    ]);
  });

  it('keeps the total over all regions: recording 200', () => {
    const tasks = { 'recording/cn/SD': 100, 'recording/na/SD': 99 };
    expect(fits(tasks, 'recording/ap/SD')).toBe(true);
    expect(fits({ ...tasks, 'recording/eu/SD': 1 }, 'recording/ap/SD')).toBe(false);
    expect(fits({ ...tasks, 'recording/eu/SD': 1 }, 'recording/ap/SD', { recording: { total: 201 } })).toBe(true);
  });
});

describe('WR-5 nested: tasks of a class or better keep to the limit of that class', () => {
  it.each`
    document                                 | tasks                                                | more                  | isGranted
    ${'mainland China: SD + HD up to 100'}   | ${{ 'recording/cn/SD': 51, 'recording/cn/HD': 48 }}  | ${'recording/cn/HD'}  | ${true}
    ${'mainland China: SD + HD up to 100'}   | ${{ 'recording/cn/SD': 51, 'recording/cn/HD': 49 }}  | ${'recording/cn/HD'}  | ${false}
    ${'mainland China: SD + HD up to 100'}   | ${{ 'recording/cn/SD': 51, 'recording/cn/HD': 49 }}  | ${'recording/cn/SD'}  | ${false}
    ${'mainland China: HD + FHD up to 50'}   | ${{ 'recording/cn/HD': 25, 'recording/cn/FHD': 24 }} | ${'recording/cn/FHD'} | ${true}
    ${'mainland China: HD + FHD up to 50'}   | ${{ 'recording/cn/HD': 25, 'recording/cn/FHD': 25 }} | ${'recording/cn/HD'}  | ${false}
    ${'mainland China: HD + FHD up to 50'}   | ${{ 'recording/cn/HD': 25, 'recording/cn/FHD': 25 }} | ${'recording/cn/SD'}  | ${true}
    ${'each class keeps to its own: FHD 30'} | ${{ 'recording/cn/FHD': 30 }}                        | ${'recording/cn/FHD'} | ${false}
    ${'Europe: SD + HD up to 50'}            | ${{ 'recording/eu/SD': 20, 'recording/eu/HD': 30 }}  | ${'recording/eu/SD'}  | ${false}
    ${'Europe: HD + FHD up to 30'}           | ${{ 'recording/eu/HD': 21, 'recording/eu/FHD': 9 }}  | ${'recording/eu/FHD'} | ${false}
    ${'Europe: HD + FHD up to 30'}           | ${{ 'recording/eu/HD': 20, 'recording/eu/FHD': 9 }}  | ${'recording/eu/FHD'} | ${true}
  `('$document: $more beside $tasks: $isGranted', ({ tasks, more, isGranted }) => {
    expect(fits(tasks, more)).toBe(isGranted);
  });
});

describe('MP-5 nested, America: SD 20, HD 5', () => {
  it.each`
    tasks                                              | more                  | isGranted
    ${{ 'converter/na/SD': 15, 'converter/na/HD': 4 }} | ${'converter/na/HD'}  | ${true}
    ${{ 'converter/na/SD': 15, 'converter/na/HD': 5 }} | ${'converter/na/SD'}  | ${false}
    ${{ 'converter/na/SD': 14, 'converter/na/HD': 5 }} | ${'converter/na/SD'}  | ${true}
    ${{ 'converter/na/HD': 5 }}                        | ${'converter/na/HD'}  | ${false}
    ${{ 'converter/na/HD': 2, 'converter/na/FHD': 3 }} | ${'converter/na/HD'}  | ${false}
    ${{ 'converter/na/HD': 2, 'converter/na/FHD': 2 }} | ${'converter/na/FHD'} | ${true}
  `('$more beside $tasks, FHD enabled: $isGranted', ({ tasks, more, isGranted }) => {
    expect(fits(tasks, more, { converter: { na: { FHD: 5 } } })).toBe(isGranted);
  });
});

describe('WR-5 literal: the limit of the best class in use caps the region', () => {
  const literal = { mixedResolution: 'Literal' } as const;
  it.each`
    tasks                                               | more                  | isGranted
    ${{ 'recording/cn/SD': 48, 'recording/cn/HD': 1 }}  | ${'recording/cn/SD'}  | ${true}
    ${{ 'recording/cn/SD': 49, 'recording/cn/HD': 1 }}  | ${'recording/cn/SD'}  | ${false}
    ${{ 'recording/cn/SD': 99 }}                        | ${'recording/cn/SD'}  | ${true}
    ${{ 'recording/cn/SD': 49 }}                        | ${'recording/cn/HD'}  | ${true}
    ${{ 'recording/cn/SD': 50 }}                        | ${'recording/cn/HD'}  | ${false}
    ${{ 'recording/cn/HD': 29, 'recording/cn/FHD': 1 }} | ${'recording/cn/HD'}  | ${false}
    ${{ 'recording/cn/HD': 29 }}                        | ${'recording/cn/FHD'} | ${true}
    ${{ 'recording/cn/HD': 30 }}                        | ${'recording/cn/FHD'} | ${false}
    ${{ 'recording/cn/FHD': 1 }}                        | ${'recording/na/SD'}  | ${true}
  `('$more beside $tasks: $isGranted', ({ tasks, more, isGranted }) => {
    expect(fits(tasks, more, literal)).toBe(isGranted);
  });

  it('does not let the many keep out a better class: once it waits, it counts as in use', () => {
    const waiters = [
      waiter('FHD', ['recording/cn/FHD'], { since: 1 }),
      waiter('SD', ['recording/cn/SD'], { since: 2 }),
    ];
    expect(granted(held({ 'recording/cn/SD': 60 }), waiters, caps(literal))).toEqual([]);
    expect(granted(held({ 'recording/cn/SD': 29 }), waiters, caps(literal))).toEqual(['FHD']);
    expect(granted(held({ 'recording/cn/SD': 28 }), waiters, caps(literal))).toEqual(['FHD', 'SD']);
  });

  it('lets a task change its class within what it holds', () => {
    const change = (more: string, less: string, tasks: Readonly<Record<string, number>>): number =>
      granted(held(tasks), [waiter('a', [more], { drops: [slot(less)] })], caps(literal)).length;
    expect(change('recording/cn/HD', 'recording/cn/SD', { 'recording/cn/SD': 50 })).toBe(1);
    expect(change('recording/cn/HD', 'recording/cn/SD', { 'recording/cn/SD': 51 })).toBe(0);
    expect(change('recording/cn/SD', 'recording/cn/HD', { 'recording/cn/HD': 50, 'recording/cn/SD': 30 })).toBe(1);
  });
});

describe('MP-2 fewer than 300 converters in a project is 299', () => {
  const tasks = { 'converter/cn/SD': 260, 'converter/cn/HD': 20, 'converter/eu/SD': 18 };
  it('lets number 299 start and not number 300', () => {
    expect([fits(tasks, 'converter/na/SD'), fits({ ...tasks, 'converter/ap/SD': 1 }, 'converter/na/SD')]).toEqual([
      true,
      false,
    ]);
  });

  it('counts foreign converters against the total of converters only', () => {
    const more = [waiter('more', ['converter/na/SD'])];
    const with_ = (foreign: number): number => granted(held(tasks, foreign), more, caps()).length;
    expect([with_(0), with_(1)]).toEqual([1, 0]);
    expect(granted(held({}, 299), [waiter('recording', ['recording/na/SD'])], caps())).toEqual(['recording']);
    expect(granted(held({ 'converter/na/SD': 19 }, 279), more, caps())).toEqual(['more']);
  });
});

describe('who does not fit is not starved by who does', () => {
  it('the first of a class that is refused keeps its unit in each level that has room', () => {
    // FHD is full, HD has two left: one is kept for the FHD task that waits in front.
    const now = held({ 'recording/eu/FHD': 10, 'recording/eu/HD': 18 });
    const waiters = [
      waiter('FHD', ['recording/eu/FHD'], { since: 1 }),
      waiter('FHD 2', ['recording/eu/FHD'], { since: 2 }),
      waiter('HD 1', ['recording/eu/HD'], { since: 3 }),
      waiter('HD 2', ['recording/eu/HD'], { since: 4 }),
      waiter('SD', ['recording/eu/SD'], { since: 5 }),
    ];
    expect(granted(now, waiters, caps())).toEqual(['HD 1', 'SD']);
    expect(granted(held({ 'recording/eu/FHD': 9, 'recording/eu/HD': 18 }), waiters, caps())).toEqual([
      'FHD',
      'HD 1',
      'SD',
    ]);
  });

  it('a claim of several units collects them, while smaller ones behind it wait', () => {
    const waiters = [
      waiter('three', ['converter/na/HD', 'converter/na/HD', 'converter/na/HD'], { since: 1 }),
      waiter('one', ['converter/na/HD'], { since: 2 }),
    ];
    const room = (count: number): string[] => granted(held({ 'converter/na/HD': 5 - count }), waiters, caps());
    expect([room(0), room(1), room(2), room(3), room(4)]).toEqual([[], [], [], ['three'], ['three', 'one']]);
  });

  it('does not stop other regions and other services', () => {
    const waiters = [
      waiter('FHD', ['recording/eu/FHD'], { since: 1 }),
      waiter('else', ['recording/na/FHD'], { since: 2 }),
    ];
    expect(granted(held({ 'recording/eu/FHD': 10 }), waiters, caps())).toEqual(['else']);
  });
});

describe('a claim that no empty ledger fits', () => {
  it.each`
    slots                               | level
    ${['converter/eu/FHD']}             | ${'converter/eu/FHD'}
    ${Array(6).fill('converter/na/HD')} | ${'converter/na/HD'}
    ${Array(5).fill('converter/na/HD')} | ${undefined}
    ${['recording/eu/FHD']}             | ${undefined}
  `('$slots: $level', ({ slots, level }) => {
    expect(excludedBy(slots.map(slot), limitsFor({}))?.level.id).toBe(level);
  });
});

const REGION = fc.constantFrom('cn', 'ap', 'eu', 'na');
const CELL = fc
  .tuple(fc.constantFrom('recording', 'converter'), REGION, fc.constantFrom('SD', 'HD', 'FHD'))
  .map((parts) => parts.join('/'));
const TIGHT = { SD: 4, HD: 3, FHD: 2 };
const tight = { cn: TIGHT, ap: TIGHT, eu: TIGHT, na: TIGHT, total: 9 };
const RULE = fc.constantFrom('Nested' as const, 'Literal' as const);

const WAITERS = fc
  .array(fc.tuple(fc.array(CELL, { minLength: 1, maxLength: 3 }), fc.integer({ min: -1, max: 1 }), fc.nat(5)), {
    maxLength: 40,
  })
  .map((all) => all.map(([slots, priority, since], index) => waiter(`${index}`, slots, { priority, since })));

const tasksAfter = (now: Held, slots: readonly Slot[]): Map<Cell, number> => {
  const tasks = new Map(now.tasks);
  for (const each of slots) tasks.set(cellOf(each), (tasks.get(cellOf(each)) ?? 0) + 1);
  return tasks;
};

describe('grant, any waiters, any state', () => {
  it('never exceeds any level', () => {
    fc.assert(
      fc.property(WAITERS, RULE, fc.nat(3), (waiters, mixedResolution, foreign) => {
        const under = caps({ recording: tight, converter: tight, mixedResolution });
        const plan = grant(held({}, foreign), [...waiters].sort(byTurn), under);
        const tasks = tasksAfter(
          held({}),
          waiters.filter((each) => plan.granted.has(each.key)).flatMap(({ adds }) => adds),
        );
        for (const level of allLevels(mixedResolution)) {
          const counted = sumOf(level, tasks) + (level.id === 'converter' ? foreign : 0);
          const limit = limitOf(level, under.limits, (cell) => (tasks.get(cell) ?? 0) > 0);
          if (sumOf(level, tasks) > 0) expect(counted, level.id).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it('serves the first of all as soon as room frees, whoever else comes and goes', () => {
    const rounds = fc.array(fc.tuple(WAITERS, fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 });
    const claim = fc.array(CELL, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(rounds, claim, RULE, (all, slots, mixedResolution) => {
        const under = caps({ recording: tight, converter: tight, mixedResolution });
        const head = waiter('head', slots, { priority: 9 });
        fc.pre(excludedBy(head.adds, under.limits) === undefined);
        // Fill up with whatever fits; then holders leave one by one while ever new waiters come.
        let running: Slot[] = [];
        for (const [waiters] of all) {
          const plan = grant({ tasks: tasksAfter(held({}), running), foreign: 0 }, [...waiters].sort(byTurn), under);
          running = [...running, ...waiters.filter((each) => plan.granted.has(each.key)).flatMap(({ adds }) => adds)];
        }
        const before = running.length;
        let ended = 0;
        for (let round = 0; ; round += 1) {
          const [waiters, pick] = all[round % all.length] ?? [[], 0];
          const now = { tasks: tasksAfter(held({}), running), foreign: 0 };
          const plan = grant(now, [head, ...waiters].sort(byTurn), under);
          if (plan.granted.has(head.key)) break;
          // Everyone who ran before the head asked has ended, and it still waits: it is starved.
          expect(ended, 'starved').toBeLessThan(before + 1);
          running = [...running, ...waiters.filter((each) => plan.granted.has(each.key)).flatMap(({ adds }) => adds)];
          // Those that ran at first end in any order; those that came later stay for ever.
          const left = before - ended;
          if (left > 0) running.splice(pick % left, 1);
          ended += 1;
        }
      }),
    );
  });

  it('is the same for any order in which waiters are told', () => {
    fc.assert(
      fc.property(WAITERS, RULE, (waiters, mixedResolution) => {
        const under = caps({ recording: tight, converter: tight, mixedResolution });
        const plan = (all: readonly Waiter[]): string[] => granted(held({}), all, under).sort();
        expect(plan([...waiters].reverse())).toEqual(plan(waiters));
      }),
    );
  });
});

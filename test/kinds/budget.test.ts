import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds, timestamp } from '../../src/core/time.ts';
import { countStart, nextStart, uncountStart } from '../../src/kinds/budget.ts';
import type { Restarts } from '../../src/kinds/task.ts';
import { T0 } from './recording/builders.ts';

const restarts = (more: Partial<Restarts> = {}): Restarts => ({
  count: 3,
  inRow: 0,
  generation: 1,
  lastStarts: [timestamp(T0)],
  lastAt: timestamp(T0),
  ...more,
});
const budget = { generation: 1, maxStartsPerHour: 2 };

describe('§5.5 when the next attempt may begin', () => {
  it('the first, and the first of an edited declaration: at once', () => {
    expect(nextStart(undefined, budget, T0)).toEqual({ at: T0, exhausted: false });
    expect(
      nextStart(restarts({ inRow: 9, lastStarts: [timestamp(T0), timestamp(T0)] }), { ...budget, generation: 2 }, T0),
    ).toEqual({
      at: T0,
      exhausted: false,
    });
  });

  it.each([
    [0, 10],
    [1, 20],
    [2, 40],
    [3, 80],
    [4, 160],
    [5, 300],
    [50, 300],
  ])('after %i in a row: %i s after the last beginning', (inRow, wait) => {
    expect(nextStart(restarts({ inRow }), budget, T0)).toEqual({ at: T0 + seconds(wait), exhausted: false });
  });

  it('the budget is a sliding hour: its edge on both sides', () => {
    const two = restarts({
      lastStarts: [timestamp(T0), timestamp(T0 + minutes(1))],
      lastAt: timestamp(T0 + minutes(1)),
    });
    expect(nextStart(two, budget, T0 + hours(1) - 1)).toEqual({ at: T0 + hours(1), exhausted: true });
    expect(nextStart(two, budget, T0 + hours(1))).toMatchObject({ exhausted: false });
    expect(nextStart(two, { ...budget, maxStartsPerHour: 3 }, T0 + hours(1) - 1)).toMatchObject({ exhausted: false });
  });
});

describe('§5.5 what counts', () => {
  it('the first is no restart; a re-creation is; an edit is one, but neither spaced nor budgeted', () => {
    const first = countStart(undefined, { generation: 1, cause: 'first' }, T0);
    expect(first).toMatchObject({ count: 0, inRow: 0, lastStarts: [timestamp(T0)] });
    const second = countStart(first, { generation: 1, cause: 'recreate' }, T0 + 1);
    expect(second).toMatchObject({ count: 1, inRow: 1, lastStarts: [timestamp(T0), timestamp(T0 + 1)] });
    expect(countStart(second, { generation: 2, cause: 'edit' }, T0 + 2)).toMatchObject({
      count: 2,
      inRow: 0,
      generation: 2,
      lastStarts: [],
    });
  });

  it('a start that is taken back leaves the earlier ones, also where an edit had caused it', () => {
    const first = countStart(undefined, { generation: 1, cause: 'first' }, T0);
    for (const cause of ['recreate', 'edit'] as const)
      expect(uncountStart(countStart(first, { generation: 1, cause }, T0 + 1))).toMatchObject({
        count: 0,
        inRow: 0,
        lastStarts: [timestamp(T0)],
      });
  });

  it('what is older than an hour is forgotten, and never more than a status holds', () => {
    let counted = countStart(undefined, { generation: 1, cause: 'first' }, T0);
    for (let index = 1; index <= 100; index += 1)
      counted = countStart(counted, { generation: 1, cause: 'recreate' }, T0 + seconds(index));
    expect(counted.lastStarts).toHaveLength(60);
    const later = countStart(counted, { generation: 1, cause: 'recreate' }, T0 + hours(1) + seconds(99));
    expect(later.lastStarts).toEqual([timestamp(T0 + seconds(100)), timestamp(T0 + hours(1) + seconds(99))]);
  });
});

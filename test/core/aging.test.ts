import { describe, expect, it } from 'vitest';
import { AgingList } from '../../src/core/aging.ts';

const list = (bestByAge: number): AgingList<string> => new AgingList({ ranks: 3, riseAfterMs: 100, bestByAge });

const drain = (items: AgingList<string>, now: number): string[] => {
  const taken: string[] = [];
  for (let item = items.take(now); item !== undefined; item = items.take(now)) taken.push(item);
  return taken;
};

describe('AgingList', () => {
  it('goes by class, then age', () => {
    const items = list(0);
    items.push('low', 2, 0);
    items.push('high', 0, 1);
    items.push('middle', 1, 2);
    items.push('middle, later', 1, 3);
    expect([items.size, items.sizeOf(1), drain(items, 4)]).toEqual([4, 2, ['high', 'middle', 'middle, later', 'low']]);
  });

  it.each`
    now    | order
    ${99}  | ${['middle', 'low']}
    ${100} | ${['low', 'middle']}
  `('lifts by one class for each 100 ms: at $now ms the order is $order', ({ now, order }) => {
    const items = list(0);
    items.push('low', 2, 0);
    items.push('middle', 1, 50);
    expect(drain(items, now)).toEqual(order);
  });

  it('lifts no further than the best class by age', () => {
    const items = list(1);
    items.push('low', 2, 0);
    items.push('high', 0, 10_000);
    expect(drain(items, 10_000)).toEqual(['high', 'low']);
  });

  it('forgets what is deleted, once', () => {
    const items = list(0);
    const place = items.push('gone', 1, 0);
    items.push('here', 1, 7);
    expect([items.oldest(), items.delete(place), items.delete(place), items.oldest(), drain(items, 0)]).toEqual([
      0,
      true,
      false,
      7,
      ['here'],
    ]);
  });

  it('knows only its classes', () => {
    expect(() => list(0).push('lost', 3, 0)).toThrow('class');
  });
});

import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/hosts/kubernetes/turns.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('let so much run at once, the rest in the order in which it came, also after a failure', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const results = ends.map(({ promise }, index) =>
      turns.run(() => {
        begun.push(index);
        return promise;
      }),
    );
    const outcomes = Promise.allSettled(results);
    await settle();
    expect(begun).toEqual([0, 1]);
    ends[1]?.reject(new Error('away'));
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    ends[0]?.resolve(0);
    await settle();
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const { resolve } of ends) resolve(1);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      ...Array(3).fill('fulfilled'),
    ]);
    await turns.run(async () => begun.push(5));
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

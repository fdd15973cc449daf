import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerHeap } from '../../src/engine/timerheap.ts';

describe('TimerHeap', () => {
  it('gives keys in the order of their instants, of several instants of a key the earliest', () => {
    const heap = new TimerHeap<string>();
    heap.set('late', 30);
    expect([heap.set('moved', 40), heap.set('moved', 10), heap.set('moved', 20)]).toEqual([true, true, false]);
    expect(heap.next()).toEqual({ key: 'moved', at: 10 });
    expect([heap.size, heap.take(9), heap.take(10), heap.take(29), heap.take(30), heap.take(1e9)]).toEqual([
      2,
      undefined,
      'moved',
      undefined,
      'late',
      undefined,
    ]);
  });

  it('does what a sorted list does', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat(1_000), fc.boolean()), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new TimerHeap<number>();
        const model = new Map<number, number>();
        for (const [key, at, takes] of all) {
          if (takes) {
            const taken = heap.take(at);
            const due = [...model.values()].filter((instant) => instant <= at);
            expect(taken === undefined ? undefined : model.get(taken)).toBe(
              due.length > 0 ? Math.min(...due) : undefined,
            );
            if (taken !== undefined) model.delete(taken);
          } else {
            heap.set(key, at);
            model.set(key, Math.min(at, model.get(key) ?? at));
          }
          expect(heap.size).toBe(model.size);
        }
      }),
    );
  });
});

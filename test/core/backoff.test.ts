import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rung, spreadRung } from '../../src/core/backoff.ts';
import { seconds } from '../../src/core/time.ts';

const LADDER = [seconds(3), seconds(6), seconds(9)];

describe('backoff schedules', () => {
  it.each([
    [1, 3_000],
    [2, 6_000],
    [3, 9_000],
    [4, 9_000],
    [1_000, 9_000],
    [0, 3_000],
  ])('after %i failures waits %i ms', (failures, wait) => {
    expect(rung(LADDER, failures)).toBe(wait);
  });

  it('an empty schedule does not wait', () => {
    expect(rung([], 3)).toBe(0);
  });

  it('spreads within its bounds, the same in every run', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 10_000 }),
        (uid, failures, spread) => {
          const wait = spreadRung(LADDER, failures, spread, uid);
          expect(wait).toBeGreaterThanOrEqual(rung(LADDER, failures));
          expect(wait).toBeLessThanOrEqual(rung(LADDER, failures) + spread);
          expect(spreadRung(LADDER, failures, spread, uid)).toBe(wait);
        },
      ),
    );
  });

  it('spreads resources from each other, and the attempts of one', () => {
    const of = (uid: string, failures: number) => spreadRung([seconds(5)], failures, seconds(1), uid);
    const waits = Array.from({ length: 100 }, (_, index) => of(`uid-${index}`, 1));
    const tenths = new Set(waits.map((wait) => Math.floor((wait - seconds(5)) / 100)));
    expect(tenths.size).toBe(10);
    expect(of('uid-1', 1)).not.toBe(of('uid-1', 2));
  });
});

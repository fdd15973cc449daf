import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../src/limits/arrivals.ts';

const RATE = { cap: 2, windowMs: 1_000, marginMs: 50 };

describe('WR-2, MP-1: what left early may arrive late', () => {
  it.each`
    tookMs       | freeAt   | why
    ${5}         | ${1_050} | ${'the margin alone'}
    ${120}       | ${1_120} | ${'it arrived when it was answered at the latest'}
    ${400}       | ${1_250} | ${'but not later than the most that is thought of'}
    ${undefined} | ${1_250} | ${'nor where no answer comes at all'}
  `('a first burst answered after $tookMs ms leaves room at $freeAt ms: $why', ({ tookMs, freeAt }) => {
    const arrivals = new Arrivals();
    const burst = [arrivals.left('create', 0), arrivals.left('create', 0)];
    if (tookMs !== undefined) for (const departure of burst) arrivals.answered(departure, tookMs);
    expect(arrivals.crowdedForMs(freeAt - 1, RATE)).toBe(1);
    expect(arrivals.crowdedForMs(freeAt, RATE)).toBe(0);
  });

  it('expects of a call what others of its class took before it left', () => {
    const arrivals = new Arrivals();
    arrivals.answered(arrivals.left('start', 0), 200);
    for (const departure of [arrivals.left('start', 5_000), arrivals.left('start', 5_000)])
      arrivals.answered(departure, 5_220);
    expect(arrivals.crowdedForMs(5_250, RATE)).toBe(800);
  });

  it('has room while fewer than the cap are counted', () => {
    const arrivals = new Arrivals();
    arrivals.left('create', 0);
    expect(arrivals.crowdedForMs(10, RATE)).toBe(0);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PLANTS, plantNamed } from './plants.ts';
import { type SimulationOptions, simulate } from './simulate.ts';

/** As the simulation was before redundancy, short passes, and deletions at writes came to it. */
const EARLY = { redundancy: false, mostRounds: 40, deletions: false } as const;

/** Seeds that once broke an invariant, by what they found; kept so that it stays mended. */
const SCENARIOS: readonly (SimulationOptions & { readonly found: string })[] = [
  {
    ...EARLY,
    seed: '29',
    hours: 12,
    found: 'a start refused by quota was repeated every five seconds instead of waiting in the queue',
  },
  {
    ...EARLY,
    seed: '102',
    hours: 4,
    found: 'an acquire refused by quota was repeated at once, since its slot counted as held',
  },
  {
    ...EARLY,
    seed: '123',
    hours: 5,
    found: 'a task whose start nobody could know of is stopped once a notice tells of it, and that only',
  },
  { seed: '1', hours: 4, mostRounds: 1, deletions: false, found: 'what the last call of a pass answered was dropped' },
  {
    seed: '37',
    hours: 4,
    mode: 'api',
    mostRounds: 40,
    found: 'a handle that grew too old in the queue was acquired anew, without a slot, once a minute',
  },
];

describe('the deterministic simulation', () => {
  it('holds every invariant over a handful of bad days', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const { violations } = await simulate({ seed: String(seed), hours: 3 });
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  }, 120_000);

  it.each(SCENARIOS)(
    'seed $seed stays mended: $found',
    async ({ found: _found, ...options }) => {
      expect((await simulate(options)).violations).toEqual([]);
    },
    60_000,
  );

  // Not at a whole hour, about which recordings come to their planned ends.
  it('WR-11 MP-28 with all notices lost the result is the same', async () => {
    for (const seed of ['1', '2', '3', '4']) {
      const told = await simulate({ seed, hours: 3.5, mode: 'api', told: 'well' });
      const never = await simulate({ seed, hours: 3.5, mode: 'api', told: 'never' });
      expect(never.violations).toEqual([]);
      expect(never.settled, `seed ${seed}`).toEqual(told.settled);
    }
  }, 120_000);

  it('repeats a seed exactly, and tells seeds apart', async () => {
    const first = await traceOf('7');
    expect(await traceOf('7')).toBe(first);
    expect(await traceOf('8')).not.toBe(first);
  }, 60_000);

  it.each(PLANTS.map(({ name }) => name))(
    'finds the planted mistake %s',
    async (name) => {
      expect(await foundBy(name)).toBeDefined();
    },
    240_000,
  );
});

/** The seed that finds a planted mistake; undefined where none of eighty does. A change of the controller changes what a seed brings. */
async function foundBy(name: string): Promise<number | undefined> {
  const plant = plantNamed(name);
  for (let seed = plant.from; seed < plant.from + 80; seed += 1) {
    const { violations } = await simulate({ seed: String(seed), hours: 4, plant });
    if (violations.length > 0) return seed;
  }
  return undefined;
}

async function traceOf(seed: string): Promise<string> {
  const hash = createHash('sha256');
  await simulate({ seed, hours: 2, trace: (line) => hash.update(line) });
  return hash.digest('hex');
}

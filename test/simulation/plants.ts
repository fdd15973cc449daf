import type { Resource } from '../../src/core/resource.ts';
import type { AnyKind } from '../../src/kinds/index.ts';
import type { Lanes } from '../../src/limits/lanes.ts';

type Kinds = Readonly<Record<Resource['kind'], AnyKind>>;

/** A mistake put into the controller from outside, to see that the simulation finds it. */
export interface Plant {
  readonly name: string;
  kinds(kinds: Kinds, incarnation: number): Kinds;
  lanes(lanes: Lanes): Lanes;
}

export const NO_PLANT: Plant = { name: 'none', kinds: (kinds) => kinds, lanes: (lanes) => lanes };

export const PLANTS: readonly Plant[] = [];

export function plantNamed(name: string): Plant {
  const plant = PLANTS.find((one) => one.name === name);
  if (plant === undefined)
    throw new Error(`no such plant: ${name}; there are ${PLANTS.map((one) => one.name).join(', ')}`);
  return plant;
}

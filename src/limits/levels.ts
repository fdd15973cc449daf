import { assertNever } from '../core/assert.ts';
import type { Region, ResolutionClass, Service, Slot } from './slot.ts';
import type { Limits, MixedResolution } from './tables.ts';

/** `recording/eu/HD`: the tasks of one service, region and class under one App ID. */
export type Cell = `${Service}/${Region}/${ResolutionClass}`;

/** The better comes last. */
export const CLASSES: readonly ResolutionClass[] = ['SD', 'HD', 'FHD'];
export const REGIONS: readonly Region[] = ['cn', 'ap', 'eu', 'na'];
export const SERVICES: readonly Service[] = ['recording', 'converter'];

export const cellOf = ({ service, region, class: of }: Omit<Slot, 'appId'>): Cell => `${service}/${region}/${of}`;

/**
 * One bound that a slot counts against. `class`: a region's limit of a class; `region`: a region's limit over all
 * classes (only where they mix literally); `total`: the limit over all regions.
 */
export type Level = LevelBase &
  (
    | { readonly of: 'class'; readonly region: Region; readonly class: ResolutionClass; readonly id: Cell }
    | { readonly of: 'region'; readonly region: Region }
    | { readonly of: 'total' }
  );

interface LevelBase {
  readonly id: string;
  readonly service: Service;
  /** The cells whose tasks are counted here. */
  readonly cells: readonly Cell[];
}

/**
 * The levels that any of the slots counts against, the narrowest first.
 *
 * WR-5, MP-5, nested: a task of a class counts against the limit of that class and of every class below it. Literal: it
 * counts against its class, and all tasks of the region together keep to the limit of the best class in use there.
 */
export function levelsOf(slots: readonly Slot[], rule: MixedResolution): readonly Level[] {
  const [first, ...others] = slots.map((slot) => TABLES[rule].get(cellOf(slot)) ?? []);
  if (first === undefined || others.length === 0) return first ?? [];
  return [...new Set([...first, ...others.flat()])];
}

export const touches = (level: Level, slot: Slot): boolean => level.cells.includes(cellOf(slot));

/** All levels of a rule, for tables and metrics. */
export const allLevels = (rule: MixedResolution): readonly Level[] => [...new Set([...TABLES[rule].values()].flat())];

export function sumOf(level: Level, tasks: ReadonlyMap<Cell, number>): number {
  let sum = 0;
  for (const cell of level.cells) sum += tasks.get(cell) ?? 0;
  return sum;
}

export function limitOf(level: Level, limits: Limits, isInUse: (cell: Cell) => boolean): number {
  const { perRegion, total } = limits[level.service];
  switch (level.of) {
    case 'class':
      return perRegion[level.region][level.class];
    case 'region': {
      const best = CLASSES.findLast((of) =>
        isInUse(cellOf({ service: level.service, region: level.region, class: of })),
      );
      return perRegion[level.region][best ?? 'SD'];
    }
    case 'total':
      return total;
    default:
      return assertNever(level);
  }
}

export function levelName(level: Level): string {
  switch (level.of) {
    case 'class':
      return `${level.service} ${level.region} ${level.class}`;
    case 'region':
      return `${level.service} ${level.region}, all classes`;
    case 'total':
      return `${level.service}, all regions`;
    default:
      return assertNever(level);
  }
}

const TABLES: Readonly<Record<MixedResolution, ReadonlyMap<Cell, readonly Level[]>>> = {
  Nested: tableOf((service, region) => {
    const levels = CLASSES.map((of, index) => classLevel(service, region, of, CLASSES.slice(index)));
    return (of) => levels.slice(0, CLASSES.indexOf(of) + 1).reverse();
  }),
  Literal: tableOf((service, region) => {
    const all: Level = {
      of: 'region',
      id: `${service}/${region}`,
      service,
      region,
      cells: cellsOf(service, [region], CLASSES),
    };
    return (of) => [classLevel(service, region, of, [of]), all];
  }),
};

/** Objects are shared, so that a level is told from another by identity. */
function tableOf(
  levels: (service: Service, region: Region) => (of: ResolutionClass) => readonly Level[],
): ReadonlyMap<Cell, readonly Level[]> {
  const table = new Map<Cell, readonly Level[]>();
  for (const service of SERVICES) {
    const total: Level = { of: 'total', id: service, service, cells: cellsOf(service, REGIONS, CLASSES) };
    for (const region of REGIONS) {
      const levelsOfClass = levels(service, region);
      for (const of of CLASSES) table.set(cellOf({ service, region, class: of }), [...levelsOfClass(of), total]);
    }
  }
  return table;
}

function classLevel(service: Service, region: Region, of: ResolutionClass, counted: readonly ResolutionClass[]): Level {
  return {
    of: 'class',
    id: cellOf({ service, region, class: of }),
    service,
    region,
    class: of,
    cells: cellsOf(service, [region], counted),
  };
}

function cellsOf(service: Service, regions: readonly Region[], classes: readonly ResolutionClass[]): readonly Cell[] {
  return regions.flatMap((region) => classes.map((of) => cellOf({ service, region, class: of })));
}

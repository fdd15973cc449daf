import { type Area, SIZE_CLASSES, type SizeClass } from './sizes.ts';
import type { Switches } from './switches.ts';

export type Product = 'recording' | 'converter';
export type LimitTable = Readonly<Record<Area, Readonly<Record<SizeClass, number>>>>;

/** All limits of one App ID (reference E, A.7). */
export interface Limits {
  readonly recording: LimitTable;
  /** The flat peak of the current documents, over all regions and classes. */
  readonly recordingTotal: number;
  readonly converter: LimitTable;
  /** "Below 300". */
  readonly converterTotal: number;
  /** Calls a second. List is not documented; it is held to the figure of its siblings. */
  readonly qps: Readonly<Record<QpsLimit, number>>;
}

export const QPS_LIMITS = [
  'recording',
  'create',
  'deleteConverter',
  'updateConverter',
  'updateOneConverter',
  'get',
  'list',
] as const;
export type QpsLimit = (typeof QPS_LIMITS)[number];

const row = (SD: number, HD: number, FHD: number): Readonly<Record<SizeClass, number>> => ({ SD, HD, FHD });

export const DEFAULT_LIMITS: Limits = {
  recording: { cn: row(100, 50, 30), ap: row(100, 50, 30), eu: row(50, 30, 10), na: row(100, 50, 30) },
  recordingTotal: 200,
  converter: { cn: row(300, 50, 20), ap: row(20, 5, 0), eu: row(20, 5, 0), na: row(20, 5, 0) },
  converterTotal: 299,
  qps: {
    recording: 10,
    create: 50,
    deleteConverter: 50,
    updateConverter: 50,
    updateOneConverter: 2,
    get: 50,
    list: 50,
  },
};

type Overrides<Value> = {
  readonly [Name in keyof Value]?: Value[Name] extends number ? number : Overrides<Value[Name]>;
};
export type LimitOverrides = Overrides<Limits>;

export function withOverrides(limits: Limits, overrides: LimitOverrides | undefined): Limits {
  if (overrides === undefined) return limits;
  const table = (base: LimitTable, over: LimitOverrides['recording']): LimitTable => ({
    cn: { ...base.cn, ...over?.cn },
    ap: { ...base.ap, ...over?.ap },
    eu: { ...base.eu, ...over?.eu },
    na: { ...base.na, ...over?.na },
  });
  return {
    recording: table(limits.recording, overrides.recording),
    recordingTotal: overrides.recordingTotal ?? limits.recordingTotal,
    converter: table(limits.converter, overrides.converter),
    converterTotal: overrides.converterTotal ?? limits.converterTotal,
    qps: { ...limits.qps, ...overrides.qps },
  };
}

/** A limit that a count is above. `class` is absent for a total over all. */
export interface Excess {
  readonly product: Product;
  readonly area?: Area;
  readonly class?: SizeClass;
  readonly used: number;
  readonly limit: number;
}

/** How many tasks of one App ID run, by product, area and class. */
export class Usage {
  readonly #counts: Record<Product, Record<Area, Record<SizeClass, number>>> = {
    recording: noTasks(),
    converter: noTasks(),
  };
  readonly #totals: Record<Product, number> = { recording: 0, converter: 0 };

  add(product: Product, area: Area, size: SizeClass, change: 1 | -1): void {
    this.#counts[product][area][size] += change;
    this.#totals[product] += change;
  }

  total(product: Product): number {
    return this.#totals[product];
  }

  counts(product: Product, area: Area): Readonly<Record<SizeClass, number>> {
    return this.#counts[product][area];
  }

  /** The limits that would not hold with one more task (`extra` 1) or do not hold now (`extra` 0). */
  excess(
    product: Product,
    area: Area,
    size: SizeClass,
    extra: 0 | 1,
    limits: Limits,
    rule: Switches['mixedResolution'],
  ): Excess[] {
    const found: Excess[] = [];
    const check = (used: number, limit: number, where: Pick<Excess, 'area' | 'class'>): void => {
      if (used > limit) found.push({ product, ...where, used, limit });
    };
    check(this.#totals[product] + extra, product === 'recording' ? limits.recordingTotal : limits.converterTotal, {});
    const table = limits[product][area];
    const counts = { ...this.#counts[product][area] };
    counts[size] += extra;
    if (rule === 'nested') {
      let orBetter = 0;
      for (const each of SIZE_CLASSES.toReversed()) {
        orBetter += counts[each];
        if (SIZE_CLASSES.indexOf(each) <= SIZE_CLASSES.indexOf(size))
          check(orBetter, table[each], { area, class: each });
      }
      return found;
    }
    check(counts[size], table[size], { area, class: size });
    const highest = SIZE_CLASSES.findLast((each) => counts[each] > 0);
    if (highest !== undefined) check(counts.SD + counts.HD + counts.FHD, table[highest], { area, class: highest });
    return found;
  }
}

const noTasks = (): Record<Area, Record<SizeClass, number>> => {
  const none = (): Record<SizeClass, number> => ({ SD: 0, HD: 0, FHD: 0 });
  return { cn: none(), ap: none(), eu: none(), na: none() };
};

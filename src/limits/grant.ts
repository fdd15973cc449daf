import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { type Cell, cellOf, type Level, levelName, levelsOf, limitOf, sumOf, touches } from './levels.ts';
import type { Slot } from './slot.ts';
import type { Limits } from './tables.ts';

/** What the tasks of one App ID take up. */
export interface Held {
  /** Tasks by service, region and class. */
  readonly tasks: ReadonlyMap<Cell, number>;
  /** Converters that are not ours; they count against the total of converters only. */
  readonly foreign: number;
}

export const NOTHING_HELD: Held = { tasks: new Map(), foreign: 0 };

export interface Caps {
  readonly limits: Limits;
  /** Lower limits that Agora's refusals taught, by service, region and class. */
  readonly believed: ReadonlyMap<Cell, number>;
}

/** What a step takes and gives. */
export interface Exchange {
  /** What the resource would hold more than now. */
  readonly adds: readonly Slot[];
  /** What it would give back in the same step. */
  readonly drops: readonly Slot[];
}

/** A resource that would make a call if it had the slots. Made by `waiterOf`. */
export interface Waiter extends Exchange {
  readonly key: Key;
  /** The larger goes first. */
  readonly priority: number;
  readonly since: Instant;
  /** Equal for exchanges that need the same room. */
  readonly shape: string;
}

export const waiterOf = (waiter: Omit<Waiter, 'shape'>): Waiter => ({ ...waiter, shape: shapeOf(waiter) });

/** WR-1: order of priority, then age; the key makes it total. */
export const byTurn = (a: Waiter, b: Waiter): number =>
  b.priority - a.priority || a.since - b.since || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** The level that has no room for a claim. */
export interface Full {
  readonly level: Level;
  readonly limit: number;
  readonly held: number;
  /** Units kept for, or just granted to, those whose turn is earlier. */
  readonly ahead: number;
}

export interface Plan {
  readonly granted: ReadonlySet<Key>;
  /** The first of each shape that was refused, and why; whoever has that shape and a later turn is refused as well. */
  readonly refused: ReadonlyMap<string, { readonly first: Waiter; readonly full: Full }>;
}

/**
 * Who may go on now. Waiters are served in their turn (`waiters` is sorted by `byTurn`); who fits is granted.
 *
 * Who does not fit must not be starved by those behind it that fit: the first of each service, region and class that
 * is refused keeps its units in every level that still has room, so that what frees there stays free for it. Only the
 * first of a class, since more would leave room unused for tasks that cannot start anyway: the price is at most one
 * claim a class. A claim of several units collects them in this way. Where classes mix literally, the class it waits
 * for counts as in use already: otherwise those who are allowed only while it is absent would keep it absent.
 */
export function grant(held: Held, waiters: Iterable<Waiter>, caps: Caps): Plan {
  const tally = createTally(held, caps);
  const granted = new Set<Key>();
  const refused = new Map<string, { readonly first: Waiter; readonly full: Full }>();
  const kept = new Set<Cell>();
  for (const waiter of waiters) {
    const { shape } = waiter;
    // Room only shrinks as the plan goes on: where one was refused, its like is refused too.
    if (refused.has(shape)) continue;
    const full = tally.full(waiter);
    if (full === undefined) {
      tally.take(waiter.adds);
      granted.add(waiter.key);
    } else {
      refused.set(shape, { first: waiter, full });
      const firstOfItsClass = waiter.adds.filter((slot) => !kept.has(cellOf(slot)));
      tally.keep(firstOfItsClass);
      for (const slot of firstOfItsClass) kept.add(cellOf(slot));
    }
  }
  return { granted, refused };
}

/** The level that excludes a claim even from an empty ledger; what is only believed, and what is foreign, may pass. */
export function excludedBy(adds: readonly Slot[], limits: Limits): Full | undefined {
  return createTally(NOTHING_HELD, { limits, believed: new Map() }).full({ adds, drops: [] });
}

function shapeOf({ adds, drops }: Exchange): string {
  const cells = (slots: readonly Slot[]): string => slots.map(cellOf).sort().join();
  return drops.length === 0 ? cells(adds) : `${cells(adds)}-${cells(drops)}`;
}

/** What counts against a level. */
export const countIn = (level: Level, held: Held): number =>
  sumOf(level, held.tasks) + (level.of === 'total' && level.service === 'converter' ? held.foreign : 0);

/** For people: `recording eu HD: 30 of 30 in use`. */
export function describeFull({ level, limit, held, ahead }: Full): string {
  const kept = ahead > 0 ? `, ${ahead} for those ahead` : '';
  return `${levelName(level)}: ${held} of ${limit} in use${kept}`;
}

/** For people: why not even an empty account has room. */
export const describeExclusion = ({ level, limit }: Full, adds: readonly Slot[]): string =>
  `${levelName(level)}: ${unitsIn(level, { adds, drops: [] })} needed, ${limit} allowed`;

/** How many units of a level a claim takes more than it gives back. */
export const unitsIn = (level: Level, { adds, drops }: Exchange): number =>
  adds.filter((slot) => touches(level, slot)).length - drops.filter((slot) => touches(level, slot)).length;

interface Tally {
  full(claim: Exchange): Full | undefined;
  take(adds: readonly Slot[]): void;
  keep(slots: readonly Slot[]): void;
}

/** The room that is left while a plan is made. */
function createTally(held: Held, { limits, believed }: Caps): Tally {
  const taken = new Map<Cell, number>();
  const keptIn = new Map<string, number>();
  /** Literal: classes that are waited for by who keeps a unit. */
  const awaited: Slot[] = [];

  const heldIn = (level: Level): number => countIn(level, held);
  const aheadIn = (level: Level): number => sumOf(level, taken) + (keptIn.get(level.id) ?? 0);
  const isInUse = (cell: Cell): boolean => (held.tasks.get(cell) ?? 0) + (taken.get(cell) ?? 0) > 0;

  const limitWith = (level: Level, slots: readonly Slot[]): number => {
    const classes = new Set([...awaited, ...slots].map(cellOf));
    const limit = limitOf(level, limits, (cell) => isInUse(cell) || classes.has(cell));
    return Math.min(limit, level.of === 'class' ? (believed.get(level.id) ?? limit) : limit);
  };

  return {
    full(claim) {
      for (const level of levelsOf(claim.adds, limits.mixedResolution)) {
        const units = unitsIn(level, claim);
        const limit = limitWith(level, claim.adds);
        // A level in which it takes nothing more is none of its business, unless its class lowers the limit there.
        if (units <= 0 && limit >= limitWith(level, [])) continue;
        const [inUse, ahead] = [heldIn(level), aheadIn(level)];
        if (inUse + ahead + units > limit) return { level, limit, held: inUse, ahead };
      }
      return undefined;
    },
    take(adds) {
      for (const slot of adds) taken.set(cellOf(slot), (taken.get(cellOf(slot)) ?? 0) + 1);
    },
    keep(slots) {
      awaited.push(...slots);
      for (const level of levelsOf(slots, limits.mixedResolution)) {
        const room = limitWith(level, []) - heldIn(level) - aheadIn(level);
        const units = Math.min(room, unitsIn(level, { adds: slots, drops: [] }));
        if (units > 0) keptIn.set(level.id, (keptIn.get(level.id) ?? 0) + units);
      }
    },
  };
}

/** A place in an `AgingList`; what `push` returned is what `delete` takes. */
export interface Place<Item> {
  readonly item: Item;
  /** The class it was pushed with; 0 goes first. */
  readonly rank: number;
  /** When it was pushed, on the caller's monotonic clock. */
  readonly since: number;
}

export interface Aging {
  /** Number of classes. */
  readonly ranks: number;
  /** A waiting item rises one class each time it has waited this long. */
  readonly riseAfterMs: number;
  /** The best class that waiting alone leads to. */
  readonly bestByAge: number;
}

/**
 * Waiting items in the order of class, then age, where waiting itself lifts the class, so that nothing starves. Every
 * operation is O(classes): within one class the oldest is always the most lifted, so only the heads compete.
 */
export class AgingList<Item> {
  readonly #aging: Aging;
  readonly #byRank: readonly Set<Place<Item>>[];

  constructor(aging: Aging) {
    this.#aging = aging;
    this.#byRank = Array.from({ length: aging.ranks }, () => new Set());
  }

  get size(): number {
    return this.#byRank.reduce((sum, places) => sum + places.size, 0);
  }

  sizeOf(rank: number): number {
    return this.#byRank[rank]?.size ?? 0;
  }

  /** `now` must not fall from one call to the next. */
  push(item: Item, rank: number, now: number): Place<Item> {
    const place = { item, rank, since: now };
    const places = this.#byRank[rank];
    if (places === undefined) throw new RangeError(`no class ${rank}`);
    places.add(place);
    return place;
  }

  /** False where it is not waiting any more. */
  delete(place: Place<Item>): boolean {
    return this.#byRank[place.rank]?.delete(place) ?? false;
  }

  /** Takes out the next item. */
  take(now: number): Item | undefined {
    const next = this.#next(now);
    if (next === undefined) return undefined;
    this.delete(next);
    return next.item;
  }

  /** The class that an item has by now. */
  lifted(place: Place<Item>, now: number): number {
    const { riseAfterMs, bestByAge } = this.#aging;
    const rise = Math.floor((now - place.since) / riseAfterMs);
    return Math.max(Math.min(place.rank, bestByAge), place.rank - rise);
  }

  /** Since when the longest waiting item has waited. */
  oldest(): number | undefined {
    const heads = this.#byRank.flatMap((places) => [...head(places)]);
    return heads.length === 0 ? undefined : Math.min(...heads.map(({ since }) => since));
  }

  *[Symbol.iterator](): Generator<Place<Item>> {
    for (const places of this.#byRank) yield* places;
  }

  #next(now: number): Place<Item> | undefined {
    let best: Place<Item> | undefined;
    let bestRank = 0;
    for (const places of this.#byRank) {
      for (const place of head(places)) {
        const rank = this.lifted(place, now);
        if (best === undefined || rank < bestRank || (rank === bestRank && place.since < best.since)) {
          best = place;
          bestRank = rank;
        }
      }
    }
    return best;
  }
}

function* head<Item>(places: Set<Place<Item>>): Generator<Place<Item>> {
  for (const place of places) {
    yield place;
    return;
  }
}

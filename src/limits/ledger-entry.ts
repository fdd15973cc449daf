import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { sameSlot, without } from './claims.ts';
import { type Waiter, waiterOf } from './grant.ts';
import type { Holding } from './pool.ts';
import { type ClaimRequest, type Claims, NO_CLAIMS, type Slot, type UniqueName } from './slot.ts';

/** What the ledger knows of one resource. */
export interface LedgerEntry {
  /** What its status says it holds. */
  held: Claims;
  /** Known ends of `held.slots`, in their order. */
  ends: readonly (Instant | undefined)[];
  /** Granted, but not yet seen in the status. */
  reserved: Claims | undefined;
  /** Asked for and waited for. */
  asked: ClaimRequest | undefined;
  /** App IDs in whose pools it counts or waits. */
  pools: ReadonlySet<string>;
  /** Names it holds, has reserved or waits with. */
  names: readonly UniqueName[];
}

export const newEntry = (): LedgerEntry => ({
  held: NO_CLAIMS,
  ends: [],
  reserved: undefined,
  asked: undefined,
  pools: new Set(),
  names: [],
});

/** Most writes of a status change nothing of what is held. */
export function holdsJust(
  { held, ends, reserved, asked }: LedgerEntry,
  claims: Claims,
  theirEnds: LedgerEntry['ends'],
): boolean {
  return (
    reserved === undefined &&
    asked === undefined &&
    isSame(held.names, claims.names, (a, b) => a === b) &&
    isSame(held.slots, claims.slots, sameSlot) &&
    isSame(ends, theirEnds, (a, b) => a === b)
  );
}

const isSame = <Item>(a: readonly Item[], b: readonly Item[], same: (a: Item, b: Item) => boolean): boolean =>
  a.length === b.length && a.every((item, index) => same(item, b[index] as Item));

/** Everything that an entry has to do with, held or wished for. */
export const allClaims = ({ held, reserved, asked }: LedgerEntry): readonly Claims[] => [
  held,
  reserved ?? NO_CLAIMS,
  asked?.claims ?? NO_CLAIMS,
];

/** Until a grant is written both count: what the status holds and what it is about to hold. */
export function holdingsIn(appId: string, { held, ends, reserved }: LedgerEntry): readonly Holding[] {
  const shown = held.slots.map((slot, index) => ({ slot, end: ends[index] }));
  const hidden = without(reserved?.slots ?? [], held.slots).map((slot) => ({ slot, end: undefined }));
  return [...shown, ...hidden].filter(({ slot }) => slot.appId === appId);
}

/** What an entry waits for under an App ID; undefined where that is nothing. */
export function waiterIn(appId: string, key: Key, { asked, held }: LedgerEntry): Waiter | undefined {
  const here = (slots: readonly Slot[]): readonly Slot[] => slots.filter((slot) => slot.appId === appId);
  const adds = asked === undefined ? [] : here(without(asked.claims.slots, held.slots));
  if (asked === undefined || adds.length === 0) return undefined;
  const drops = here(without(held.slots, asked.claims.slots));
  return waiterOf({ key, adds, drops, priority: asked.priority, since: asked.since });
}

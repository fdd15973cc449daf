import { cellOf } from './levels.ts';
import type { Claims, Slot } from './slot.ts';

export const sameSlot = (a: Slot, b: Slot): boolean => a.appId === b.appId && cellOf(a) === cellOf(b);

/** The slots of `a` that are left when each of `b` has taken one away: claims are multisets. */
export function without(a: readonly Slot[], b: readonly Slot[]): readonly Slot[] {
  const left = [...a];
  for (const slot of b) {
    const index = left.findIndex((other) => sameSlot(other, slot));
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}

export const coversClaims = (all: Claims, part: Claims): boolean =>
  without(part.slots, all.slots).length === 0 && part.names.every((name) => all.names.includes(name));

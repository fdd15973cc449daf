import type { Key } from '../core/resource.ts';
import type { ResourceHost } from '../hosts/host.ts';

/**
 * Keys in the order in which they would be served, were they all to ask for one slot: those that are woken together ask in
 * that order, since whoever asks alone is granted what is free.  (design §6)
 */
export function inTurn(keys: Iterable<Key>, host: Pick<ResourceHost, 'get'>): readonly Key[] {
  const turns = [...keys].map((key) => {
    const resource = host.get(key);
    const { priority = 0 } = (resource?.spec ?? {}) as { readonly priority?: number };
    return { key, priority, since: resource?.metadata.creationTimestamp ?? '' };
  });
  return turns
    .toSorted((a, b) => b.priority - a.priority || compare(a.since, b.since) || compare(a.key, b.key))
    .map(({ key }) => key);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

import type { Instant } from '../core/time.ts';
import type { Entry } from './ledger.ts';

/** Two converters that pushed to one address at the priority that the CDN takes: it may show either, or both in turn. */
export interface PriorityClash {
  readonly appId: string;
  readonly names: readonly [string, string];
  readonly ids: readonly [string, string];
  readonly priority: number;
  readonly from: Instant;
  /** Absent while both live. */
  readonly until?: Instant;
}

/** A time in which a converter pushed to one address. */
interface Stretch {
  readonly entry: Entry;
  readonly priority: number;
  readonly from: Instant;
  readonly until: Instant;
}

/** Of all converters ever; `parameter` is the query parameter by which the CDN takes the priority, the largest first (MP-9). */
export function priorityClashes(entries: readonly Entry[], parameter: string): readonly PriorityClash[] {
  const stretches = entries
    .filter((entry) => entry.identity.product === 'converter')
    .flatMap((entry) => stretchesOf(entry, parameter));
  return [...Map.groupBy(stretches, ({ target }) => target).values()].flatMap(clashesIn);
}

function stretchesOf(entry: Entry, parameter: string): readonly (Stretch & { readonly target: string })[] {
  return entry.addresses.flatMap(({ from, address }, index) => {
    const split = withoutPriority(address, parameter);
    if (split === undefined) return [];
    const until = entry.addresses[index + 1]?.from ?? entry.endedAt ?? Number.POSITIVE_INFINITY;
    return [{ entry, from, until, ...split }];
  });
}

/** Undefined where the address names no priority. */
export function withoutPriority(
  address: string,
  parameter: string,
): { readonly target: string; readonly priority: number } | undefined {
  const [path = '', query = ''] = address.split('?', 2);
  const parts = query.split('&').filter((part) => part !== '');
  const own = parts.find((part) => part.startsWith(`${parameter}=`));
  const priority = Number(own?.slice(parameter.length + 1));
  if (own === undefined || !Number.isFinite(priority)) return undefined;
  return { target: [path, ...parts.filter((part) => part !== own)].join('&'), priority };
}

function clashesIn(stretches: readonly Stretch[]): readonly PriorityClash[] {
  return stretches.flatMap((later, index) =>
    stretches.slice(0, index).flatMap((earlier) => {
      if (earlier.entry === later.entry || earlier.priority !== later.priority) return [];
      const from = Math.max(earlier.from, later.from);
      const until = Math.min(earlier.until, later.until);
      const higher = stretches.filter(({ priority }) => priority > later.priority);
      if (from >= until || isCovered({ from, until }, higher)) return [];
      const [a, b] = [earlier.entry.identity, later.entry.identity];
      const clash: PriorityClash = {
        appId: b.appId,
        names: [a.name, b.name],
        ids: [a.id, b.id],
        priority: later.priority,
        from,
        ...(Number.isFinite(until) ? { until } : {}),
      };
      return [clash];
    }),
  );
}

/** Whether at each moment of `span` at least one of the others goes on. */
function isCovered(
  span: { readonly from: Instant; readonly until: Instant },
  others: readonly { readonly from: Instant; readonly until: Instant }[],
): boolean {
  let reached = span.from;
  for (const { from, until } of [...others].sort((a, b) => a.from - b.from)) {
    if (from > reached) break;
    reached = Math.max(reached, until);
  }
  return reached >= span.until;
}

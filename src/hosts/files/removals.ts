import type { Key } from '../../core/resource.ts';

/** What one scan says about the resources that are known. Times are monotonic. */
export interface Absences {
  readonly known: readonly Key[];
  /** Those of `known` that no readable or still counting file declares. */
  readonly absent: readonly Key[];
  /** The scan found no manifest at all. */
  readonly empty: boolean;
  readonly beganAt: number;
  readonly endedAt: number;
}

/**
 * Decides when an absence is a removal: after `pruneAfterMs` in complete scans, at least two. A scan that finds
 * nothing, or in which more than half of the known resources (and at least two) are gone, looks like a mistake (an
 * unmounted directory, the wrong branch) and removes nothing until exactly its list is confirmed. Nothing of this is
 * stored: a restart starts every absence anew and confirms nothing.
 */
export class Removals {
  readonly #pruneAfterMs: number;
  readonly #guard: 'held' | 'all';
  #absentSince = new Map<Key, number>();
  #confirmed = new Set<Key>();
  #held: readonly Key[] | undefined;

  constructor(options: { readonly pruneAfterMs: number; readonly prune: 'held' | 'all' }) {
    this.#pruneAfterMs = options.pruneAfterMs;
    this.#guard = options.prune;
  }

  /** Takes a complete scan; tells which removals take effect now. */
  take({ known, absent, empty, beganAt, endedAt }: Absences): readonly Key[] {
    const since = new Map(absent.map((key) => [key, this.#absentSince.get(key) ?? endedAt]));
    this.#absentSince = since;
    this.#confirmed = new Set(absent.filter((key) => this.#confirmed.has(key)));
    const open = absent.filter((key) => !this.#confirmed.has(key));
    const most = absent.length >= 2 && absent.length * 2 > known.length;
    this.#held = this.#guard === 'held' && open.length > 0 && (empty || most) ? open : undefined;
    const may = this.#held === undefined ? absent : absent.filter((key) => this.#confirmed.has(key));
    return may.filter((key) => beganAt - (since.get(key) ?? endedAt) >= this.#pruneAfterMs);
  }

  /** Resources that are declared again although the scan was not complete. */
  present(keys: Iterable<Key>): void {
    for (const key of keys) {
      this.#absentSince.delete(key);
      this.#confirmed.delete(key);
    }
  }

  /** The removals that wait for a person. */
  held(): readonly Key[] | undefined {
    return this.#held;
  }

  /** `differs`: what is held is not this list (any more), so nothing is confirmed. */
  confirm(list: readonly Key[]): 'confirmed' | 'differs' {
    const held = new Set(this.#held);
    if (held.size === 0 || held.size !== new Set(list).size || !list.every((key) => held.has(key))) return 'differs';
    this.#confirmed = new Set([...this.#confirmed, ...list]);
    this.#held = undefined;
    return 'confirmed';
  }

  /** When the next absence may become a removal; undefined where none may. */
  nextAt(): number | undefined {
    const held = new Set(this.#held);
    const times = [...this.#absentSince].flatMap(([key, since]) => (held.has(key) ? [] : [since + this.#pruneAfterMs]));
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

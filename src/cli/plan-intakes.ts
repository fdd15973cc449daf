import { deletionRequested, type Key, type Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { Declared } from '../hosts/declared.ts';
import type { StateRecord } from '../hosts/files/record.ts';
import { amended, born, marked, stopSent, withdrawn } from '../hosts/lifecycle.ts';
import type { Intake } from '../plan/judge.ts';

export interface IntakeSources {
  readonly declared: ReadonlyMap<Key, Declared>;
  readonly records: ReadonlyMap<Key, StateRecord>;
  /** Files that were read, as they were named. */
  readonly files: readonly string[];
  /** A directory was named, so that what it does not declare is declared nowhere. */
  readonly whole: boolean;
  readonly now: Instant;
}

export interface Intakes {
  readonly intakes: readonly Intake[];
  /** In the state, and of files that were not named: nothing is said of them. */
  readonly aside: number;
  /** Removals that `watch` would hold back until they are confirmed (`PruneHeld`). */
  readonly held: boolean;
}

/** What taking the declaration over would make of each resource, by the rules of the files host. */
export function intakesOf({ declared, records, files, whole, now }: IntakeSources): Intakes {
  const intakes = [...declared].map(([key, one]) => taken(key, one, records.get(key)?.resource, now));
  const missing = [...records].filter(([key]) => !declared.has(key));
  const isJudged = ([, { resource, source }]: (typeof missing)[number]): boolean =>
    whole || deletionRequested(resource) || isAmong(source, files);
  const judged = missing.filter(isJudged);
  const others = missing.filter((each) => !isJudged(each));
  const known = [...records.values()].filter(({ resource }) => !deletionRequested(resource)).length;
  const removed = judged.filter(([, { resource }]) => !deletionRequested(resource));
  return {
    intakes: [
      ...intakes,
      ...judged.map(([, { resource }]) => ({
        before: resource,
        after: deletionRequested(resource) ? resource : marked(resource, now),
        anew: false,
      })),
      ...others.map(([, { resource }]) => ({ before: resource, after: resource, anew: false, aside: true as const })),
    ],
    aside: others.length,
    held: whole && removed.length > 0 && (declared.size === 0 || (removed.length >= 2 && removed.length * 2 > known)),
  };
}

function taken(key: Key, declared: Declared, before: Resource | undefined, now: Instant): Intake {
  if (before === undefined) return { before, after: born(declared, { uid: `planned:${key}`, now }), anew: false };
  if (!deletionRequested(before)) return { before, after: amended(before, declared), anew: false };
  if (stopSent(before)) return { before, after: before, anew: true };
  return { before, after: amended(withdrawn(before), declared), anew: false };
}

/** `source` is relative to the directory that was watched; where that lies is not known here. */
const isAmong = (source: string | undefined, files: readonly string[]): boolean =>
  source !== undefined && files.some((file) => file === source || file.endsWith(`/${source}`));

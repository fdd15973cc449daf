import { sha256 } from '../core/hash.ts';

/** Numbers in [0, 1) that are the same in every run of one seed; one die for each purpose keeps purposes apart. */
export type Die = () => number;

/** Mulberry32, begun from a hash of the seed: fast, and good enough for latencies and faults. */
export function createDie(seed: string): Die {
  let state = Number.parseInt(sha256(seed, 8), 16);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Ids {
  /** 32 hex digits, as sids and converter ids are in every sample. */
  task(): string;
  /** Opaque and long, as resourceIds are. */
  resource(): string;
  /** In the form of a UUID. */
  request(): string;
}

/** Ids by hash from the seed and a counter: no randomness, and no repetition. */
export function createIds(seed: string): Ids {
  const counts = { task: 0, resource: 0, request: 0 };
  const next = (purpose: keyof typeof counts): string => sha256(`${seed}/${purpose}/${counts[purpose]++}`);
  return {
    task: () => next('task').slice(0, 32),
    resource: () => Buffer.from(next('resource') + next('resource')).toString('base64url'),
    request: () => next('request').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  };
}

import { invariant } from '../../core/assert.ts';
import { sha256 } from '../../core/hash.ts';
import type { Resource } from '../../core/resource.ts';
import type { UniqueName } from '../../limits/slot.ts';
import type { ConverterSpec } from './types.ts';

/** What Agora allows (C.2). */
const LONGEST = 64;
/** Leaves room for `-r99` and `-agora-isolate-3` (design §4). */
const BUDGET = 44;
const OUTSIDE = /[^A-Za-z0-9_-]/gu;
const MOST_NAMES = 99;

/** MP-19: declared, or `<rtcChannel>_<metadata.name>` within Agora's characters and the budget. */
export function baseNameOf(resource: Pick<Resource<ConverterSpec>, 'metadata' | 'spec'>): string {
  const { spec, metadata } = resource;
  if (spec.name !== undefined) return spec.name;
  return derivedName(`${channelOf(spec)}_${metadata.name}`);
}

/** Characters outside the set become `-`; where any was replaced, or the text is too long, its hash is added. */
export function derivedName(full: string): string {
  const clean = full.replace(OUTSIDE, '-');
  if (clean === full && full.length <= BUDGET) return full;
  return `${clean.slice(0, BUDGET - 9)}-${sha256(full, 8)}`;
}

/** MP-10: what places a task on a resource of its own; Agora reads it at the end of the name. */
const ISOLATED = /-agora-isolate-[123]$/u;

/** The n-th name of a converter: the first is the name itself (design §5.4). What isolates it stays last (MP-10). */
export function nthName(base: string, n: number): string {
  if (n === 1) return base;
  const isolation = ISOLATED.exec(base)?.[0] ?? '';
  const stem = base.slice(0, base.length - isolation.length);
  const suffix = `-r${n}${isolation}`;
  if (stem.length + suffix.length <= LONGEST) return `${stem}${suffix}`;
  return `${stem.slice(0, LONGEST - suffix.length - 9)}-${sha256(stem, 8)}${suffix}`;
}

/** The first name of this converter that is not taken. */
export function freeName(base: string, taken: readonly string[]): string {
  for (let n = 1; n <= MOST_NAMES; n += 1) {
    const name = nthName(base, n);
    if (!taken.includes(name)) return name;
  }
  invariant(false, `${base} has used all its names`);
}

export function isNameOf(base: string, name: string): boolean {
  if (name === base) return true;
  const n = Number(/-r([1-9][0-9]?)(?:-agora-isolate-[123])?$/u.exec(name)?.[1] ?? Number.NaN);
  return n >= 2 && nthName(base, n) === name;
}

/** MP-10: placed on a resource of its own; three ways at most. */
export function isolatedName(name: string, way: Way): string {
  const isolated = `${name}-agora-isolate-${way}`;
  invariant(isolated.length <= LONGEST, `${isolated} is longer than ${LONGEST}`);
  return isolated;
}

/** The way that a name is isolated on. */
export function wayOf(name: string): Way | undefined {
  const way = Number(ISOLATED.exec(name)?.[0].at(-1));
  return WAYS.find((each) => each === way);
}

export const WAYS = [1, 2, 3] as const;
export type Way = (typeof WAYS)[number];

export const channelOf = (spec: ConverterSpec): string =>
  spec.transcodeOptions?.rtcChannel ?? spec.rawOptions?.rtcChannel ?? '';

/** MP-18: a converter's name is unique in its project. */
export const nameClaim = (appId: string, name: string): UniqueName => `${appId}/converter/${name}`;

/** MP-17: each converter has a user of its own in the channel. */
export function userClaim(appId: string, spec: ConverterSpec): UniqueName | undefined {
  const user = spec.user?.uid ?? spec.user?.account;
  return user === undefined ? undefined : `${appId}/${channelOf(spec)}/${user}`;
}

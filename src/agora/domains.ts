import { rung } from '../core/backoff.ts';
import { type Instant, minutes } from '../core/time.ts';
import type { CallName } from './calls.ts';
import {
  DEPLOYED,
  type Location,
  MAIN_SUFFIX,
  mainDomain,
  OTHER_SUFFIX,
  PARTNER,
  type RegionName,
  regionDomain,
  type Suffix,
  suffixOf,
} from './domain-table.ts';
import { NETWORK_RETRY } from './schedules.ts';

/**
 * Which domain an App ID's calls go through (MP-11 to MP-14, A.4). Pure; `domain-book.ts` keeps a state an App ID.
 *
 *     primary ──failure──► primary, once more ──DNS──► alternate ──► adjacent, suffix in use ──► its other suffix ─┐
 *        ▲                        └──────────── network ────────────────▲                                          │
 *        └───── an HTTP answer through the primary, or the end of the list ◄───────────────────────────────────────┘
 *
 * A domain that has answered gets one repeat before it is left; the others were repeats themselves. Only failures
 * without an HTTP answer count, and only those of calls that began after the last move and its wait: many calls that
 * fail together move it once.
 */
export interface DomainState {
  readonly settings: DomainSettings;
  readonly domain: string;
  /** Where the next failure leads instead of to another domain: here again. */
  readonly repeat: boolean;
  /** Adjacent domains that this climb has not tried yet; undefined where it has not come to them. */
  readonly adjacentLeft: readonly string[] | undefined;
  /** In a row, without an HTTP answer between them. */
  readonly failures: number;
  readonly movedAt: Instant;
  readonly notBefore: Instant;
  /** When a call last tried the primary while away. */
  readonly probedAt: Instant;
}

export interface DomainSettings {
  readonly location: Location;
  /** Where the controller runs; its partner is the adjacent region. */
  readonly homeRegion?: RegionName;
  /** MP-13: the only regions to be tried. Without a home region they are tried in this order. */
  readonly adjacentDomains?: readonly RegionName[];
}

export interface DomainFailure {
  readonly kind: 'dns' | 'network';
  /** Through which domain the call went. */
  readonly domain: string;
  readonly callBeganAt: Instant;
}

export interface DomainAnswer {
  readonly domain: string;
  readonly callBeganAt: Instant;
}

/** MP-12: how often a list or query tries the primary while away from it. */
const PROBE_EVERY_MS = minutes(1);

export const initialDomains = (settings: DomainSettings): DomainState => ({
  settings,
  domain: primaryOf(settings),
  repeat: true,
  adjacentLeft: undefined,
  failures: 0,
  movedAt: -Infinity,
  notBefore: -Infinity,
  probedAt: -Infinity,
});

export const primaryOf = (settings: DomainSettings): string => mainDomain(MAIN_SUFFIX[settings.location]);

export const currentDomain = (state: DomainState): string => state.domain;

export const isAway = (state: DomainState): boolean => state.domain !== primaryOf(state.settings);

/** The earliest time at which a repeated call is a new try: 1, 3, 6 s after a move, then as NETWORK_RETRY. */
export const notBefore = (state: DomainState, now: Instant): Instant => Math.max(state.notBefore, now);

/** A call ended without an HTTP answer. */
export function afterFailure(state: DomainState, failure: DomainFailure, now: Instant): DomainState {
  if (failure.domain !== state.domain || isStale(state, failure.callBeganAt, now)) return state;
  const failures = state.failures + 1;
  const common = { failures, repeat: false, movedAt: now, notBefore: now + rung(NETWORK_RETRY, failures) };
  if (state.repeat) return { ...state, ...common };
  const wasAway = isAway(state);
  const moved = { ...state, ...common, ...nextDomain(state, failure.kind) };
  // The first probe is due a minute after leaving.
  return isAway(moved) && !wasAway ? { ...moved, probedAt: now } : moved;
}

/** A call was answered over HTTP, whatever the status: its domain works. */
export function afterAnswer(state: DomainState, answer: DomainAnswer, now: Instant): DomainState {
  if (isStale({ ...state, notBefore: -Infinity }, answer.callBeganAt, now)) return state;
  if (answer.domain === state.domain) {
    return state.failures === 0 && state.repeat ? state : { ...state, failures: 0, repeat: true, notBefore: -Infinity };
  }
  if (answer.domain !== primaryOf(state.settings)) return state;
  return { ...initialDomains(state.settings), movedAt: now };
}

/** Whether this call goes through the primary although another domain is in use: one list or query a minute. */
export function probesPrimary(state: DomainState, call: CallName, now: Instant): boolean {
  if (!isAway(state) || (call !== 'list' && call !== 'query')) return false;
  return Math.abs(now - state.probedAt) >= PROBE_EVERY_MS;
}

export const afterProbe = (state: DomainState, now: Instant): DomainState => ({ ...state, probedAt: now });

/** Began before the last move or within its wait. A move in the future is one from before the clock was set back. */
const isStale = (state: DomainState, callBeganAt: Instant, now: Instant): boolean =>
  state.movedAt <= now && (callBeganAt <= state.movedAt || callBeganAt < state.notBefore);

function nextDomain(state: DomainState, kind: DomainFailure['kind']): Pick<DomainState, 'domain' | 'adjacentLeft'> {
  const { settings, domain, adjacentLeft } = state;
  const suffix = suffixOf(domain);
  // The alternate resolves to the same gateways, so that it helps only where the name does not resolve (A.4).
  if (!isAway(state) && kind === 'dns') return { domain: mainDomain(OTHER_SUFFIX[suffix]), adjacentLeft: undefined };
  const [next, ...left] = adjacentLeft ?? adjacentOf(settings, suffix);
  if (next !== undefined) return { domain: next, adjacentLeft: left };
  return { domain: primaryOf(settings), adjacentLeft: undefined };
}

/** MP-12's whole ladder, as it is climbed from the primary: for who wants to know beforehand what each place is worth. */
export function ladderOf(settings: DomainSettings): {
  readonly primary: string;
  readonly alternate: string;
  readonly adjacent: readonly string[];
} {
  const suffix = MAIN_SUFFIX[settings.location];
  return {
    primary: mainDomain(suffix),
    alternate: mainDomain(OTHER_SUFFIX[suffix]),
    adjacent: adjacentOf(settings, suffix),
  };
}

/** Under the suffix in use first, then under the other. */
function adjacentOf(settings: DomainSettings, suffix: Suffix): readonly string[] {
  const regions = adjacentRegions(settings);
  return [suffix, OTHER_SUFFIX[suffix]].flatMap((each) => regions.map((region) => regionDomain(region, each)));
}

/** Regions where every service is deployed, since one domain serves all calls of an App ID.  (MP-13) */
function adjacentRegions({ homeRegion, adjacentDomains }: DomainSettings): readonly RegionName[] {
  const regions = homeRegion === undefined ? (adjacentDomains ?? []) : [PARTNER[homeRegion]];
  return regions.filter(
    (region) =>
      (adjacentDomains?.includes(region) ?? true) &&
      Object.values(DEPLOYED).every((deployed) => deployed.includes(region)),
  );
}

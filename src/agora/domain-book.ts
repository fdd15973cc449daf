import { sameData } from '../core/equal.ts';
import type { Instant } from '../core/time.ts';
import type { CallName } from './calls.ts';
import {
  afterAnswer,
  afterFailure,
  afterProbe,
  currentDomain,
  type DomainSettings,
  type DomainState,
  initialDomains,
  primaryOf,
  probesPrimary,
} from './domains.ts';

/** Where one call goes. */
export interface Route {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly host: string;
  readonly beganAt: Instant;
}

/** What the client asks and tells about domains. */
export interface Domains {
  choose(appId: string, call: CallName, now: Instant): Route;
  failed(appId: string, route: Route, kind: 'dns' | 'network', now: Instant): void;
  answered(appId: string, route: Route, now: Instant): void;
  /** What is known of an App ID's domains, for explain; undefined before its first call and with a fixed endpoint. */
  stateOf(appId: string): DomainState | undefined;
}

const GLOBAL: DomainSettings = { location: 'Global' };

/** One machine an App ID. `settingsOf` is asked at every call: an edit of the project starts its machine anew. */
export function createDomains(settingsOf: (appId: string) => DomainSettings | undefined): Domains {
  const states = new Map<string, DomainState>();
  const current = (appId: string): DomainState => {
    const settings = settingsOf(appId) ?? GLOBAL;
    const known = states.get(appId);
    if (known !== undefined && sameData(known.settings, settings)) return known;
    const fresh = initialDomains(settings);
    states.set(appId, fresh);
    return fresh;
  };
  return {
    choose: (appId, call, now) => {
      const state = current(appId);
      if (!probesPrimary(state, call, now)) return routeOf(currentDomain(state), now);
      states.set(appId, afterProbe(state, now));
      return routeOf(primaryOf(state.settings), now);
    },
    failed: (appId, { host, beganAt }, kind, now) => {
      states.set(appId, afterFailure(current(appId), { kind, domain: host, callBeganAt: beganAt }, now));
    },
    answered: (appId, { host, beganAt }, now) => {
      states.set(appId, afterAnswer(current(appId), { domain: host, callBeganAt: beganAt }, now));
    },
    stateOf: (appId) => states.get(appId),
  };
}

const routeOf = (host: string, beganAt: Instant): Route => ({ baseUrl: `https://${host}`, host, beganAt });

/** All calls go to one base URL: the simulated cloud over loopback. */
export function fixedEndpoint(endpoint: string): Domains {
  const baseUrl = endpoint.replace(/\/+$/, '');
  const { host } = new URL(baseUrl);
  return {
    choose: (_appId, _call, now) => ({ baseUrl, host, beganAt: now }),
    // There is no other domain to move to.
    failed: () => undefined,
    answered: () => undefined,
    stateOf: () => undefined,
  };
}

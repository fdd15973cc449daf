import { type DomainSettings, ladderOf } from '../../agora/domains.ts';
import type { DomainFact } from '../facts.ts';
import type { Dial } from './dial.ts';
import { probeOf } from './probe.ts';
import type { Turns } from './turns.ts';

type Place = Omit<DomainFact, 'probe'> & { readonly url: string };

/** Every place of MP-12's ladder, or the one endpoint that is used instead. */
export function placesOf(settings: DomainSettings, endpoint: string | undefined): readonly Place[] {
  if (endpoint !== undefined) return [{ role: 'endpoint', host: new URL(endpoint).host, url: endpoint }];
  const { primary, alternate, adjacent } = ladderOf(settings);
  const place = (role: DomainFact['role'], host: string): Place => ({ role, host, url: `https://${host}` });
  return [place('primary', primary), place('alternate', alternate), ...adjacent.map((host) => place('adjacent', host))];
}

/** One request without credentials to each: any HTTP answer proves that it works, and nothing is told to who may listen. */
export const probeDomains = (places: readonly Place[], dial: Dial, turns: Turns): Promise<readonly DomainFact[]> =>
  Promise.all(
    places.map(async ({ role, host, url }) => {
      const dialled = await turns.take((signal) => dial({ method: 'GET', url }, signal));
      return { role, host, probe: dialled === undefined ? { outcome: 'not-asked' as const } : probeOf(dialled) };
    }),
  );

/** Where calls go: the first place that works. */
export function workingUrl(places: readonly Place[], facts: readonly DomainFact[]): string | undefined {
  const index = facts.findIndex(({ probe }) => probe.outcome === 'answered');
  return places[index]?.url;
}

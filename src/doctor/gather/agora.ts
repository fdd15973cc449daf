import type { AgoraCredentials } from '../../agora/api.ts';
import { createAgoraApi } from '../../agora/client.ts';
import { fixedEndpoint } from '../../agora/domain-book.ts';
import { sha256 } from '../../core/hash.ts';
import type { DomainFact, Look, Project } from '../facts.ts';
import { placesOf, probeDomains, workingUrl } from './domains.ts';
import { type Asking, lookAtConverters, lookAtRecordings } from './looks.ts';
import type { Means } from './means.ts';
import type { SecretLookup } from './secrets.ts';
import type { Turns } from './turns.ts';

/** What Agora and its domains are asked; what several projects have in common is asked once. */
export interface Agora {
  domains(project: Project): Promise<{ readonly facts: readonly DomainFact[]; readonly reach: Reach }>;
  recordings(asked: Asked): Promise<Look<'query'>>;
  converters(asked: Asked): Promise<Look<'list'>>;
}

/** The first domain that works, or why there is none to be asked. */
export type Reach = { readonly url: string } | { readonly why: 'no-domain' | 'no-time' };

export interface Asked {
  readonly appId: string;
  readonly credentials: AgoraCredentials | undefined;
  readonly reach: Reach;
}

export function createAgora({ transport, clock, newId, dial, endpoint }: Means, turns: Turns): Agora {
  const ladders = new Map<string, Promise<readonly DomainFact[]>>();
  const once = <Name extends 'query' | 'list'>(look: (asking: Asking) => Promise<Look<Name>>) => {
    const looks = new Map<string, Promise<Look<Name>>>();
    return async ({ appId, credentials, reach }: Asked): Promise<Look<Name>> => {
      if (credentials === undefined) return { asked: false, why: 'no-credentials' };
      if ('why' in reach) return { asked: false, why: reach.why };
      const { url } = reach;
      const { customerId, customerSecret } = credentials;
      const id = sha256([url, appId, customerId.reveal(), customerSecret.reveal()].join('\n'), 32);
      const api = createAgoraApi({ transport, domains: fixedEndpoint(url), clock });
      const answer = looks.get(id) ?? look({ api, appId, credentials, newId, turns });
      looks.set(id, answer);
      return answer;
    };
  };
  return {
    async domains({ spec: { location, homeRegion, adjacentDomains } }) {
      const settings = {
        location,
        ...(homeRegion === undefined ? {} : { homeRegion }),
        ...(adjacentDomains === undefined ? {} : { adjacentDomains }),
      };
      const places = placesOf(settings, endpoint);
      const id = JSON.stringify(places);
      const ladder = ladders.get(id) ?? probeDomains(places, dial, turns);
      ladders.set(id, ladder);
      const facts = await ladder;
      const url = workingUrl(places, facts);
      if (url !== undefined) return { facts, reach: { url } };
      const isLate = facts.every(({ probe }) => probe.outcome === 'not-asked');
      return { facts, reach: { why: isLate ? 'no-time' : 'no-domain' } };
    },
    recordings: once(lookAtRecordings),
    converters: once(lookAtConverters),
  };
}

export function credentialsOf(project: Project, lookup: SecretLookup): AgoraCredentials | undefined {
  const { name } = project.spec.credentialsSecretRef;
  const [customerId, customerSecret] = ['customerId', 'customerSecret'].map((key) =>
    lookup(project.metadata.namespace, name, key),
  );
  if (typeof customerId !== 'object' || typeof customerSecret !== 'object') return undefined;
  return { customerId, customerSecret };
}

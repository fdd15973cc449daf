import type { Service } from '../limits/slot.ts';

/** The two suffixes are each other's alternate: both serve the same paths under the same names.  (A.2, A.3) */
export type Suffix = 'agora.io' | 'sd-rtn.com';

export type RegionName =
  | 'us-west-1'
  | 'us-east-1'
  | 'ap-southeast-1'
  | 'ap-northeast-1'
  | 'eu-west-1'
  | 'eu-central-1'
  | 'cn-east-1'
  | 'cn-north-1';

export type Location = 'Global' | 'MainlandChina';

/** MP-11: the suffix of the main domain, by where the controller runs. */
export const MAIN_SUFFIX: Readonly<Record<Location, Suffix>> = { Global: 'agora.io', MainlandChina: 'sd-rtn.com' };

export const OTHER_SUFFIX: Readonly<Record<Suffix, Suffix>> = { 'agora.io': 'sd-rtn.com', 'sd-rtn.com': 'agora.io' };

/** MP-12, MP-14: two regions an area, each the adjacent one of the other.  (A.3) */
export const PARTNER: Readonly<Record<RegionName, RegionName>> = {
  'us-west-1': 'us-east-1',
  'us-east-1': 'us-west-1',
  'ap-southeast-1': 'ap-northeast-1',
  'ap-northeast-1': 'ap-southeast-1',
  'eu-west-1': 'eu-central-1',
  'eu-central-1': 'eu-west-1',
  'cn-east-1': 'cn-north-1',
  'cn-north-1': 'cn-east-1',
};

const EVERYWHERE: readonly RegionName[] = [
  'us-west-1',
  'us-east-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'eu-west-1',
  'eu-central-1',
  'cn-east-1',
  'cn-north-1',
];

/** MP-13: where each service is deployed. Agora publishes no list, so that a project narrows it (`adjacentDomains`). */
export const DEPLOYED: Readonly<Record<Service, readonly RegionName[]>> = {
  recording: EVERYWHERE,
  converter: EVERYWHERE,
};

export const mainDomain = (suffix: Suffix): string => `api.${suffix}`;

export const regionDomain = (region: RegionName, suffix: Suffix): string => `api-${region}.${suffix}`;

export const suffixOf = (domain: string): Suffix => (domain.endsWith('.sd-rtn.com') ? 'sd-rtn.com' : 'agora.io');

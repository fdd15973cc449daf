/** The domain table (reference A.3): eight regional prefixes and the primary name, under both suffixes. */
const PREFIXES = [
  'api',
  'api-us-west-1',
  'api-us-east-1',
  'api-ap-southeast-1',
  'api-ap-northeast-1',
  'api-eu-west-1',
  'api-eu-central-1',
  'api-cn-east-1',
  'api-cn-north-1',
] as const;

export const HOSTS: readonly string[] = ['agora.io', 'sd-rtn.com'].flatMap((suffix) =>
  PREFIXES.map((prefix) => `${prefix}.${suffix}`),
);

const KNOWN: ReadonlySet<string> = new Set(HOSTS);

export const isKnownHost = (host: string): boolean => KNOWN.has(host);

import { redacted, secretsOf } from '../agora/redact.ts';
import type { Resource } from '../core/resource.ts';
import { Secret } from '../core/secret.ts';
import type { Context } from '../kinds/context.ts';
import { NOTIFICATION_SECRETS } from '../kinds/project/notifications.ts';

const SHOWN = '***';
/** Members of a spec that hold an address or a text that may be a key; of an address the host stays readable. */
const ADDRESSES = new Set(['url', 'rtmpUrl', 'imageUrl', 'placeholderImageUrl', 'defaultPlaceholderImageUrl']);
const HIDDEN = new Set(['payload', 'token', 'accessKey', 'secretKey', 'stsToken']);
const ADDRESS = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)(.*)$/is;
/** Keys of the Secrets that are named whole (design §4). */
const KEYS = [
  'customerId',
  'customerSecret',
  'accessKey',
  'secretKey',
  'stsToken',
  'stsExpiration',
  ...Object.values(NOTIFICATION_SECRETS).flatMap(({ key, previousKey }) => [key, previousKey]),
];

/** `rtmp://cdn.example.com/***`: where it goes, nothing of the key in it. Anything that is no address is hidden whole. */
export function shownAddress(text: string): string {
  const [, scheme, host = '', rest = ''] = ADDRESS.exec(text) ?? [];
  if (scheme === undefined) return SHOWN;
  return `${scheme}://${host}${rest === '' || rest === '/' ? rest : `/${SHOWN}`}`;
}

/** A copy of declared data without what may hold a key: addresses keep scheme and host. */
export function withoutKeys(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (HIDDEN.has(name)) return SHOWN;
    return ADDRESSES.has(name) || ADDRESS.test(value) ? shownAddress(value) : value;
  }
  if (Array.isArray(value)) return value.map((each) => withoutKeys(each, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, withoutKeys(inner, member)]));
}

const noCredentials = () => ({ customerId: new Secret(''), customerSecret: new Secret('') });

/** Replaces every secret that the resource and its project know in a text; one line, at most 300 characters. */
export type Scrub = (text: string) => string;

export function scrubOf(resource: Resource, context: Pick<Context, 'project' | 'secret'>): Scrub {
  const values = [resource.spec, context.project?.spec].flatMap((spec) =>
    referencesIn(spec).flatMap(({ name, key }) => {
      const value = context.secret(name, key)?.reveal();
      // Members called `url` are taken apart into all that an answer may quote of them.
      return value === undefined ? [] : [{ url: value }];
    }),
  );
  const secrets = secretsOf(context.project?.credentials ?? noCredentials(), { spec: resource.spec, values });
  return (text) => redacted(text, secrets);
}

const FREE_TEXT = new Set(['message', 'reason', 'lastReason', 'why', 'note']);

/** A copy of a status whose free texts went through `scrub`. Handles stay as they are. */
export function withScrubbedTexts(value: unknown, scrub: Scrub): unknown {
  if (Array.isArray(value)) return value.map((each) => withScrubbedTexts(each, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      typeof inner === 'string' && FREE_TEXT.has(member) ? scrub(inner) : withScrubbedTexts(inner, scrub),
    ]),
  );
}

interface Reference {
  readonly name: string;
  readonly key: string;
}

/** Secrets come in by `…SecretRef: {name}` and `…From: {secretKeyRef: {name, key}}` only (design §4). */
function referencesIn(value: unknown): readonly Reference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, inner]) => {
    if (!/secret(Key)?Ref$/i.test(member)) return referencesIn(inner);
    const { name, key } = inner as Partial<Reference>;
    if (name === undefined) return [];
    return key === undefined ? KEYS.map((each) => ({ name, key: each })) : [{ name, key }];
  });
}

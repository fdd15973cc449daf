import { createHmac } from 'node:crypto';
import { sha256 } from '../../core/hash.ts';
import { Secret } from '../../core/secret.ts';
import { type Instant, minutes, seconds } from '../../core/time.ts';

/** The parameter of the page's address, in its query or its fragment, that carries the token (WR-8). */
export const PAGE_TOKEN_PARAMETER = 'agoraPageToken';

/** How long a token is taken past the latest end of its attempt: clocks differ, and a last report may come late. */
const MARGIN_MS = minutes(60);

/** What this key is for, so that it is no key for anything else. */
const LABEL = 'agora-reconciler page token v1';

/** What a token names. The page cannot know its `sid`: its address is fixed before that exists (reference B.12). */
export interface PageIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly attempt: number;
  readonly expiresAt: Instant;
}

/** The token of one attempt: the same for the same key and identity, so that each retry of a start sends the same address. */
export function mintPageToken(customerSecret: Secret, identity: PageIdentity): Secret {
  const { namespace, name, attempt, expiresAt } = identity;
  const payload = Buffer.from(`${namespace}/${name}/${attempt}/${expiresAt / seconds(1)}`).toString('base64url');
  const key = createHmac('sha256', customerSecret.reveal()).update(LABEL).digest();
  const signature = createHmac('sha256', key).update(`v1.${payload}`).digest('base64url');
  return new Secret(`v1.${payload}.${signature}`);
}

/** Covers the whole life of an attempt that ends at `endsAt`, in whole seconds. */
export const pageTokenExpiry = (endsAt: Instant): Instant => Math.ceil((endsAt + MARGIN_MS) / seconds(1)) * seconds(1);

const FORM = /^v1\.([A-Za-z0-9_-]{8,480})\.[A-Za-z0-9_-]{43}$/;
const PAYLOAD = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})\/([1-9]\d{0,9})\/([1-9]\d{9,10})$/;

/**
 * What a token says that it names; undefined where it has not the form of one. Whether it is ours is told by its hash in
 * the entry of that attempt, not by its signature: so a rotation of the project's credentials breaks no running page.
 */
export function readPageToken(token: string): PageIdentity | undefined {
  const [, encoded] = FORM.exec(token) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64url').toString('latin1');
  // One token, one text: another encoding of the same payload is none of ours.
  if (Buffer.from(text, 'latin1').toString('base64url') !== encoded) return undefined;
  const [, namespace, name, attempt, expiry] = PAYLOAD.exec(text) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return { namespace, name, attempt: Number(attempt), expiresAt: seconds(Number(expiry)) };
}

/** What the status keeps of a token: enough to know it again, not enough to make one. */
export const pageTokenHash = (token: string | Secret): string =>
  sha256(typeof token === 'string' ? token : token.reveal());

/**
 * The declared address with the token in it, and otherwise as declared: no part is normalised or encoded anew. In a
 * fragment that is a route (`#/hall?x=1`) the token becomes a parameter of the route; before a text directive (`:~:`),
 * which pages do not see, it stays visible.
 */
export function withPageToken(url: string, token: Secret, tokenIn: 'Query' | 'Fragment'): string {
  const parameter = `${PAGE_TOKEN_PARAMETER}=${token.reveal()}`;
  const hash = url.indexOf('#');
  const address = hash < 0 ? url : url.slice(0, hash);
  if (tokenIn === 'Query') return `${added(address, parameter, '?')}${hash < 0 ? '' : url.slice(hash)}`;
  const [fragment, directive] = splitDirective(hash < 0 ? '' : url.slice(hash + 1));
  if (fragment === '') return `${address}#${parameter}${directive}`;
  return `${address}#${added(fragment, parameter, /^!?\//.test(fragment) ? '?' : '&')}${directive}`;
}

/** `begins` is what the first parameter is preceded by. */
function added(before: string, parameter: string, begins: '?' | '&'): string {
  if (begins === '?' && !before.includes('?')) return `${before}?${parameter}`;
  return /[?&]$/.test(before) ? `${before}${parameter}` : `${before}&${parameter}`;
}

function splitDirective(fragment: string): readonly [string, string] {
  const at = fragment.indexOf(':~:');
  return at < 0 ? [fragment, ''] : [fragment.slice(0, at), fragment.slice(at)];
}

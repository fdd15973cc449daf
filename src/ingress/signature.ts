import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InboundRequest } from '../core/inbound.ts';
import type { Secret } from '../core/secret.ts';

type Signed = Pick<InboundRequest, 'headers' | 'body'>;

/**
 * Whether the raw body was signed with this secret (reference D.2). Where the SHA-256 of V2 is there it alone counts, so
 * that nobody falls back to SHA-1 by adding a header; SHA-1 is for senders that know no V2.
 */
export function isSignedWith({ headers, body }: Signed, secret: Secret): boolean {
  const key = secret.reveal();
  // Anybody can sign with an empty key.
  if (key === '') return false;
  const v2 = headers['agora-signature-v2'];
  if (v2 !== undefined) return isSame(v2, createHmac('sha256', key).update(body).digest());
  const v1 = headers['agora-signature'];
  return v1 !== undefined && isSame(v1, createHmac('sha1', key).update(body).digest());
}

function isSame(given: string, expected: Buffer): boolean {
  const text = given.trim();
  // `Buffer.from` stops at the first digit that is none.
  if (text.length !== expected.length * 2 || !/^[\da-f]+$/i.test(text)) return false;
  return timingSafeEqual(Buffer.from(text, 'hex'), expected);
}

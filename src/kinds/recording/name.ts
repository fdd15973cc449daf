import { fraction, sha256 } from '../../core/hash.ts';

const BUDGET = 64;
/** Reference C.2: Agora's 89 characters of a channel name. */
const OUTSIDE = /[^A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]/gu;

/** The label of the session: declared, or derived from namespace and name within Agora's set and 64 bytes (design §4). */
export function cnameOf(resource: {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly cname?: string };
}): string {
  if (resource.spec.cname !== undefined) return resource.spec.cname;
  const full = `${resource.metadata.namespace}-${resource.metadata.name}`;
  const clean = full.replace(OUTSIDE, '-');
  if (clean === full && full.length <= BUDGET) return full;
  return `${clean.slice(0, BUDGET - 9)}-${sha256(full, 8)}`;
}

/**
 * The user of one attempt: the same after a lost state, so that it meets its own twin (code 53), and another one for
 * each attempt (WR-6). A decimal number from 1 to 4294967295 (B.2).
 */
export function uidOf(identity: {
  readonly appId: string;
  readonly namespace: string;
  readonly name: string;
  readonly member: string;
  readonly attempt: number;
}): string {
  const { appId, namespace, name, member, attempt } = identity;
  return String(1 + Math.floor(fraction('uid', appId, namespace, name, member, attempt) * 4_294_967_295));
}

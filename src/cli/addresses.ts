import ipaddr from 'ipaddr.js';

/** Metadata and host services of clouds outside the link-local range: in public, carrier and unique-local ones. */
const METADATA: readonly string[] = [
  '168.63.129.16',
  '100.100.100.200',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:c1::a9fe:a9fe',
  'fd00:42::42',
];
/** All of IPv6 that is given out as public; the rest that `ipaddr.js` calls unicast holds old forms of IPv4 addresses, or nothing. */
const PUBLIC = ipaddr.IPv6.parseCIDR('2000::/3');
/** Where a CDN may be when a project allows private addresses. */
const INSIDE: readonly string[] = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];
/** What a NAT64 gateway makes of IPv4 addresses. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * MP-22: whether a check may connect to an address. What is not known to be public is not; link-local, metadata and multicast
 * addresses are never a CDN's, whatever a project allows: a check is no way to what only this machine can reach.
 */
export function mayConnect(address: string, { allowPrivate }: { readonly allowPrivate: boolean }): boolean {
  if (!ipaddr.isValid(address)) return false;
  const meant = unwrapped(ipaddr.process(address));
  if (METADATA.includes(meant.toString())) return false;
  const range = meant.range();
  if (range === 'unicast') return meant instanceof ipaddr.IPv4 || meant.match(PUBLIC);
  return allowPrivate && INSIDE.includes(range);
}

/** `ipaddr.process` takes ::ffff:a.b.c.d for a.b.c.d; so is what a NAT64 gateway leads to. */
function unwrapped(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6) || !address.match(NAT64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(-4));
}

import type { Endpoint } from '../endpoint.ts';

const LONGEST = 1_024;
const MOST_PORT = 65_535;
const FORM = /^rtmps?:\/\/([^\s/]+)(\/\S*)?$/u;

/** MP-22: what is wrong with the form of a CDN address, in words that do not show it; undefined where nothing is. */
export function addressFault(url: string): string | undefined {
  if (url.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (url !== url.trim()) return 'begins or ends in white space or a line break';
  const { host, port } = endpointOf(url);
  if (host === '' || port < 1 || port > MOST_PORT) return 'is not of the form rtmp://host/path or rtmps://host/path';
  return undefined;
}

/**
 * MP-9: the address with a parameter of its query set. The query that is there stays as it is, but for an earlier value of
 * this parameter.
 */
export function withParameter(url: string, name: string, value: string): string {
  const [path = '', ...queries] = url.split('?');
  const kept = queries
    .join('?')
    .split('&')
    .filter((each) => each !== '' && each.split('=', 1)[0] !== name);
  return `${path}?${[...kept, `${name}=${value}`].join('&')}`;
}

/** Where an address of the right form leads: its host and port, and nothing that may be a key (MP-22). */
export function endpointOf(url: string): Endpoint {
  const tls = url.startsWith('rtmps:');
  const [, host = '', port = ''] = AUTHORITY.exec(authorityOf(url)) ?? [];
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return { host: bare, port: port === '' ? (tls ? RTMPS_PORT : RTMP_PORT) : Number(port), tls };
}

const RTMP_PORT = 1_935;
const RTMPS_PORT = 443;
const AUTHORITY = /^(\[[0-9a-f:.%]+\]|[^:[\]]+)(?::(\d{1,5}))?$/iu;

/** Without user and password, and without a query that follows at once. */
function authorityOf(url: string): string {
  const authority = FORM.exec(url)?.[1]?.split(/[?#]/u, 1)[0] ?? '';
  return authority.slice(authority.lastIndexOf('@') + 1);
}

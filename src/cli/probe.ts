import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import type { Endpoint, Probe, ProbeRange, Reach } from '../kinds/endpoint.ts';
import { mayConnect } from './addresses.ts';

/** For the name and for all connections together. */
const TIME_OUT_MS = 3_000;
/** Of the addresses that a name has. */
const MOST_TRIED = 4;
/**
 * Names that are looked up at once. `lookup` holds a thread for as long as a resolver takes, however soon we stop waiting for it,
 * and there are two for all names: Agora's must not wait behind a CDN's.
 */
const LOOKUPS_AT_ONCE = 1;
/** Checks of different endpoints at once. A dead CDN is one endpoint, however many converters push to it. */
const CHECKS_AT_ONCE = 64;

export interface ProbeParts {
  readonly clock: Pick<Clock, 'deadline'>;
  /** All addresses of a name; rejects as `node:dns` does. */
  readonly resolve?: Resolve;
}

/**
 * MP-22: does the CDN's name resolve, and does its port answer? Connections go to the very addresses that were looked at and
 * found allowed, so that a name cannot mean one address when it is judged and another when it is used. Nothing is sent but a
 * TLS handshake, nothing is read.
 */
export function createProbe({ clock, resolve = addressesOf }: ProbeParts): Probe {
  const underWay = new Map<string, Promise<Reach>>();
  const resolveInTurn = inTurn(resolve);

  async function check(endpoint: Endpoint, range: ProbeRange, signal: AbortSignal): Promise<Reach> {
    const { signal: deadline, end } = clock.deadline(TIME_OUT_MS, signal);
    try {
      const found = await before(deadline, resolveInTurn(endpoint.host, deadline).catch(failureOf));
      if (found === undefined) return 'Unknown';
      if (typeof found === 'string') return found;
      return range.connect ? await reach(endpoint, found, { range, deadline }) : 'Resolves';
    } catch {
      // A name that no certificate can be held to, say.
      return 'Unknown';
    } finally {
      end();
    }
  }

  return (endpoint, range, signal) => {
    const what = JSON.stringify([endpoint.host, endpoint.port, endpoint.tls, range.connect, range.allowPrivate]);
    const same = underWay.get(what);
    if (same !== undefined) return same;
    if (underWay.size >= CHECKS_AT_ONCE) return Promise.resolve('Unknown');
    const found = check(endpoint, range, signal).finally(() => underWay.delete(what));
    underWay.set(what, found);
    return found;
  };
}

type Resolve = (host: string) => Promise<readonly string[]>;

/** One after the other; whoever has stopped waiting by its turn is passed over. */
function inTurn(resolve: Resolve): (host: string, deadline: AbortSignal) => Promise<readonly string[] | Reach> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (host, deadline) => {
    if (busy >= LOOKUPS_AT_ONCE) await new Promise<void>((turn) => waiting.push(turn));
    else busy += 1;
    try {
      return deadline.aborted ? 'Unknown' : await resolve(host);
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}

const addressesOf = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/** Only the answer that there is no such name says no; a resolver that does not answer proves nothing about the name. */
const failureOf = (error: unknown): Reach =>
  error instanceof Error && 'code' in error && error.code === 'ENOTFOUND' ? 'DoesNotResolve' : 'Unknown';

async function reach(
  endpoint: Endpoint,
  addresses: readonly string[],
  { range, deadline }: { readonly range: ProbeRange; readonly deadline: AbortSignal },
): Promise<Reach> {
  const allowed = addresses.filter((address) => mayConnect(address, range)).slice(0, MOST_TRIED);
  if (allowed.length === 0) return 'Private';
  // All at once: one that leads nowhere (a network without IPv6, say) must not use up the time of the others.
  const won = new AbortController();
  const over = AbortSignal.any([deadline, won.signal]);
  const found = await Promise.all(
    allowed.map(async (address) => {
      const each = await connected(endpoint, address, over);
      if (each === 'Answers') won.abort();
      return each;
    }),
  );
  return TELLING.find((each) => found.includes(each)) ?? 'NoAnswer';
}

/** What one address says counts for all, in this order. */
const TELLING: readonly Reach[] = ['Answers', 'TlsFailed', 'Refused'];

function connected(endpoint: Endpoint, address: string, deadline: AbortSignal): Promise<Reach> {
  return new Promise((done) => {
    const socket = open(endpoint, address);
    const end = (found: Reach): void => {
      deadline.removeEventListener('abort', expired);
      socket.destroy();
      done(found);
    };
    const expired = (): void => end('NoAnswer');
    let isOpen = false;
    socket.once('connect', () => {
      isOpen = true;
      if (!endpoint.tls) end('Answers');
    });
    socket.once('secureConnect', () => end('Answers'));
    socket.on('error', (error: Error & { readonly code?: string }) => {
      if (isOpen) end('TlsFailed');
      else end(error.code === 'ECONNREFUSED' ? 'Refused' : 'NoAnswer');
    });
    socket.once('close', () => end(isOpen ? 'TlsFailed' : 'NoAnswer'));
    if (deadline.aborted) expired();
    else deadline.addEventListener('abort', expired, { once: true });
  });
}

/** To the address, not to the name, which could lead elsewhere by now; the certificate is still held to the name. */
function open({ host, port, tls }: Endpoint, address: string): Socket {
  if (!tls) return connectTcp({ host: address, port });
  return connectTls({ host: address, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

/** Undefined where the deadline comes first. */
async function before<Value>(deadline: AbortSignal, value: Promise<Value>): Promise<Value | undefined> {
  if (deadline.aborted) return undefined;
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const expired = (): void => resolve(undefined);
  deadline.addEventListener('abort', expired, { once: true });
  try {
    return await Promise.race([value, over]);
  } finally {
    deadline.removeEventListener('abort', expired);
  }
}

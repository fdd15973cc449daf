import type { ClientRequest, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { originOf } from '../../agora/network-errors.ts';
import type { Clock } from '../../core/clock.ts';
import type { Instant } from '../../core/time.ts';
import type { ProbeStep } from '../facts.ts';

export interface DialRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How one request went, and how long each step of it took. */
export type Dialled =
  | {
      readonly ok: true;
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      readonly sentAt: Instant;
      readonly receivedAt: Instant;
      readonly totalMs: number;
      readonly dnsMs?: number;
      readonly connectMs?: number;
      readonly tlsMs?: number;
      readonly certificateEndsAt?: Instant;
    }
  | { readonly ok: false; readonly step: ProbeStep; readonly code: string };

/** One request over a connection of its own; never rejects. The simulated cloud can stand in for it. */
export type Dial = (request: DialRequest, signal: AbortSignal) => Promise<Dialled>;

type Listener = (...values: readonly unknown[]) => void;

/** Node's own client, since its sockets tell of every step. The body of the answer is not waited for. */
export function createDial(clock: Clock): Dial {
  return async ({ method, url, headers = {}, body }, signal) => {
    if (signal.aborted) return { ok: false, step: 'dns', code: 'ETIMEDOUT' };
    const secure = url.startsWith('https:');
    const { request } = secure ? await import('node:https') : await import('node:http');
    const { promise, resolve } = Promise.withResolvers<Dialled>();
    const [sentAt, began] = [clock.now(), clock.monotonic()];
    // An address needs no lookup.
    const isAddress = isIP(new URL(url).hostname.replace(/^\[|\]$/g, '')) !== 0;
    const marks: Partial<Record<'dns' | 'connect' | 'tls', number>> = isAddress ? { dns: began } : {};
    const since = (from: number | undefined): number => clock.monotonic() - (from ?? began);
    const times: { dnsMs?: number; connectMs?: number; tlsMs?: number } = {};
    const call: ClientRequest = request(url, { method, headers, agent: false });
    const end = (dialled: Dialled): void => {
      signal.removeEventListener('abort', abort);
      resolve(dialled);
      call.destroy();
    };
    const step = (): ProbeStep => {
      if (secure && marks.tls === undefined && marks.connect !== undefined) return 'tls';
      if (marks.connect !== undefined) return 'http';
      return marks.dns === undefined ? 'dns' : 'connect';
    };
    const abort = (): void => end({ ok: false, step: step(), code: 'ETIMEDOUT' });
    signal.addEventListener('abort', abort, { once: true });
    const once = (name: 'dns' | 'connect' | 'tls', from: () => number | undefined): Listener => {
      return () => {
        if (marks[name] !== undefined) return;
        times[`${name}Ms`] = since(from());
        marks[name] = clock.monotonic();
      };
    };
    call.on('socket', (socket) => {
      socket.on('lookup', (error: unknown) => {
        if (error === null) once('dns', () => undefined)();
      });
      socket.on(
        'connect',
        once('connect', () => marks.dns),
      );
      socket.on(
        'secureConnect',
        once('tls', () => marks.connect),
      );
    });
    call.on('response', (response: IncomingMessage) => {
      const certificateEndsAt = endOf(response);
      end({
        ok: true,
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
        sentAt,
        receivedAt: clock.now(),
        totalMs: since(began),
        ...times,
        ...(certificateEndsAt === undefined ? {} : { certificateEndsAt }),
      });
    });
    call.on('error', (error) => end({ ok: false, ...failureOf(error, step()) }));
    call.end(body);
    return promise;
  };
}

function failureOf(error: Error, step: ProbeStep): { readonly step: ProbeStep; readonly code: string } {
  const { code, syscall } = originOf(error);
  return { step: syscall === 'getaddrinfo' ? 'dns' : step, code: code ?? error.name };
}

function endOf({ socket }: IncomingMessage): Instant | undefined {
  const { getPeerCertificate } = socket as Partial<TLSSocket>;
  const until = getPeerCertificate?.call(socket).valid_to;
  const at = until === undefined ? Number.NaN : Date.parse(until);
  return Number.isNaN(at) ? undefined : at;
}

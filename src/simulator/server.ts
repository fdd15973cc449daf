import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { HttpRequest } from '../core/http.ts';
import { admin, type Scale } from './admin.ts';
import type { Cloud } from './cloud.ts';
import { isKnownHost } from './domains.ts';

/** More than any request of either product needs. */
const MAX_BODY_BYTES = 1_048_576;
const ADMIN = '/_simulator';

export interface ServeOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1: the simulated cloud is not meant for a network. */
  readonly host?: string;
  /** The clock that the cloud runs on. */
  readonly clock: Clock;
  /** How that clock relates to the machine's; absent: it is the machine's. */
  readonly scale?: Scale;
}

export interface SimulatorServer {
  readonly url: string;
  readonly port: number;
  /** Ends every connection, unanswered ones too. */
  close(): Promise<void>;
}

/** Serves both products and the admin endpoints over plain HTTP. */
export async function serve(cloud: Cloud, options: ServeOptions): Promise<SimulatorServer> {
  const { clock, host = '127.0.0.1', port = 0 } = options;
  const startedAt = Date.now();
  const scale = options.scale ?? { speed: 1, epochReal: startedAt, epochScaled: startedAt };
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await bodyOf(request);
    if (body === undefined) {
      send(response, {
        status: 413,
        headers: { connection: 'close' },
        body: JSON.stringify({ error: `a body has at most ${MAX_BODY_BYTES} bytes` }),
      });
      return;
    }
    if (url.pathname === ADMIN || url.pathname.startsWith(`${ADMIN}/`)) {
      const path = url.pathname.slice(ADMIN.length);
      const reply = await admin(
        { method: request.method ?? 'GET', path, query: url.searchParams, body },
        { cloud, scale, now: () => clock.now(), signal: stopping.signal },
      );
      send(response, { status: reply.status, headers: {}, body: JSON.stringify(reply.body) });
      return;
    }
    const asked = (request.headers.host ?? '').replace(/:[0-9]+$/, '');
    // Under a name of the domain table (curl --resolve, a hosts file), that domain's faults apply.
    const fault = isKnownHost(asked) ? cloud.hostFault(asked) : undefined;
    if (fault === 'hang') return;
    if (fault !== undefined) {
      response.destroy();
      return;
    }
    url.hostname = isKnownHost(asked) ? asked : 'localhost';
    const outcome = cloud.handle(toRequest(request, url, body));
    if (outcome.kind === 'hang') return;
    if (outcome.kind === 'reset') {
      response.destroy();
      return;
    }
    if (outcome.delayMs > 0) await clock.sleep(outcome.delayMs, stopping.signal);
    send(response, outcome.answer);
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve, reject) => {
        stopping.abort();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** The whole body; undefined where it is larger than allowed. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const bytes: Buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    size += bytes.length;
    if (size <= MAX_BODY_BYTES) parts.push(bytes);
    else if (size > 8 * MAX_BODY_BYTES) break;
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(parts).toString('utf8');
}

/** The method goes on as it came: what is no endpoint is answered as Agora's gateway does. */
function toRequest(request: IncomingMessage, url: URL, body: string): HttpRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return { method: request.method as HttpRequest['method'], url: url.href, headers, ...(body === '' ? {} : { body }) };
}

function send(
  response: ServerResponse,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string },
): void {
  response.writeHead(answer.status, {
    ...(answer.body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...answer.headers,
  });
  response.end(answer.body);
}

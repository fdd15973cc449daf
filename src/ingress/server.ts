import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Inbound, InboundAnswer } from '../core/inbound.ts';
import { seconds } from '../core/time.ts';
import type { BindAddress } from '../observability/bind-address.ts';
import { json } from './answer.ts';

export interface IngressServerOptions {
  readonly address: BindAddress;
  readonly handle: Inbound;
  /** Of the machine: people and proxies wait in real time. */
  readonly clock: Clock;
  readonly bounds?: Partial<ServerBounds>;
}

export interface ServerBounds {
  /** More of a body is not read. */
  readonly bodyBytes: number;
  readonly headersMs: number;
  /** A whole request has so long to arrive, however slowly it is sent. */
  readonly requestMs: number;
  /** An idle connection: longer than the proxies before us keep theirs, so that none is closed while it is used. */
  readonly keepAliveMs: number;
  readonly connections: number;
  /** Requests that are worked on at once, over all connections: one connection can send many without waiting. */
  readonly atOnce: number;
  readonly closeMs: number;
}

/** Reference D.3 asks for at least 100 requests and 10 seconds a connection. */
const BOUNDS: ServerBounds = {
  bodyBytes: 64 * 1_024,
  headersMs: seconds(5),
  requestMs: seconds(10),
  keepAliveMs: seconds(75),
  connections: 512,
  atOnce: 256,
  closeMs: seconds(5),
};
const REQUESTS_A_CONNECTION = 10_000;
const HEADER_BYTES = 16 * 1_024;

export interface IngressServer {
  readonly port: number;
  /** Accepts nothing more, lets what was begun end, and breaks off what does not. Never rejects. */
  close(): Promise<void>;
}

/**
 * The only sockets of the ingress. TLS ends before it, at a proxy. Whatever is sent ends in an answer, or in a closed
 * connection, within bounds of time and memory. Rejects where the address cannot be had.
 */
export async function startIngressServer(options: IngressServerOptions): Promise<IngressServer> {
  const { address, handle, clock } = options;
  const bounds = { ...BOUNDS, ...options.bounds };
  let working = 0;
  let closing = false;

  async function answered(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (working >= bounds.atOnce) return reply(response, BUSY, { last: true });
    working += 1;
    try {
      const body = await bodyOf(request, bounds.bodyBytes);
      const answer = body === undefined ? tooLarge(bounds.bodyBytes) : await handle(inboundOf(request, body));
      reply(response, answer, { last: closing || body === undefined });
    } finally {
      working -= 1;
    }
  }

  const server = createServer(
    {
      headersTimeout: bounds.headersMs,
      requestTimeout: bounds.requestMs,
      keepAliveTimeout: bounds.keepAliveMs,
      connectionsCheckingInterval: Math.min(seconds(1), bounds.headersMs),
      maxHeaderSize: HEADER_BYTES,
    },
    (request, response) => {
      // Who sent it has gone, or sends no more: there is nobody to tell.
      answered(request, response).catch(() => response.destroy());
    },
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.maxConnections = bounds.connections;
  server.maxRequestsPerSocket = REQUESTS_A_CONNECTION;
  // Of an answer that is not read; an idle connection ends by itself before.
  server.timeout = bounds.keepAliveMs + bounds.requestMs;
  const port = await listening(server, address);
  // Out of file descriptors, say: it concerns the connection that could not be had.
  server.on('error', () => undefined);

  return {
    port,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // One on which nothing was sent yet does not count as idle.
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
      const done = new AbortController();
      await Promise.race([closed, clock.sleep(bounds.closeMs, done.signal).catch(() => undefined)]);
      done.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

const BUSY: InboundAnswer = json(503, { message: 'too much at once; send it again' }, { 'retry-after': '1' });
const tooLarge = (bytes: number): InboundAnswer => json(413, { message: `at most ${bytes} bytes` });

/** Undefined where it is longer than it may be; the rest is not read. Rejects where the sender goes away. */
async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > most) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= most) parts.push(part);
      else resolve(undefined);
    });
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the sender went away')));
  });
}

function inboundOf(request: IncomingMessage, body: Buffer): Parameters<Inbound>[0] {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: Object.fromEntries(headers) as Readonly<Record<string, string>>,
    body,
    from: request.socket.remoteAddress ?? '',
  };
}

/** `last`: nothing more is taken on this connection. */
function reply(response: ServerResponse, { status, headers, body }: InboundAnswer, { last }: { last: boolean }): void {
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    ...(last ? { connection: 'close' } : {}),
  });
  response.end(body);
}

async function listening(server: Server, { host, port }: BindAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import { parse } from 'yaml';
import type { Access } from '../../src/hosts/kubernetes/credentials.ts';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
}

/** What happens to a request on its way. */
export type Fault =
  | 'none'
  /** The connection ends before the server hears of it. */
  | 'cut'
  /** The server does it; the answer is lost. */
  | 'lost'
  /** The server does it; the connection ends in the middle of its answer. */
  | 'half'
  /** Nobody ever answers. */
  | 'silent'
  | Refusal
  | { readonly delayMs: number };

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly retryAfter?: string;
  /** The connection ends in the middle of it. */
  readonly half?: boolean;
}

interface Watch {
  readonly response: ServerResponse;
  frozen: boolean;
}

/** Stands between a client and the API server, and does to their talk what networks and overloaded servers do. */
export class FaultProxy {
  fault: (passing: Passing) => Fault = () => 'none';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Watch>();
  readonly #agent: Agent;
  readonly #upstream: string;
  #port = 0;

  private constructor(server: Server, kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
    const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
    const decode = (text: string): Buffer => Buffer.from(text, 'base64');
    this.#upstream = clusters[0].cluster.server;
    this.#agent = new Agent({
      keepAlive: true,
      ca: decode(clusters[0].cluster['certificate-authority-data']),
      cert: decode(cert),
      key: decode(key),
    });
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (incoming, response) => void this.#pass(incoming, response));
  }

  static async start(kubeconfig: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(createServer(), kubeconfig);
    await proxy.open();
    return proxy;
  }

  access(): Access {
    const tls = {};
    return {
      server: `http://127.0.0.1:${this.#port}`,
      namespace: 'media',
      credentials: async () => ({ headers: {}, tls }),
    };
  }

  /** Takes connections, at the same address as before. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Ends all connections and refuses new ones. */
  async shut(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.shut();
    this.#agent.destroy();
  }

  get watches(): number {
    return [...this.#watches].filter(({ frozen }) => !frozen).length;
  }

  cutWatches(): void {
    for (const { response } of this.#watches) response.destroy();
  }

  /** The connections stay; nothing comes through any more. */
  freezeWatches(): void {
    for (const watch of this.#watches) watch.frozen = true;
  }

  /** As the server does when its history is gone. */
  expireWatches(): void {
    const frame = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
    for (const { response, frozen } of this.#watches) if (!frozen) response.end(`${JSON.stringify(frame)}\n`);
  }

  async #pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.#upstream);
    const passing = {
      method: incoming.method ?? '',
      path: url.pathname,
      isWatch: url.searchParams.get('watch') === 'true',
    };
    const fault = this.fault(passing);
    if (fault === 'cut') return void response.destroy();
    if (fault === 'silent') return;
    if (typeof fault === 'object' && 'status' in fault) return refuse(response, fault);
    if (typeof fault === 'object') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const outgoing = request(url, { method: passing.method, headers, agent: this.#agent });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    outgoing.on('response', (answer) => {
      if (fault === 'lost') return void response.destroy();
      answer.on('error', () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault === 'half') return void answer.once('data', (chunk: Buffer) => breakOff(response, chunk));
      if (passing.isWatch && url.searchParams.get('timeoutSeconds') !== '1') this.#relay(answer, response);
      else answer.pipe(response);
    });
    incoming.pipe(outgoing);
  }

  #relay(answer: IncomingMessage, response: ServerResponse): void {
    const watch: Watch = { response, frozen: false };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
    response.flushHeaders();
    answer.on('data', (chunk: Buffer) => {
      if (!watch.frozen) response.write(chunk);
    });
    answer.on('end', () => {
      if (!watch.frozen) response.end();
    });
  }
}

function refuse(response: ServerResponse, { status, reason, retryAfter, half }: Refusal): void {
  const body = Buffer.from(
    JSON.stringify({ kind: 'Status', code: status, reason, message: `${reason} by the fault proxy` }),
  );
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  if (half === true) breakOff(response, body);
  else response.end(body);
}

function breakOff(response: ServerResponse, chunk: Buffer): void {
  response.write(chunk.subarray(0, chunk.length >> 1), () => response.destroy());
}

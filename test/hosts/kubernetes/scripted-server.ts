import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

/** The answer to one request, in the hands of the test. */
export class Reply {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(JSON.stringify(body));
  }

  /** A `Status` object. */
  fail(code: number, reason: string, headers?: Readonly<Record<string, string>>): void {
    this.json({ kind: 'Status', code, reason, message: reason }, code, headers);
  }

  frames(...frames: readonly (readonly [type: string, object: unknown])[]): this {
    return this.bytes(Buffer.from(frames.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join('')));
  }

  bytes(bytes: Buffer): this {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': 'application/json' });
    if (bytes.length > 0) this.#response.write(bytes);
    else this.#response.flushHeaders();
    return this;
  }

  /** As the server ends a watch whose time is over. */
  end(): void {
    this.#response.end();
  }

  /** As a load balancer does. */
  cut(): void {
    this.#response.destroy();
  }
}

export type Script = (asked: Asked, reply: Reply) => void;

/** An HTTP server that answers as the test says, request by request, and remembers what it was asked. */
export class ScriptedServer {
  readonly asked: Asked[] = [];
  script: Script = (_, reply) => reply.fail(500, 'NoScript');
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<ScriptedServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server);
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  lists(): readonly Asked[] {
    return this.asked.filter(({ path, query }) => path !== '/version' && query['watch'] === undefined);
  }

  /** Without the short ones that ask about a silent one. */
  watches(): readonly Asked[] {
    return this.asked.filter(({ query }) => query['watch'] !== undefined && query['timeoutSeconds'] !== '1');
  }

  probes(): readonly Asked[] {
    return this.asked.filter(({ query }) => query['timeoutSeconds'] === '1');
  }

  /** Ends all connections and refuses new ones. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  /** At the same address. */
  async restart(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const asked = {
      method: request.method ?? '',
      path: pathname,
      query: Object.fromEntries(searchParams),
      authorization: request.headers.authorization,
    };
    this.asked.push(asked);
    request.resume();
    this.script(asked, new Reply(response));
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BindAddress, sameAddress } from './bind-address.ts';
import { type Checks, healthOf, resultsOf } from './checks.ts';

export interface HealthOptions {
  readonly health: BindAddress | undefined;
  readonly metrics: BindAddress | undefined;
  /** `/healthz`: restart the process where one fails. */
  readonly live: Checks;
  /** `/readyz`: nobody should count on this replica where one fails. */
  readonly ready: Checks;
  /** `/metrics`. */
  readonly exposition: { readonly contentType: string; text(): Promise<string> };
  /** What else is answered on the health address; true: it has answered, or will. */
  readonly further?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface HealthServer {
  /** Ports that were taken; absent where nothing is served. */
  readonly ports: { readonly health?: number; readonly metrics?: number };
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 10_000;

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;

/** Serves checks and metrics, each on its address, and on one server where the addresses are equal. */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const { health, metrics } = options;
  const probes: Answer = (request, response, url) =>
    answerProbe('healthz', options.live, { request, response, url }) ||
    answerProbe('readyz', options.ready, { request, response, url }) ||
    options.further?.(request, response) === true;
  const scrape: Answer = (request, response, url) => answerScrape(options.exposition, { request, response, url });
  const started: Server[] = [];
  const listen = async (address: BindAddress, ...answers: readonly Answer[]): Promise<number> => {
    const server = serverFor(answers);
    started.push(server);
    return bound(server, address);
  };
  const close = async (): Promise<void> => {
    await Promise.all(started.map(async (server) => closed(server)));
  };
  try {
    if (health !== undefined && metrics !== undefined && sameAddress(health, metrics)) {
      const port = await listen(health, probes, scrape);
      return { ports: { health: port, metrics: port }, close };
    }
    const ports = {
      ...(health === undefined ? {} : { health: await listen(health, probes) }),
      ...(metrics === undefined ? {} : { metrics: await listen(metrics, scrape) }),
    };
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function serverFor(answers: readonly Answer[]): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const url = URL.canParse(request.url ?? '', 'http://health')
      ? new URL(request.url ?? '', 'http://health')
      : undefined;
    if (url === undefined || !answers.some((answer) => answer(request, response, url)))
      reply(response, 404, 'not found\n');
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** `/readyz`, `/readyz?verbose`, `/readyz?exclude=name`, `/readyz/name`. What fails is always told. */
function answerProbe(title: string, checks: Checks, { request, response, url }: Asked): boolean {
  const [, root, name, ...rest] = url.pathname.split('/');
  if (root !== title || rest.length > 0) return false;
  if (!isLook(request)) return refuseMethod(response);
  const results = resultsOf(checks);
  const one = name === undefined || name === '' ? results : results.filter((result) => result.name === name);
  if (one.length === 0 && name) return false;
  const { healthy, text } = healthOf(title, one, { excluded: url.searchParams.getAll('exclude') });
  const brief = healthy && !url.searchParams.has('verbose');
  reply(response, healthy ? 200 : 500, brief ? 'ok' : text);
  return true;
}

function answerScrape(exposition: HealthOptions['exposition'], { request, response, url }: Asked): boolean {
  if (url.pathname !== '/metrics') return false;
  if (!isLook(request)) return refuseMethod(response);
  exposition.text().then(
    (text) => reply(response, 200, text, exposition.contentType),
    // A defect; what it says may hold anything.
    () => reply(response, 500, 'the metrics could not be read\n'),
  );
  return true;
}

const isLook = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function refuseMethod(response: ServerResponse): true {
  response.setHeader('allow', 'GET, HEAD');
  reply(response, 405, 'method not allowed\n');
  return true;
}

function reply(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function bound(server: Server, { host, port }: BindAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

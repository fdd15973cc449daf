import type { Agent, Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/time.ts';
import { within } from '../../core/within.ts';
import { ApiError } from './api-error.ts';
import type { Access, Credentials, TlsOptions } from './credentials.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { type Flow, flow, type Read } from './flow.ts';

export type Query = Readonly<Record<string, string>>;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Of the body. Default `application/json`. */
  readonly type?: 'application/json' | 'application/json-patch+json' | 'application/merge-patch+json';
  /** What is wanted of the object that the answer is. `metadata`: no more than that, if the server can. Default `all`. */
  readonly wanted?: 'all' | 'metadata';
  /** Default 15 s, repetitions after 429 included. */
  readonly deadlineMs?: number;
}

/** Requests to one API server over connections that are kept. */
export interface Api {
  /** The body of a 2xx answer. Another answer is an `ApiError`; none is the error of the connection. */
  call(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
  /** The bytes of a 2xx answer that goes on until `signal` aborts or the server ends it; resolves with its headers. */
  stream(path: string, query: Query, signal: AbortSignal): Promise<Read>;
  /** The headers of an answer, whatever its status, names in lower case: what the server's clock says. */
  headers(path: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  readonly access: Access;
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly access: Access;
  readonly clock: Clock;
  /** Sent as User-Agent, so that flow control and audit logs tell us apart. */
  readonly userAgent: string;
}

/** A server that cannot answer with metadata alone answers with all. */
const ACCEPT = {
  all: 'application/json',
  metadata: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json',
} as const;

const DEADLINE_MS = seconds(15);
/** A watch answers its headers at once; what does not is a dead connection. */
const HEADERS_MS = seconds(10);
const CONNECT_MS = seconds(4);
const IDLE_CONNECTION_MS = seconds(50);
const RETRY_AFTER_MS = seconds(1);
const LONGEST_RETRY_AFTER_MS = seconds(10);

/**
 * One dispatcher for all requests: the library that this replaces makes a TLS connection for each. HTTP/1.1, so that a
 * watch has a connection of its own and never stands between a write and its answer.
 */
export function createApi({ access, clock, userAgent }: ApiOptions): Api {
  let agent: { readonly tls: TlsOptions; readonly dispatcher: Promise<Dispatcher> } | undefined;
  let closed = false;

  const dispatcherFor = (tls: TlsOptions): Promise<Dispatcher> => {
    if (closed) return Promise.reject(new Error('the connection to the API server is closed'));
    if (agent?.tls === tls) return agent.dispatcher;
    const before = agent?.dispatcher;
    agent = { tls, dispatcher: createDispatcher(access.proxy, tls) };
    // Watches on the old connections go on until the server ends them.
    before?.then((old) => old.close()).catch(() => undefined);
    return agent.dispatcher;
  };

  const { origin, base } = serverOf(access.server);

  const optionsOf = (request: ApiRequest, credentials: Credentials): Dispatcher.RequestOptions & { origin: string } => {
    const { method, path, query, body, type = 'application/json', wanted = 'all' } = request;
    return {
      origin,
      path: query === undefined ? base + path : `${base}${path}?${new URLSearchParams(query).toString()}`,
      method,
      headers: {
        accept: ACCEPT[wanted],
        'user-agent': userAgent,
        ...credentials.headers,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    };
  };

  /** A refused token is read anew, once. */
  const ask = async (request: ApiRequest, signal: AbortSignal): Promise<Exchanged> => {
    const send = async (credentials: Credentials): Promise<Exchanged> =>
      exchange(await dispatcherFor(credentials.tls), optionsOf(request, credentials), signal);
    const answer = await send(await access.credentials('cached'));
    return answer.status === 401 ? send(await access.credentials('renewed')) : answer;
  };

  const open = async (request: ApiRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    const send = async (credentials: Credentials): Promise<Dispatcher.ResponseData> =>
      (await dispatcherFor(credentials.tls)).request({ ...optionsOf(request, credentials), signal });
    const answer = await send(await access.credentials('cached'));
    if (answer.statusCode !== 401) return answer;
    await answer.body.dump();
    return send(await access.credentials('renewed'));
  };

  const flowing = async (request: ApiRequest, signal: AbortSignal): Promise<Flow> => {
    const send = async (credentials: Credentials): Promise<Flow> =>
      flow(await dispatcherFor(credentials.tls), optionsOf(request, credentials), signal);
    const answer = await send(await access.credentials('cached'));
    if (answer.status !== 401) return answer;
    await textOf(answer);
    return send(await access.credentials('renewed'));
  };

  const refused = (request: ApiRequest, { status, retryAfter, body }: Exchanged): ApiError => {
    const retryAfterMs = retryAfterOf(retryAfter);
    return new ApiError(`${request.method} ${request.path}`, {
      status,
      body: parsed(body),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  };

  return {
    access,
    call(request, signal) {
      return within({ clock, ms: request.deadlineMs ?? DEADLINE_MS, signal }, async (deadline) => {
        for (;;) {
          const answer = await ask(request, deadline);
          if (isGood(answer.status)) return parsed(answer.body);
          const error = refused(request, answer);
          if (error.status !== 429) throw error;
          await clock.sleep(Math.min(error.retryAfterMs ?? RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS), deadline);
        }
      });
    },
    headers(path, signal) {
      return within({ clock, ms: DEADLINE_MS, signal }, async (deadline) => {
        const answer = await open({ method: 'GET', path }, deadline);
        await answer.body.dump();
        return Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
      });
    },
    async stream(path, query, signal) {
      const request = { method: 'GET', path, query } as const;
      const end = new AbortController();
      const abort = (): void => end.abort(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      try {
        // The deadline is for the headers, and for all of a refusal; what follows good ones lasts as long as `signal` does.
        return await within({ clock, ms: HEADERS_MS, signal }, async (deadline) => {
          deadline.addEventListener('abort', () => end.abort(deadline.reason), { once: true });
          const answer = await flowing(request, end.signal);
          if (!isGood(answer.status)) throw refused(request, { ...answer, body: await textOf(answer) });
          return answer.read;
        });
      } catch (error) {
        signal.removeEventListener('abort', abort);
        throw error;
      }
    },
    async close() {
      closed = true;
      await (await agent?.dispatcher)?.destroy();
    },
  };
}

async function createDispatcher(proxy: string | undefined, tls: TlsOptions): Promise<Dispatcher> {
  const undici = await import('undici');
  const connect = { ...tls, timeout: CONNECT_MS, keepAlive: true, keepAliveInitialDelay: seconds(15) };
  // Deadlines are the clock's; a quiet watch has none.
  const options: Agent.Options = {
    connect,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
  };
  return proxy === undefined
    ? new undici.Agent(options)
    : new undici.ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

function serverOf(server: string): { readonly origin: string; readonly base: string } {
  const { origin, pathname } = new URL(server);
  return { origin, base: pathname.replace(/\/+$/, '') };
}

/** Seconds; the other form, a date, is not used by API servers. */
function retryAfterOf(header: string | undefined): number | undefined {
  const value = Number(header);
  return Number.isFinite(value) && value >= 0 ? seconds(value) : undefined;
}

async function textOf({ read }: Flow): Promise<string> {
  const parts: Uint8Array[] = [];
  await read((chunk) => {
    parts.push(chunk);
    return undefined;
  });
  return Buffer.concat(parts).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in between answers in its own words; the status says what is to be known.
    return undefined;
  }
}

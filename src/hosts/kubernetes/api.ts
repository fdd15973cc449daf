import type { Agent, Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/time.ts';
import { ApiError } from './api-error.ts';
import type { Access, Credentials, TlsOptions } from './credentials.ts';

export type Query = Readonly<Record<string, string>>;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Of the body. Default `application/json`. */
  readonly type?: 'application/json' | 'application/json-patch+json' | 'application/merge-patch+json';
  /** Default 15 s, repetitions after 429 included. */
  readonly deadlineMs?: number;
}

/** Requests to one API server over connections that are kept. */
export interface Api {
  /** The body of a 2xx answer. Another answer is an `ApiError`; none is the error of the connection. */
  call(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
  /** The bytes of a 2xx answer that goes on until `signal` aborts or the server ends it; resolves with its headers. */
  stream(path: string, query: Query, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  readonly access: Access;
  close(): Promise<void>;
}

export interface ApiOptions {
  readonly access: Access;
  readonly clock: Clock;
  /** Sent as User-Agent, so that flow control and audit logs tell us apart. */
  readonly userAgent: string;
}

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

  const send = async (request: ApiRequest, credentials: Credentials, signal: AbortSignal) => {
    const dispatcher = await dispatcherFor(credentials.tls);
    const { method, path, query = {}, body, type = 'application/json' } = request;
    const search = new URLSearchParams(query).toString();
    return dispatcher.request({
      origin: originOf(access.server),
      path: `${pathOf(access.server)}${path}${search === '' ? '' : `?${search}`}`,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...credentials.headers,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
  };

  /** A refused token is read anew, once. */
  const ask = async (request: ApiRequest, signal: AbortSignal) => {
    const answer = await send(request, await access.credentials('cached'), signal);
    if (answer.statusCode !== 401) return answer;
    await answer.body.dump();
    return send(request, await access.credentials('renewed'), signal);
  };

  const refused = async (request: ApiRequest, answer: Dispatcher.ResponseData): Promise<ApiError> => {
    const retryAfterMs = retryAfter(answer.headers['retry-after']);
    return new ApiError(`${request.method} ${request.path}`, {
      status: answer.statusCode,
      body: parsed(await answer.body.text()),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  };

  return {
    access,
    call(request, signal) {
      return within({ clock, ms: request.deadlineMs ?? DEADLINE_MS, signal }, async (deadline) => {
        for (;;) {
          const answer = await ask(request, deadline);
          if (answer.statusCode >= 200 && answer.statusCode < 300) return parsed(await answer.body.text());
          const error = await refused(request, answer);
          if (error.status !== 429) throw error;
          await clock.sleep(Math.min(error.retryAfterMs ?? RETRY_AFTER_MS, LONGEST_RETRY_AFTER_MS), deadline);
        }
      });
    },
    async stream(path, query, signal) {
      const request = { method: 'GET', path, query } as const;
      const end = new AbortController();
      const abort = (): void => end.abort(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', abort, { once: true });
      let answered = false;
      try {
        const answer = await within({ clock, ms: HEADERS_MS, signal }, async (deadline) => {
          // The deadline is for the headers only; what follows them lasts as long as `signal` does.
          const late = (): void => {
            if (!answered) end.abort(deadline.reason);
          };
          deadline.addEventListener('abort', late, { once: true });
          const first = await ask(request, end.signal);
          answered = true;
          return first;
        });
        if (answer.statusCode < 200 || answer.statusCode >= 300) throw await refused(request, answer);
        return answer.body;
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

/** Runs work under a deadline whose timer ends with the work. */
async function within<Value>(
  { clock, ms, signal }: { readonly clock: Clock; readonly ms: number; readonly signal: AbortSignal },
  work: (deadline: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const over = new AbortController();
  const abort = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(clock.deadline(ms, over.signal));
  } finally {
    signal.removeEventListener('abort', abort);
    over.abort(DONE);
  }
}

const DONE = 'done';

const originOf = (server: string): string => new URL(server).origin;
const pathOf = (server: string): string => new URL(server).pathname.replace(/\/+$/, '');

/** Seconds; the other form, a date, is not used by API servers. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const value = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(value) && value >= 0 ? seconds(value) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in between answers in its own words; the status says what is to be known.
    return undefined;
  }
}

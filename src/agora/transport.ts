import type { Agent, Dispatcher } from 'undici';
import type { HttpAnswer, HttpRequest, Transport } from '../core/http.ts';
import { originOf, TOO_LARGE, TransportError } from './network-errors.ts';

export interface HttpTransport {
  readonly send: Transport;
  /** Ends all connections; what is still on the wire fails as `lost`. */
  close(): Promise<void>;
}

/**
 * Real HTTP through undici, loaded with the first request; one pool of connections for each domain. It keeps no time:
 * the signal ends a request at its deadline, since undici's own time-outs know nothing of a scaled clock.
 */
export function createTransport(): HttpTransport {
  let agent: Agent | undefined;
  let loading: Promise<Agent> | undefined;
  let closed = false;
  return {
    send: async (request, signal) => {
      // Synchronous from the second request on, so that what a lane has checked is still true when the request leaves.
      agent ??= await (loading ??= loadAgent());
      if (closed || signal.aborted) throw new TransportError('ERR_ABORTED', 'no');
      return exchange(agent, request, signal);
    },
    close: async () => {
      closed = true;
      await (await loading)?.destroy();
    },
  };
}

async function loadAgent(): Promise<Agent> {
  const undici = await import('undici');
  return new undici.Agent({
    // HTTP/2 may send a request again on a new connection (GOAWAY); here each is sent once.
    allowH2: false,
    connect: { timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** One attempt, whose error tells whether the request had begun to leave. */
function exchange(agent: Agent, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const { origin, pathname, search } = new URL(request.url);
  const chunks: Buffer[] = [];
  let controller: Dispatcher.DispatchController | undefined;
  let ended = false;
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};
  let bytes = 0;

  const end = (settle: () => void): void => {
    if (ended) return;
    ended = true;
    signal.removeEventListener('abort', onAbort);
    settle();
  };
  const fail = (error: unknown): void => {
    end(() => reject(error));
    controller?.abort(error instanceof Error ? error : new Error('aborted'));
  };
  // While a connection is being made undici cannot be told to stop: the request is then dropped before it is written.
  const onAbort = (): void =>
    fail(controller === undefined ? new TransportError('UND_ERR_CONNECT_TIMEOUT', 'no') : signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  agent.dispatch(
    { origin, path: pathname + search, method: request.method, headers: request.headers, body: request.body ?? null },
    {
      onRequestStart(started) {
        if (ended || controller !== undefined) {
          started.abort(new TransportError('ERR_ABORTED', 'no'));
          fail(new TransportError('ERR_SENT_TWICE', 'maybe'));
        }
        controller = started;
      },
      onResponseStart(_controller, statusCode, fields) {
        status = statusCode;
        headers = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name.toLowerCase(), String(value)]),
        );
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > (request.maxAnswerBytes ?? Infinity)) fail(new TransportError(TOO_LARGE, 'maybe'));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        end(() => resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') }));
      },
      onResponseError(_controller, error) {
        const { code, syscall } = originOf(error);
        const cause = code ?? syscall ?? error.name;
        fail(new TransportError(cause, controller === undefined ? 'no' : 'maybe'));
      },
    },
  );
  return promise;
}

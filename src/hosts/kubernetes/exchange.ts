import type { Dispatcher } from 'undici';

/** One answer that was read to its end. */
export interface Exchanged {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * Sends one request and reads its whole answer, by the dispatcher's own handlers: `request` would wrap each answer in a
 * stream, which costs as much again as all the rest, and a rollout makes tens of thousands. Rejects with the error of the
 * connection, or with the signal's reason.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<Exchanged> {
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  const chunks: Buffer[] = [];
  let controller: Dispatcher.DispatchController | undefined;
  let status = 0;
  let retryAfter: string | undefined;
  let ended = false;

  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    signal.removeEventListener('abort', abort);
    return true;
  };
  const abort = (): void => {
    if (!end()) return;
    reject(signal.reason);
    // Where there is none yet the request still waits for a connection; it is taken back when it gets one.
    controller?.abort(reasonOf(signal));
  };
  signal.addEventListener('abort', abort, { once: true });

  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started;
      if (ended) started.abort(reasonOf(signal));
    },
    onResponseStart(_controller, statusCode, headers) {
      status = statusCode;
      const value = headers['retry-after'];
      retryAfter = Array.isArray(value) ? value[0] : value;
    },
    onResponseData(_controller, chunk) {
      chunks.push(chunk);
    },
    onResponseEnd() {
      const [first] = chunks;
      const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
      if (end()) resolve({ status, retryAfter, body: bytes.toString('utf8') });
    },
    onResponseError(_controller, error) {
      if (end()) reject(error);
    },
  });
  return promise;
}

const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new Error('the request is over');

import type { Dispatcher } from 'undici';

/** Is given a chunk; `enough` ends the connection. */
export type Take = (chunk: Buffer) => 'enough' | undefined;

/**
 * Gives every chunk to `take`, once, in the tick in which it arrives; resolves when the server ends the answer or `take` had
 * enough. Rejects with the error of the connection, with the signal's reason, or with what `take` throws.
 */
export type Read = (take: Take) => Promise<void>;

/** An answer that goes on. */
export interface Flow {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly read: Read;
}

/** So much may wait for a reader before the server is made to wait. */
const MOST_WAITING_BYTES = 2 ** 20;

/**
 * Sends one request and hands its answer over as it arrives, by the dispatcher's own handlers: by way of a stream or an
 * iterator each frame of a watch would wait for a few turns of the event loop's queues. Rejects with the error of the
 * connection or with the signal's reason.
 */
export function flow(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<Flow> {
  if (signal.aborted) return Promise.reject(reasonOf(signal.reason));
  const { promise, resolve, reject } = Promise.withResolvers<Flow>();
  const over = Promise.withResolvers<void>();
  // Who does not read learns of it by nothing else.
  over.promise.catch(() => undefined);
  const waiting: Buffer[] = [];
  let bytes = 0;
  let take: Take | undefined;
  let ended = false;
  let controller: Dispatcher.DispatchController | undefined;

  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    signal.removeEventListener('abort', abort);
    return true;
  };
  const fail = (error: unknown): void => {
    if (!end()) return;
    reject(error);
    over.reject(error);
    controller?.abort(reasonOf(error));
  };
  const abort = (): void => fail(reasonOf(signal.reason));
  signal.addEventListener('abort', abort, { once: true });

  const leave = (): void => {
    if (!end()) return;
    over.resolve();
    controller?.abort(new Error('the rest is not wanted'));
  };
  const read: Read = async (taker) => {
    try {
      // The server may have ended it by now; what it said before that is still to be heard.
      for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
        if (taker(chunk) === 'enough') return leave();
      }
    } catch (error) {
      fail(error);
      throw error;
    }
    take = taker;
    if (controller?.paused === true) controller.resume();
    return over.promise;
  };
  const give = (taker: Take, chunk: Buffer): void => {
    try {
      if (taker(chunk) === 'enough') leave();
    } catch (error) {
      fail(error);
    }
  };

  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started;
      if (ended) started.abort(reasonOf(signal.reason));
    },
    onResponseStart(_controller, status, headers) {
      const [retryAfter] = [headers['retry-after']].flat();
      resolve({ status, retryAfter, read });
    },
    onResponseData(source, chunk) {
      if (take !== undefined) {
        if (!ended) give(take, chunk);
        return;
      }
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_WAITING_BYTES) source.pause();
    },
    onResponseEnd() {
      if (end()) over.resolve();
    },
    onResponseError: (_controller, error) => fail(error),
  });
  return promise;
}

const reasonOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('the request is over'));

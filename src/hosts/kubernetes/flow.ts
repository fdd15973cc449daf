import type { Dispatcher } from 'undici';

/** An answer that goes on. Its chunks are gone through once; to leave them early ends the connection. */
export interface Flow {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** So much may wait to be read before the server is made to wait. */
const MOST_WAITING_BYTES = 2 ** 20;

/**
 * Sends one request and hands its answer over as it arrives, by the dispatcher's own handlers: by way of a stream each frame of a
 * watch would wait for a few turns of the event loop's queues. Rejects, and so does a chunk, with the error of the
 * connection or with the signal's reason.
 */
export function flow(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions, signal: AbortSignal): Promise<Flow> {
  const { promise, resolve, reject } = Promise.withResolvers<Flow>();
  const waiting: Buffer[] = [];
  let bytes = 0;
  let reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  let outcome: { readonly error?: unknown } | undefined;
  let controller: Dispatcher.DispatchController | undefined;

  const end = (ended: { readonly error?: unknown }): void => {
    if (outcome !== undefined) return;
    outcome = ended;
    signal.removeEventListener('abort', abort);
    if ('error' in ended) reject(ended.error);
    if ('error' in ended) reader?.reject(ended.error);
    else reader?.resolve(DONE);
    reader = undefined;
  };
  const abort = (): void => {
    const error = reasonOf(signal.reason);
    end({ error });
    controller?.abort(error);
  };
  if (signal.aborted) return Promise.reject(reasonOf(signal.reason));
  signal.addEventListener('abort', abort, { once: true });

  const chunks: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = waiting.shift();
        if (value !== undefined) {
          bytes -= value.length;
          if (controller?.paused === true && bytes < MOST_WAITING_BYTES) controller.resume();
          return { done: false, value };
        }
        if (outcome !== undefined && 'error' in outcome) throw outcome.error;
        if (outcome !== undefined) return DONE;
        reader = Promise.withResolvers();
        return reader.promise;
      },
      async return() {
        const error = new Error('the rest is not wanted');
        end({});
        controller?.abort(error);
        return DONE;
      },
    }),
  };

  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started;
      if (outcome !== undefined) started.abort(reasonOf(signal.reason));
    },
    onResponseStart(_controller, status, headers) {
      const [retryAfter] = [headers['retry-after']].flat();
      resolve({ status, retryAfter, chunks });
    },
    onResponseData(source, chunk) {
      if (reader !== undefined) {
        reader.resolve({ done: false, value: chunk });
        reader = undefined;
        return;
      }
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes >= MOST_WAITING_BYTES) source.pause();
    },
    onResponseEnd: () => end({}),
    onResponseError: (_controller, error) => end({ error }),
  });
  return promise;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

const reasonOf = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('the request is over'));

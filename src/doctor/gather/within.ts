import type { Clock } from '../../core/clock.ts';

/** Runs work under a deadline of its own; what it began and did not wait for ends with it. */
export async function within<Value>(
  { clock, ms, signal }: { readonly clock: Clock; readonly ms: number; readonly signal: AbortSignal },
  work: (deadline: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const over = new AbortController();
  const abort = (): void => over.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await work(clock.deadline(ms, over.signal).signal);
  } finally {
    signal.removeEventListener('abort', abort);
    over.abort();
  }
}

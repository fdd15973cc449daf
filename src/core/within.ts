import type { Clock } from './clock.ts';

/** Runs work under a deadline whose timer ends with the work. */
export async function within<Value>(
  { clock, ms, signal }: { readonly clock: Pick<Clock, 'deadline'>; readonly ms: number; readonly signal: AbortSignal },
  work: (deadline: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const deadline = clock.deadline(ms, signal);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.end();
  }
}

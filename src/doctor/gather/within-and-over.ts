import { within } from '../../core/within.ts';

/** As `within`; what the work began and did not wait for ends with it. */
export async function withinAndOver<Value>(
  parts: Parameters<typeof within>[0],
  work: (over: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const done = new AbortController();
  try {
    return await within(parts, (deadline) => work(AbortSignal.any([deadline, done.signal])));
  } finally {
    done.abort();
  }
}

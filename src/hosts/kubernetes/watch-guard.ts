import { seconds } from '../../core/time.ts';
import type { StreamingLists } from './streaming.ts';
import { type ProbeVerdict, probeWatch, type WatchProbe } from './watch-probe.ts';

export interface WatchGuard extends WatchProbe {
  readonly streaming: StreamingLists;
  /** When the watch was last heard, on the monotonic clock. */
  readonly heardAt: () => number;
  /** It is as new as the server, although it is silent. */
  readonly proven: () => void;
}

/**
 * Waits until a watch is dead without saying so, and resolves with why; undefined where `signal` aborts first. Bookmarks
 * come once a minute only, and a connection that is cut half-way still acknowledges; so a silent watch is asked about by a
 * second one.
 */
export async function untilDead(guard: WatchGuard, signal: AbortSignal): Promise<string | undefined> {
  const { clock, heardAt, streaming } = guard;
  const { silenceMs } = guard.timing;
  let askedAt = heardAt();
  let failures = 0;
  for (;;) {
    const dueAt = failures > 0 ? clock.monotonic() + seconds(1) : Math.max(heardAt(), askedAt) + silenceMs;
    await clock.sleep(dueAt - clock.monotonic(), signal).catch(() => undefined);
    if (signal.aborted) return undefined;
    if (clock.monotonic() < heardAt() + silenceMs) {
      failures = 0;
      continue;
    }
    askedAt = clock.monotonic();
    const from = guard.version();
    if (from === undefined) {
      // A server that does not know streamed lists takes the request for a plain watch and never ends the list.
      streaming.refuse();
      return 'the streamed list stands still';
    }
    const verdict: ProbeVerdict = await probeWatch(guard, from, signal);
    if (signal.aborted) return undefined;
    if (verdict === 'alive') guard.proven();
    if (verdict === 'behind') return 'the watch is behind: it was cut without a word';
    failures = verdict === 'unreachable' ? failures + 1 : 0;
    if (failures >= 2) return 'the API server cannot be reached';
  }
}

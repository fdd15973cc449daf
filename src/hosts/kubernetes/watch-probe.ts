import type { Clock } from '../../core/clock.ts';
import type { Api, Query } from './api.ts';
import { ApiError, isExpired } from './api-error.ts';
import type { Read } from './flow.ts';
import { LineSplitter } from './lines.ts';
import { isNewer } from './version.ts';
import { parseFrame } from './watch-frame.ts';
import type { ListWatchTiming } from './watch-timing.ts';

export interface WatchProbe {
  readonly api: Api;
  readonly path: string;
  readonly query: Query | undefined;
  readonly clock: Clock;
  readonly timing: ListWatchTiming;
  readonly longestLine: number;
  /** How far the watch that is asked about has come by now. */
  readonly version: () => string | undefined;
}

export type ProbeVerdict = 'alive' | 'behind' | 'unreachable' | 'unknown';

/** A second, short watch from the last version of the first: whatever it shows, the first must show too. */
export async function probeWatch(probe: WatchProbe, from: string, signal: AbortSignal): Promise<ProbeVerdict> {
  const { api, path, query, clock, timing } = probe;
  const deadline = clock.deadline(timing.probeMs, signal);
  try {
    const read = await api.stream(
      path,
      { ...query, watch: 'true', resourceVersion: from, timeoutSeconds: '1' },
      deadline.signal,
    );
    const shown = await newest(probe, read);
    if (shown === undefined || !isBehind(probe, shown)) return 'alive';
    await clock.sleep(timing.lagMs, signal);
    return isBehind(probe, shown) ? 'behind' : 'alive';
  } catch (error) {
    if (isExpired(error)) return 'behind';
    // An answer, if not the one asked for: the server is there, and nothing is known of the watch.
    return error instanceof ApiError ? 'unknown' : 'unreachable';
  } finally {
    deadline.end();
  }
}

/** The version of the first object that the probe shows and the watch has not shown; throws an ERROR frame. */
async function newest(probe: WatchProbe, read: Read): Promise<string | undefined> {
  const lines = new LineSplitter(probe.longestLine);
  let shown: string | undefined;
  await read((chunk) => {
    for (const line of lines.push(chunk)) {
      const { type, version } = parseFrame(line, probe.path);
      if (type === 'BOOKMARK' || version === undefined || !isBehind(probe, version)) continue;
      shown = version;
      return 'enough';
    }
    return undefined;
  });
  return shown;
}

function isBehind({ version }: WatchProbe, shown: string): boolean {
  const reached = version();
  return reached !== undefined && isNewer(shown, reached);
}

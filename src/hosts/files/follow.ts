import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/time.ts';
import type { Bell } from './bell.ts';
import type { Problem } from './scan.ts';
import { watchDirectories } from './watch.ts';

export interface FollowOptions {
  readonly clock: Clock;
  /** Rung by the watch, and by whoever wants a scan soon. */
  readonly bell: Bell;
  readonly rescanMs: number;
  readonly debounceMs: number;
  /** `problems`: what the report should say besides. */
  scan(problems: readonly Problem[]): Promise<void>;
  /** What the latest scan left. */
  seen(): Seen;
}

export interface Seen {
  readonly directories: ReadonlyMap<string, string>;
  readonly complete: boolean;
  /** When an absence may become a removal, monotonic. */
  readonly removalAt: number | undefined;
}

/** Changes without a pause do not put a scan off for ever. */
const DEBOUNCES = 10;
/** After a scan that could not read everything, or a removal that could not be written. */
const RETRY_MS = seconds(2);

/** Scans whenever something changed and then paused, a removal is due, or nothing was looked at for long. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { clock, bell, debounceMs } = options;
  const watch = watchDirectories(() => bell.ring());
  // Whoever writes a file lives in real time, also where the clock is scaled.
  const quietMs = (debounceMs * 1_000) / clock.real(1_000);
  try {
    for (;;) {
      // What changed between the scan and the watch was not seen by either.
      if (watch.follow(options.seen().directories) === 'more') bell.ring();
      let quiet = !(await bell.wait(pauseMs(options), clock, signal));
      for (let tries = 0; !quiet && tries < DEBOUNCES; tries += 1) quiet = !(await bell.wait(quietMs, clock, signal));
      const trouble = watch.trouble();
      await options.scan(trouble === undefined ? [] : [{ ...UNWATCHED, message: trouble }]);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    watch.close();
  }
}

/** Until the next scan that nothing seen asks for. */
function pauseMs({ seen, clock, rescanMs }: FollowOptions): number {
  const { complete, removalAt } = seen();
  if (!complete) return RETRY_MS;
  if (removalAt === undefined) return rescanMs;
  const dueMs = removalAt - clock.monotonic();
  return Math.min(rescanMs, dueMs > 0 ? dueMs : RETRY_MS);
}

const UNWATCHED = {
  path: '.',
  advice: 'changes there are seen by the periodic scan only',
  severity: 'warning',
} as const;

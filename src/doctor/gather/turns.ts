import PQueue from 'p-queue';
import type { Clock } from '../../core/clock.ts';
import { withinAndOver } from './within-and-over.ts';

/** Few things are done at once, and each has to end. */
export interface Turns {
  /** Undefined where the whole time was over before its turn came. */
  take<Value>(work: (signal: AbortSignal) => Promise<Value>, ms?: number): Promise<Value | undefined>;
  /** Was anything left undone, or broken off? */
  readonly outOfTime: boolean;
}

const CONCURRENCY = 4;
/** Longer than any answer that is of use; shorter than a person waits. */
const EACH_MS = 5_000;

/** `over` aborts when the whole time is over. */
export function createTurns(clock: Clock, over: AbortSignal): Turns {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  let outOfTime = false;
  return {
    take: (work, ms = EACH_MS) =>
      queue.add(async () => {
        if (over.aborted) {
          outOfTime = true;
          return undefined;
        }
        const value = await withinAndOver({ clock, ms, signal: over }, work);
        outOfTime ||= over.aborted;
        return value;
      }),
    get outOfTime() {
      return outOfTime;
    },
  };
}

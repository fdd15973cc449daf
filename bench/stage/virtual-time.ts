import { install } from '@sinonjs/fake-timers';
import type { Clock } from '../../src/core/clock.ts';
import { realClock } from '../../src/engine/clock.ts';

const EPOCH = Date.UTC(2026, 0, 1);

/** Time that passes as fast as the machine works through what happens in it. */
export interface VirtualTime {
  readonly clock: Clock;
  pass(ms: number): Promise<void>;
  /** The machine's own milliseconds. */
  machineMs(): number;
  end(): void;
}

/** Replaces the process's timers and clocks, as the simulation does, so that the real lanes and queues run in it. */
export function virtualTime(): VirtualTime {
  const machineMs = performance.now.bind(performance);
  const timers = install({
    now: EPOCH,
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'Date',
      'performance',
      'hrtime',
    ],
  });
  return {
    clock: realClock(),
    pass: async (ms) => {
      await timers.tickAsync(ms);
    },
    machineMs,
    end: () => timers.uninstall(),
  };
}

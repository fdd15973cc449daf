import type { Clock } from '../core/clock.ts';
import type { Instant } from '../core/time.ts';

/** The longest delay that Node's timers keep; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** On a scaled clock a deadline is never shorter than this, or the machine's own speed would break it (design §8). */
const SHORTEST_SCALED_DEADLINE_MS = 2_000;

/** The machine's clock. Timers and time are looked up at each call, so that fake timers take hold of it. */
export function realClock(): Clock {
  return clockOf({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    real: (ms) => ms,
    realDeadline: (ms) => ms,
  });
}

export interface Scale {
  /** How many times faster than the machine's clock. */
  readonly speed: number;
  /** The machine's time at which the scaled clock showed `epochScaled`; shared by controller and simulated cloud. */
  readonly epochReal: Instant;
  readonly epochScaled: Instant;
}

/** A clock that runs `speed` times faster by dividing every wait; no global is replaced.  (design §8) */
export function scaledClock({ speed, epochReal, epochScaled }: Scale): Clock {
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed must be a positive number, got ${speed}`);
  const real = (ms: number): number => ms / speed;
  return clockOf({
    now: () => Math.floor(epochScaled + (Date.now() - epochReal) * speed),
    monotonic: () => performance.now() * speed,
    real,
    realDeadline: (ms) => Math.max(real(ms), SHORTEST_SCALED_DEADLINE_MS),
  });
}

interface Reading {
  readonly now: () => Instant;
  readonly monotonic: () => number;
  readonly real: (ms: number) => number;
  readonly realDeadline: (ms: number) => number;
}

function clockOf({ now, monotonic, real, realDeadline }: Reading): Clock {
  return {
    now,
    monotonic,
    real,

    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const timer = startTimer(real(ms), () => {
          signal.removeEventListener('abort', aborted);
          resolve();
        });
        const aborted = (): void => {
          timer.stop();
          reject(signal.reason);
        };
        signal.addEventListener('abort', aborted, { once: true });
      });
    },

    deadline(ms, signal) {
      if (signal.aborted) return { signal, end: () => undefined };
      const controller = new AbortController();
      const end = (): void => {
        signal.removeEventListener('abort', aborted);
        timer.stop();
      };
      const timer = startTimer(realDeadline(ms), () => {
        signal.removeEventListener('abort', aborted);
        controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
      });
      const aborted = (): void => {
        timer.stop();
        controller.abort(signal.reason);
      };
      signal.addEventListener('abort', aborted, { once: true });
      return { signal: controller.signal, end };
    },
  };
}

/** A timer of any length. A fraction is rounded up: to wake early is to look in vain. */
function startTimer(realMs: number, fire: () => void): { readonly stop: () => void } {
  let left = Math.max(0, Math.ceil(realMs));
  let handle: ReturnType<typeof setTimeout>;
  const arm = (): void => {
    const part = Math.min(left, LONGEST_TIMER_MS);
    left -= part;
    handle = setTimeout(() => (left > 0 ? arm() : fire()), part);
  };
  arm();
  return { stop: () => clearTimeout(handle) };
}

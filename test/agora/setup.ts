import type { Call } from '../../src/agora/api.ts';
import type { Clock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';

export const APP_ID = '0123456789abcdef0123456789abcdef';

export const credentials = {
  customerId: new Secret('canary-customer-id'),
  customerSecret: new Secret('canary-customer-secret'),
};

export const call = (more: Partial<Call> = {}): Call => ({
  appId: APP_ID,
  credentials,
  requestId: 'request-1',
  signal: new AbortController().signal,
  ...more,
});

/** A clock that stands still, and whose deadlines pass when the test says so. */
export interface HandClock extends Clock {
  at: number;
  readonly deadlines: number[];
  /** Deadlines that were freed. */
  ended: number;
  expire(): void;
}

export function handClock(at = 1_700_000_000_000): HandClock {
  const controllers: AbortController[] = [];
  const clock: HandClock = {
    at,
    deadlines: [],
    ended: 0,
    now: () => clock.at,
    monotonic: () => clock.at,
    real: (ms) => ms,
    sleep: () => Promise.reject(new Error('the client does not sleep')),
    deadline: (ms, signal) => {
      const controller = new AbortController();
      controllers.push(controller);
      clock.deadlines.push(ms);
      return {
        signal: AbortSignal.any([signal, controller.signal]),
        end: () => {
          clock.ended += 1;
        },
      };
    },
    expire: () => {
      for (const controller of controllers) controller.abort(new DOMException('too late', 'TimeoutError'));
    },
  };
  return clock;
}

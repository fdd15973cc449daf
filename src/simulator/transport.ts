import type { Clock } from '../core/clock.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../core/http.ts';
import { createDie } from './dice.ts';
import { isKnownHost } from './domains.ts';
import type { Faults } from './faults.ts';
import type { Gateway } from './gateway.ts';

/** A network error as Node reports it: by its `code`. */
class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: string;
  constructor(code: string, host: string) {
    super(`${code} ${host}`);
    this.code = code;
  }
}

export interface TransportParts {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly faults: Faults;
  readonly seed: string;
  readonly latencyMs: readonly [number, number];
  readonly upToDate: () => number;
}

/**
 * The network between a client in the same process and the cloud. A request that is aborted on its way there does
 * nothing; one that is aborted on the way back has had its effect.
 */
export function createTransport({ clock, gateway, faults, seed, latencyMs, upToDate }: TransportParts): Transport {
  const die = createDie(`${seed}/latency`);
  const [least, most] = latencyMs;
  const oneWayMs = (): number => Math.round(least + die() * (most - least));
  const travel = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (ms > 0) await clock.sleep(ms, signal);
    signal.throwIfAborted();
  };
  return async (request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    signal.throwIfAborted();
    const url = new URL(request.url);
    const host = url.hostname;
    const thereMs = oneWayMs();
    const backMs = oneWayMs();
    upToDate();
    const dead = faults.forHost({ host });
    if (!isKnownHost(host) || dead?.kind === 'dns-failure') {
      await travel(thereMs, signal);
      throw new NetworkError(dead?.code ?? 'ENOTFOUND', host);
    }
    if (url.protocol !== 'https:' || dead !== undefined) {
      const code = dead?.code ?? 'ECONNREFUSED';
      if (code === 'hang') return aborted(signal);
      await travel(thereMs, signal);
      throw new NetworkError(code, host);
    }
    await travel(thereMs, signal);
    const outcome = gateway.handle(request, url, clock.now());
    if (outcome.kind === 'hang') return aborted(signal);
    await travel(backMs + (outcome.kind === 'answer' ? outcome.delayMs : 0), signal);
    if (outcome.kind === 'reset') throw new NetworkError('ECONNRESET', host);
    return outcome.answer;
  };
}

/** Never answers. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

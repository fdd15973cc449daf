import type { Die } from '../../../src/simulator/dice.ts';
import type { Fault, FaultProxy } from '../fault-proxy.ts';

const FAULTS: Readonly<Record<string, Fault>> = {
  cut: 'cut',
  lost: 'lost',
  half: 'half',
  '500 half': { status: 500, reason: 'InternalError', half: true },
  429: { status: 429, reason: 'TooManyRequests', retryAfter: '1' },
  500: { status: 500, reason: 'InternalError' },
  503: { status: 503, reason: 'ServiceUnavailable' },
  409: { status: 409, reason: 'Conflict' },
  410: { status: 410, reason: 'Expired' },
  slow: { delayMs: 1_500 },
};

export interface Weather {
  readonly proxy: FaultProxy;
  readonly die: Die;
  readonly goesOn: () => boolean;
  /** How long the server is away at most, now and then; absent: never. */
  readonly longestOutageMs?: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One fault after the other, some of single requests and some of all, with little rest in between. Resolves with their counts. */
export async function storm({
  proxy,
  die,
  goesOn,
  longestOutageMs,
}: Weather): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const names = Object.keys(FAULTS);
  while (goesOn()) {
    await pause(200 + die() * 600);
    const weather = die();
    const name = names[Math.floor(die() * names.length)] ?? 'cut';
    const kind =
      longestOutageMs !== undefined && weather > 0.97
        ? 'outage'
        : weather < 0.2
          ? 'watches cut'
          : weather < 0.4
            ? 'watches frozen'
            : weather < 0.55
              ? 'watches expired'
              : name;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (kind === 'watches cut') proxy.cutWatches();
    else if (kind === 'watches frozen') proxy.freezeWatches();
    else if (kind === 'watches expired') proxy.expireWatches();
    else if (kind === 'outage') {
      await proxy.shut();
      await pause(1_000 + die() * ((longestOutageMs ?? 1_000) - 1_000));
      await proxy.open();
    } else {
      proxy.fault = () => (die() < 0.5 ? (FAULTS[kind] ?? 'none') : 'none');
      await pause(100 + die() * 900);
      proxy.fault = () => 'none';
    }
  }
  return counts;
}

import { realClock, scaledClock } from '../engine/clock.ts';
import { createCloud } from '../simulator/cloud.ts';
import { serve } from '../simulator/server.ts';
import { CommandError, EXIT, type Io, print } from './io.ts';
import { readFaults } from './surroundings.ts';

export interface SimulateOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly speed: number;
  readonly faults?: string;
  /** All that is left to chance follows from it. */
  readonly seed: string;
}

/** `agora-reconciler simulate`: serves the simulated cloud on this machine until it is told to end. */
export async function simulateCommand({ port, speed, faults, seed }: SimulateOptions, io: Io): Promise<number> {
  const now = realClock().now();
  const scale = { speed, epochReal: now, epochScaled: now };
  const clock = speed === 1 ? realClock() : scaledClock(scale);
  const rules = faults === undefined ? [] : await readFaults(faults, now);
  const cloud = createCloud({ clock, seed, anyProject: {}, faults: rules });
  const server = await serve(cloud, { clock, scale, port }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is in use; name another with --port' : `cannot be opened: ${error.code}`;
    throw new CommandError(`port ${port} ${why}`, { cause: error });
  });
  try {
    print(io.stdout, ...greeting(server.url, speed));
    await aborted(io.signal);
  } finally {
    await server.close();
  }
  return EXIT.ok;
}

const greeting = (url: string, speed: number): readonly string[] => [
  `simulated Agora cloud: ${url}${speed === 1 ? '' : ` (${speed} times faster)`}`,
  'It takes any App ID and any credentials. In another terminal:',
  '',
  `  agora-reconciler watch DIR --endpoint ${url}`,
  `  curl ${url}/_simulator/state     what lives`,
  `  curl ${url}/_simulator/audit     what it cost, and what went wrong`,
  '',
  'Ctrl-C ends it, and with it all its tasks.',
];

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

import { realClock, scaledClock } from '../engine/clock.ts';
import type { PageBrowser } from '../simulator/browser.ts';
import { createCloud, type Listeners } from '../simulator/cloud.ts';
import { postOverHttp } from '../simulator/post.ts';
import { serve } from '../simulator/server.ts';
import type { Outside } from '../simulator/world.ts';
import { CommandError, EXIT, type Io, print } from './io.ts';
import { readFaults } from './surroundings.ts';

export interface SimulateOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly speed: number;
  readonly faults?: string;
  /** All that is left to chance follows from it. */
  readonly seed: string;
  /** Where the notifications of every App ID go that subscribes to none itself. */
  readonly notifyUrl?: string;
  readonly notifySecret?: string;
  /** The endpoint that watched pages have in them. */
  readonly pageWatchUrl?: string;
  /** Opens pages for real. */
  readonly chromium?: string;
}

/** `agora-reconciler simulate`: serves the simulated cloud on this machine until it is told to end. */
export async function simulateCommand(options: SimulateOptions, io: Io): Promise<number> {
  const browser = options.chromium === undefined ? undefined : await openBrowser(options.chromium);
  try {
    return await serveCloud(options, browser === undefined ? {} : { browser }, io);
  } finally {
    await browser?.close();
  }
}

async function serveCloud(options: SimulateOptions, outside: Partial<Outside>, io: Io): Promise<number> {
  const { port, speed, faults, seed } = options;
  const now = realClock().now();
  const scale = { speed, epochReal: now, epochScaled: now };
  const clock = speed === 1 ? realClock() : scaledClock(scale);
  const rules = faults === undefined ? [] : await readFaults(faults, now);
  const cloud = createCloud({ clock, seed, anyProject: {}, faults: rules, tells: listeners(options), outside });
  const server = await serve(cloud, { clock, scale, port }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'is in use; name another with --port' : `cannot be opened: ${error.code}`;
    throw new CommandError(`port ${port} ${why}`, { cause: error });
  });
  const ending = new AbortController();
  const running = cloud.run(ending.signal);
  try {
    print(io.stdout, ...greeting(server.url, speed));
    await Promise.race([aborted(io.signal), running]);
  } finally {
    ending.abort();
    await server.close();
    await running;
  }
  return EXIT.ok;
}

/** Loaded only then. */
async function openBrowser(path: string): Promise<PageBrowser> {
  const { BrowserError, startBrowser } = await import('../simulator/browser.ts');
  try {
    return await startBrowser(path);
  } catch (error) {
    throw error instanceof BrowserError ? new CommandError(error.message, { cause: error }) : error;
  }
}

function listeners({ notifyUrl, notifySecret, pageWatchUrl }: SimulateOptions): Listeners {
  const subscribed = notifyUrl !== undefined && notifySecret !== undefined;
  return {
    post: postOverHttp,
    ...(subscribed
      ? { subscription: { url: notifyUrl, secrets: { recording: notifySecret, converter: notifySecret } } }
      : {}),
    ...(pageWatchUrl === undefined ? {} : { pageWatchUrl }),
  };
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

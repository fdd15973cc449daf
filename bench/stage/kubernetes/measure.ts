import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type ContenderOptions, type Finished, machineMs } from './contender.ts';

/** A measured process at work. */
export interface Contender {
  /** Times from before the process began. */
  finished(): Promise<Measured>;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export interface Measured extends Omit<Finished, 'atMs'> {
  readonly wallMs: number;
}

const WITHIN_MS = 300_000;

export function startContender(file: string, options: ContenderOptions, execArgv: readonly string[] = []): Contender {
  const beganAtMs = machineMs();
  const child = fork(file, [JSON.stringify(options)], { execArgv: [...execArgv] });
  const told = once(child, 'message');
  const ended = once(child, 'exit');
  return {
    child,
    async finished() {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error(`${file} did not finish`)), WITHIN_MS).unref();
      });
      const died = ended.then(([code]) => {
        throw new Error(`${file} ended with ${code}`);
      });
      const [figures] = (await Promise.race([told, died, late])) as [Finished];
      died.catch(() => undefined);
      const { atMs, ...rest } = figures;
      return { wallMs: atMs - beganAtMs, ...rest };
    },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

/** The cloud that answers at once, in a process of its own. */
export interface InstantCloud {
  readonly url: string;
  /** When each name was first asked for, on the machine's clock. */
  createdAt(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

export async function startInstantCloud(file: string): Promise<InstantCloud> {
  const child = fork(file);
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    async createdAt() {
      const answer = once(child, 'message');
      child.send('created');
      const [createdAt] = (await answer) as [Readonly<Record<string, number>>];
      return createdAt;
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

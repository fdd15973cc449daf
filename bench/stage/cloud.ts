import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Audit } from '../../src/simulator/audit.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { ProjectOptions } from '../../src/simulator/projects.ts';

/** The simulated cloud in a process of its own, in real time, over loopback HTTP. */
export interface CloudProcess {
  readonly url: string;
  tasks(): Promise<readonly Task[]>;
  audit(): Promise<Audit>;
  close(): Promise<void>;
}

export async function startCloud(projects: readonly ProjectOptions[]): Promise<CloudProcess> {
  const child = fork(new URL('./cloud-process.ts', import.meta.url), [JSON.stringify(projects)]);
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the simulated cloud ended with ${code} before it served`);
    }),
  ])) as [string];
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/_simulator/${path}`)).json();
  return {
    url,
    tasks: async () => ((await ask('tasks')) as { readonly tasks: readonly Task[] }).tasks,
    audit: async () => (await ask('audit')) as Audit,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}

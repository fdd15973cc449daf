import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Ended, Program, type ProgramOptions } from './program.ts';

export { BIN, type Ended } from './program.ts';

const root = new URL('../../', import.meta.url);

/** The command as a child process that ends with the test at the latest. */
export class Child extends Program {
  constructor(args: readonly string[], options?: ProgramOptions) {
    super(args, options);
    onTestFinished(() => this.kill());
  }
}

export const run = (args: readonly string[], options?: ProgramOptions): Promise<Ended> =>
  new Child(args, options).ended();

/** A directory of its own, gone with the test. */
export async function scratch(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'agora-cli-')));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A copy of the quickstart manifests, to be changed. */
export async function quickstart(): Promise<{ readonly directory: string; readonly state: string }> {
  const base = await scratch();
  const directory = join(base, 'manifests');
  await cp(new URL('examples/quickstart', root), directory, { recursive: true });
  return { directory, state: join(base, 'state') };
}

export const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const root = new URL('../../', import.meta.url);
export const BIN = fileURLToPath(new URL('src/bin.ts', root));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a child process; what it says is kept, and it ends with the test at the latest. */
export class Child {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(
    args: readonly string[],
    options: {
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly node?: readonly string[];
    } = {},
  ) {
    const { cwd, env, node = [] } = options;
    this.process = spawn(process.execPath, [...node, BIN, ...args], {
      cwd: cwd ?? tmpdir(),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (part) => {
      this.stdout += String(part);
    });
    this.process.stderr?.on('data', (part) => {
      this.stderr += String(part);
    });
    onTestFinished(async () => {
      this.process.kill('SIGKILL');
      await this.ended();
    });
  }

  /** Until something is said on either stream. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found !== null) return found;
      if (this.process.exitCode !== null) throw new Error(`ended without saying ${pattern}: ${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ended(): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'close');
    return { code: this.process.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

export const run = (args: readonly string[], options?: ConstructorParameters<typeof Child>[1]): Promise<Ended> =>
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

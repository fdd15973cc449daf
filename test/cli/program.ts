import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a child process; what it says is kept. */
export class Program {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { cwd, env, node = [] }: ProgramOptions = {}) {
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

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended();
  }
}

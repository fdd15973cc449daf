import { spawnSync } from 'node:child_process';

/** Runs a command of `node_modules/.bin` (npm has put it first in PATH) with the terminal's own output; true if it succeeded. */
export function run(command: string, ...args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) console.error(`cannot run ${command}: ${error.message}`);
  return status === 0;
}

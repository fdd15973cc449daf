import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** The first of these commands that is installed. Where none is: a failure with CI set, else said aloud, for `skipIf`. */
export function findTool(...commands: readonly string[]): string | undefined {
  const found = commands.find((command) => spawnSync(command, ['-v']).error === undefined);
  if (found === undefined) {
    const remedy = `${commands[0]} is not installed: run scripts/install-ci-tools.sh`;
    if (process.env['CI']) it(`has ${commands[0]}`, () => expect.fail(remedy));
    else console.warn(`skipped: ${remedy}`);
  }
  return found;
}

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';

/** Runs one command and resolves with its exit code. The composition root: the only file that wires. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('agora-reconciler')
    .description('Makes Agora match the declared web page recordings and RTMP converters.')
    .exitOverride();
  program
    .command('version')
    .description('Print the version.')
    .action(() => console.log(packageVersion()));
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

function packageVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}

import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { Command, CommanderError } from 'commander';
import { CommandError, EXIT, type Io } from './cli/io.ts';
import { declareChanges } from './commands/change.ts';
import { type CommandParts, type Declare, examples } from './commands/command.ts';
import { declareController } from './commands/controller.ts';
import { declareCrds } from './commands/crds.ts';
import { declareDoctor } from './commands/doctor.ts';
import { declareExplain } from './commands/explain.ts';
import { declareGet } from './commands/get.ts';
import { declarePlan } from './commands/plan.ts';
import { declarePrune } from './commands/prune.ts';
import { declareSimulate } from './commands/simulate.ts';
import { declareSupport } from './commands/support.ts';
import { declareValidate } from './commands/validate.ts';
import { declareVersion } from './commands/version.ts';
import { declareWatch } from './commands/watch.ts';

/**
 * The composition root: the command table, the process's streams and signals. Each command is loaded when it is run, so
 * that none pays for what another needs. The only file that exits.
 */
export async function main(args: readonly string[]): Promise<number> {
  const signals = interruptions();
  const io = processIo(signals.signal);
  let exitCode: number = EXIT.ok;
  const program = commands(io, async (command) => {
    exitCode = await command;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CommandError)) throw error;
    io.stderr.write(`agora-reconciler: ${error.message}\n`);
    return error.exitCode;
  } finally {
    signals.release();
  }
}

/** In the order in which help lists them. */
const COMMANDS: readonly Declare[] = [
  declareWatch,
  declareController,
  declarePlan,
  declareValidate,
  declareDoctor,
  declareGet,
  declareExplain,
  declareSupport,
  declarePrune,
  declareChanges,
  declareSimulate,
  declareCrds,
  declareVersion,
];

function commands(io: Io, run: CommandParts['run']): Command {
  const program = new Command(io.plugin === true ? 'kubectl agora' : 'agora-reconciler')
    .description('Makes Agora match the declared web page recordings and RTMP converters.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      getOutHasColors: () => io.colours,
      getErrHasColors: () => false,
    })
    .helpCommand(false)
    // Long flags leave their descriptions little room; wrapped they stay within the width all the same.
    .configureHelp({ minWidthToWrap: 30 })
    .addHelpText('after', examples('watch examples/quickstart --simulate', 'plan -f manifests/', 'get -o wide'));
  for (const declare of COMMANDS) declare(program, { io, run });
  return program;
}

function processIo(signal: AbortSignal): Io {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', brokenPipe);
  const isTTY = isatty(1);
  return {
    stdout,
    stderr,
    env,
    isTTY,
    plugin: basename(process.argv[1] ?? '').startsWith('kubectl-agora'),
    columns: isTTY ? Math.max(stdout.columns || 80, 40) : 80,
    colours: isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    terminal: isTTY && env['TERM'] !== 'dumb' ? stdout : undefined,
    signal,
  };
}

/** Whoever read us has left (`| head`): there is nobody to tell. */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

/** The first Ctrl-C asks the command to end in order; the second ends at once. */
function interruptions(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupted = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
    },
  };
}

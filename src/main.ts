import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { Command, CommanderError, Option } from 'commander';
import type { Change, ChangeOptions } from './cli/cluster/change.ts';
import { addressOption, clusterOptions, selectorOption } from './cli/cluster-options.ts';
import { type ControllerFlags, controllerOptions } from './cli/controller-options.ts';
import { CommandError, EXIT, type Io } from './cli/io.ts';
import type { WhereFlags } from './cli/where.ts';
import { duration, endpoint, port, speed } from './config.ts';

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

type Run = (command: Promise<number> | number) => Promise<void>;

function commands(io: Io, run: Run): Command {
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
  watch(program, io, run);
  controlling(program, io, run);
  asking(program, io, run);
  changing(program, io, run);
  simulate(program, io, run);
  program
    .command('crds')
    .description('Print the CustomResourceDefinitions.')
    .addHelpText('after', examples('crds | kubectl apply -f -'))
    .action(async () => run((await import('./cli/crds.ts')).crdsCommand(io)));
  program
    .command('version')
    .description('Print the version.')
    .addHelpText('after', examples('version'))
    .action(async () => run((await import('./cli/version.ts')).versionCommand(io)));
  return program;
}

function watch(program: Command, io: Io, run: Run): void {
  program
    .command('watch')
    .description('Make Agora match the manifests in a directory, and keep it so.')
    .argument('<dir>', 'directory of YAML and JSON manifests, read recursively')
    .addOption(stateOption())
    .option('--once', 'end when everything is as declared, before its window, or waits for a limit', false)
    .addOption(
      new Option('--timeout <span>', 'how long --once may take, on the clock of the run')
        .argParser(duration)
        .default(600_000, '10m'),
    )
    .addOption(
      new Option('--prune-after <span>', 'how long a resource must be gone from the directory before it is stopped')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .option('--prune-all', 'stop also when so much is gone at once that it looks like a mistake', false)
    .addOption(new Option('--simulate', 'run against a simulated cloud in this process').default(false))
    .addOption(new Option('--speed <factor>', 'with --simulate: run 1 to 20 times faster').argParser(speed))
    .addOption(new Option('--faults <file>', 'with --simulate: faults to rehearse, as for simulate'))
    .addOption(
      new Option('--endpoint <url>', 'send every call to this base URL; adopts the speed of a local simulate')
        .argParser(endpoint)
        .env('AGORA_RECONCILER_ENDPOINT'),
    )
    .addOption(
      new Option('--log-format <format>', 'how log lines are written')
        .choices(['text', 'json'])
        .default('text')
        .env('AGORA_RECONCILER_LOG_FORMAT'),
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info')
        .env('AGORA_RECONCILER_LOG_LEVEL'),
    )
    .addHelpText(
      'after',
      `${examples(
        'watch examples/quickstart --simulate --speed 10',
        'watch manifests/',
        'watch manifests/ --once --timeout 5m && echo settled',
      )}
Exit codes: 0 ended in order, or settled (--once); 1 something is Stalled, or a
manifest is wrong (--once); 2 directory, state or endpoint cannot be used; 4 not
settled within --timeout; 64 wrong command line; 130 interrupted.`,
    )
    .action(async (directory: string, options: WatchFlags, command: Command) => {
      if (options.endpoint !== undefined && options.simulate)
        command.error("error: option '--endpoint <url>' cannot be used with option '--simulate'");
      for (const flag of ['speed', 'faults'] as const)
        if (options[flag] !== undefined && !options.simulate)
          command.error(`error: option '--${flag}' needs --simulate: Agora itself runs at its own pace`);
      const { watchCommand } = await import('./cli/watch.ts');
      const { timeout: timeoutMs, pruneAfter: pruneAfterMs, ...rest } = options;
      await run(watchCommand({ directory, timeoutMs, pruneAfterMs, ...rest }, io));
    });
}

/** As commander hands them over, after the parsers of `config`. */
interface WatchFlags {
  readonly state?: string;
  readonly once: boolean;
  readonly timeout: number;
  readonly pruneAfter: number;
  readonly pruneAll: boolean;
  readonly simulate: boolean;
  readonly speed?: number;
  readonly faults?: string;
  readonly endpoint?: string;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

function controlling(program: Command, io: Io, run: Run): void {
  controllerOptions(
    program
      .command('controller')
      .description('Make Agora match the resources of a Kubernetes cluster, and keep it so.'),
    { duration, endpoint },
  )
    .addHelpText(
      'after',
      `${examples(
        'controller --leader-elect',
        'controller --context live --watch-namespaces media',
        'controller --endpoint http://127.0.0.1:8080',
      )}
Exit codes: 0 ended in order; 1 lost the lease; 2 cluster, endpoint or address
cannot be used; 64 wrong command line.`,
    )
    .action(async (flags: ControllerFlags) => {
      const { metricsBindAddress, healthProbeBindAddress, gracefulShutdownTimeout, ...rest } = flags;
      const { controllerCommand } = await import('./cli/controller.ts');
      const options = {
        ...rest,
        metricsBindAddress: metricsBindAddress.address,
        healthProbeBindAddress: healthProbeBindAddress.address,
        gracefulShutdownTimeoutMs: gracefulShutdownTimeout,
      };
      await run(controllerCommand(options, io));
    });
}

/** Commands that look and tell, beside a running `watch` or without one. */
function asking(program: Command, io: Io, run: Run): void {
  clusterOptions(
    program
      .command('plan')
      .description('Show what would be done to make Agora match, field by field. Nothing is called or written.')
      .addOption(filesOption())
      .option('--state <dir>', 'compare with what is there; without it everything counts as new'),
  )
    .addOption(addressOption())
    .option('-n, --namespace <name>', 'in a cluster: of manifests that name none')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      `${examples('plan -f manifests/', 'plan -f manifests/ --state .agora-reconciler', 'plan -f manifests/ --context live')}
Exit codes: 0 nothing to do; 2 there are changes; 1 a manifest is wrong, or a
path, state or cluster cannot be used.`,
    )
    .action(async (options: { filename: string[] } & AboutFlags) =>
      run((await import('./cli/plan.ts')).planCommand(options, io)),
    );
  clusterOptions(
    program
      .command('validate')
      .description('Check manifests as the API server would, with file, line and column.')
      .addOption(filesOption())
      .option('--server', 'ask the cluster as well, by a dry run that keeps nothing'),
  )
    .option('-n, --namespace <name>', 'with --server: of manifests that name none')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      `${examples('validate -f manifests/', 'validate -f keynote.yaml -o json', 'validate -f manifests/ --server')}
Exit codes: 0 valid; 1 at least one error was found; 2 it could not run.`,
    )
    .action(async (options: ValidateFlags, command: Command) => {
      for (const flag of ['kubeconfig', 'context', 'namespace'] as const)
        if (options[flag] !== undefined && options.server === undefined)
          command.error(`error: option '--${flag}' needs --server: else nothing is asked of a cluster`);
      await run((await import('./cli/validate.ts')).validateCommand(options, io));
    });
  clusterOptions(
    program
      .command('get')
      .description('List resources and how they fare, as kubectl get does.')
      .argument('[kind]', 'wpr, rtmpc, agp or their full names, several with commas, or KIND/NAME')
      .argument('[name]', 'one resource')
      .addOption(namespaceOption())
      .option('-A, --all-namespaces', 'every namespace, the default for files; shows the column always')
      .addOption(selectorOption())
      .addOption(outputOption('wide', 'json', 'yaml'))
      .addOption(stateOption()),
  )
    .addOption(addressOption())
    .addHelpText('after', examples('get', 'get rtmpc -o wide', 'get wpr/keynote -o yaml', 'get -A --context live'))
    .action(async (kind: string | undefined, name: string | undefined, options: GetFlags) =>
      run(
        (await import('./cli/get.ts')).getCommand(
          { ...options, ...(kind === undefined ? {} : { kind }), ...(name === undefined ? {} : { name }) },
          io,
        ),
      ),
    );
  clusterOptions(
    program
      .command('explain')
      .description('Tell why a resource is where it is: the rule, the evidence, and what happens next.')
      .argument('<kind/name>', 'as wpr/keynote')
      .addOption(namespaceOption())
      .addOption(outputOption('json'))
      .addOption(stateOption()),
  )
    .addOption(addressOption())
    .addHelpText('after', examples('explain wpr/keynote', 'explain rtmpc/vertical -n media -o json'))
    .action(async (resource: string, options: AboutFlags) =>
      run((await import('./cli/explain.ts')).explainCommand({ resource, ...options }, io)),
    );
  clusterOptions(
    program
      .command('support')
      .description('Collect everything that Agora’s support asks for about a task, without a secret in it (MP-16).')
      .argument('<kind/name>', 'as rtmpc/vertical')
      .addOption(namespaceOption())
      .addOption(outputOption('json'))
      .addOption(stateOption()),
  )
    .addOption(addressOption())
    .addHelpText('after', examples('support rtmpc/vertical', 'support wpr/keynote -o json'))
    .action(async (resource: string, options: AboutFlags) =>
      run((await import('./cli/support.ts')).supportCommand({ resource, ...options }, io)),
    );
  program
    .command('prune')
    .description('Show the removals that a running watch holds back, and confirm them.')
    .option('--yes', 'confirm the list; without it, it is only shown')
    .addOption(outputOption('json'))
    .addOption(stateOption())
    .addHelpText(
      'after',
      `${examples('prune', 'prune --yes')}
Exit codes: 0 nothing is held back, or it is confirmed; 1 removals are held
back, or the list changed meanwhile; 2 no controller answered.`,
    )
    .action(async (options: { yes?: boolean; output?: 'json'; state?: string }) =>
      run((await import('./cli/prune.ts')).pruneCommand(options, io)),
    );
}

/** Commands that change one field in a cluster. */
function changing(program: Command, io: Io, run: Run): void {
  const texts: Readonly<Record<Change, string>> = {
    suspend: 'Leave resources of a cluster alone: no call is made for them, and running tasks run on unwatched.',
    resume: 'Take suspended resources of a cluster up again.',
    reconcile: 'Ask for a look at resources of a cluster now; what holds a start back is forgotten.',
  };
  for (const change of ['suspend', 'resume', 'reconcile'] as const) {
    clusterOptions(
      program
        .command(change)
        .description(texts[change])
        .argument('<resources...>', 'KIND/NAME, or kinds with -l or --all')
        .addOption(namespaceOption())
        .option('-A, --all-namespaces', 'with -l or --all: in every namespace')
        .option('-l, --selector <labels>', 'those with these labels')
        .option('--all', 'all of these kinds'),
    )
      .addHelpText(
        'after',
        `${examples(`${change} wpr/keynote`, `${change} rtmpc -l show=68 -n media`, `${change} agora --all -A`)}
Exit codes: 0 done; 1 there is no such resource; 2 the cluster cannot be used.`,
      )
      .action(async (resources: string[], options: Omit<ChangeOptions, 'change' | 'resources'>) =>
        run((await import('./cli/cluster/change.ts')).changeCommand({ change, resources, ...options }, io)),
      );
  }
}

interface AboutFlags extends WhereFlags {
  readonly namespace?: string;
  readonly output?: 'json';
}

interface ValidateFlags {
  readonly filename: string[];
  readonly server?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly output?: 'json';
}

interface GetFlags extends WhereFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output?: 'wide' | 'json' | 'yaml';
}

function simulate(program: Command, io: Io, run: Run): void {
  program
    .command('simulate')
    .description('Serve a simulated Agora cloud on this machine, for rehearsals and tests.')
    .addOption(new Option('--port <port>', 'port on 127.0.0.1; 0 is any free one').argParser(port).default(8080))
    .addOption(new Option('--speed <factor>', 'run 1 to 20 times faster').argParser(speed).default(1))
    .option('--faults <file>', 'JSON file of what goes wrong, and when')
    .option('--seed <text>', 'all that is left to chance follows from it', '1')
    .addHelpText(
      'after',
      `${examples('simulate', 'simulate --speed 10 --faults examples/faults/outage.json')}
Exit codes: 0 ended in order; 2 the port or the file cannot be used; 64 wrong
command line.`,
    )
    .action(async (options: { port: number; speed: number; faults?: string; seed: string }) => {
      const { simulateCommand } = await import('./cli/simulate.ts');
      await run(simulateCommand(options, io));
    });
}

const filesOption = (): Option =>
  new Option('-f, --filename <path...>', 'files or directories, read recursively').makeOptionMandatory();

const outputOption = (...formats: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how it is written; default: for people').choices(formats);

const namespaceOption = (): Option => new Option('-n, --namespace <name>', 'only in this namespace');

const stateOption = (): Option =>
  new Option('--state <dir>', 'where status is kept (default: .agora-reconciler)').env('AGORA_RECONCILER_STATE');

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  agora-reconciler ${line}`).join('\n')}\n`;

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

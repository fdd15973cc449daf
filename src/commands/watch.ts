import { type Command, Option } from 'commander';
import { duration, speed } from '../config.ts';
import { type Declare, examples } from './command.ts';
import {
  endpointOption,
  type IngressFlags,
  ingressOptions,
  logFormatOption,
  logLevelOption,
  stateOption,
} from './options.ts';

export const declareWatch: Declare = (program, { io, run }) => {
  const manifests = program
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
    .option('--prune-all', 'stop also when so much is gone at once that it looks like a mistake', false);
  ingressOptions(manifests)
    .addOption(new Option('--simulate', 'run against a simulated cloud in this process').default(false))
    .addOption(new Option('--speed <factor>', 'with --simulate: run 1 to 20 times faster').argParser(speed))
    .addOption(new Option('--faults <file>', 'with --simulate: faults to rehearse, as for simulate'))
    .addOption(endpointOption())
    .addOption(logFormatOption())
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      `${examples(
        'watch examples/quickstart --simulate --speed 10',
        'watch manifests/',
        'watch manifests/ --once --timeout 5m && echo settled',
        'watch manifests/ --ingress-bind-address :8082',
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
      const { watchCommand } = await import('../cli/watch.ts');
      const { timeout: timeoutMs, pruneAfter: pruneAfterMs, ingressBindAddress: bound, ...rest } = options;
      const { address } = bound;
      const ingress = address === undefined ? {} : { ingressBindAddress: address };
      await run(watchCommand({ directory, timeoutMs, pruneAfterMs, ...rest, ...ingress }, io));
    });
};

/** As commander hands them over, after the parsers of `config`. */
interface WatchFlags extends IngressFlags {
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

import type { Command } from 'commander';
import { type Declare, examples } from './command.ts';
import { clusterOptions, filesOption, outputOption } from './options.ts';

export const declareValidate: Declare = (program, { io, run }) => {
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
      await run((await import('../cli/validate.ts')).validateCommand(options, io));
    });
};

interface ValidateFlags {
  readonly filename: string[];
  readonly server?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly output?: 'json';
}

import { type Declare, examples } from './command.ts';
import { type AboutFlags, addressOption, clusterOptions, filesOption, outputOption } from './options.ts';

export const declarePlan: Declare = (program, { io, run }) => {
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
      run((await import('../cli/plan.ts')).planCommand(options, io)),
    );
};

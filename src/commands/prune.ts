import { type Declare, examples } from './command.ts';
import { outputOption, stateOption } from './options.ts';

export const declarePrune: Declare = (program, { io, run }) => {
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
      run((await import('../cli/prune.ts')).pruneCommand(options, io)),
    );
};

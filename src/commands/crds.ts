import { type Declare, examples } from './command.ts';

export const declareCrds: Declare = (program, { io, run }) => {
  program
    .command('crds')
    .description('Print the CustomResourceDefinitions.')
    .addHelpText('after', examples('crds | kubectl apply -f -'))
    .action(async () => run((await import('../cli/crds.ts')).crdsCommand(io)));
};

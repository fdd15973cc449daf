import { type Declare, examples } from './command.ts';

export const declareVersion: Declare = (program, { io, run }) => {
  program
    .command('version')
    .description('Print the version.')
    .addHelpText('after', examples('version'))
    .action(async () => run((await import('../cli/version.ts')).versionCommand(io)));
};

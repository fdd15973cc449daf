import { type Declare, examples } from './command.ts';
import {
  type AboutFlags,
  addressOption,
  clusterOptions,
  namespaceOption,
  outputOption,
  stateOption,
} from './options.ts';

export const declareSupport: Declare = (program, { io, run }) => {
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
      run((await import('../cli/support.ts')).supportCommand({ resource, ...options }, io)),
    );
};

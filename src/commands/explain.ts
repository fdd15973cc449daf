import { type Declare, examples } from './command.ts';
import {
  type AboutFlags,
  addressOption,
  clusterOptions,
  namespaceOption,
  outputOption,
  stateOption,
} from './options.ts';

export const declareExplain: Declare = (program, { io, run }) => {
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
      run((await import('../cli/explain.ts')).explainCommand({ resource, ...options }, io)),
    );
};

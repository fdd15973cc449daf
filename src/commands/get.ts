import type { WhereFlags } from '../cli/where.ts';
import { type Declare, examples } from './command.ts';
import {
  addressOption,
  clusterOptions,
  namespaceOption,
  outputOption,
  selectorOption,
  stateOption,
} from './options.ts';

export const declareGet: Declare = (program, { io, run }) => {
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
        (await import('../cli/get.ts')).getCommand(
          { ...options, ...(kind === undefined ? {} : { kind }), ...(name === undefined ? {} : { name }) },
          io,
        ),
      ),
    );
};

interface GetFlags extends WhereFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output?: 'wide' | 'json' | 'yaml';
}

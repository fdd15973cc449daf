import type { Change, ChangeOptions } from '../cli/cluster/change.ts';
import { type Declare, examples } from './command.ts';
import { clusterOptions, namespaceOption } from './options.ts';

/** `suspend`, `resume` and `reconcile`: each changes one field in a cluster. */
export const declareChanges: Declare = (program, { io, run }) => {
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
        run((await import('../cli/cluster/change.ts')).changeCommand({ change, resources, ...options }, io)),
      );
  }
};

import { type Command, Option } from 'commander';
import { endpoint, port, speed } from '../config.ts';
import { type Declare, examples } from './command.ts';

export const declareSimulate: Declare = (program, { io, run }) => {
  program
    .command('simulate')
    .description('Serve a simulated Agora cloud on this machine, for rehearsals and tests.')
    .addOption(new Option('--port <port>', 'port on 127.0.0.1; 0 is any free one').argParser(port).default(8080))
    .addOption(new Option('--speed <factor>', 'run 1 to 20 times faster').argParser(speed).default(1))
    .option('--faults <file>', 'JSON file of what goes wrong, and when')
    .option('--seed <text>', 'all that is left to chance follows from it', '1')
    .addOption(
      new Option('--notify-url <url>', 'send the notifications of every App ID there, signed').argParser(endpoint),
    )
    .addOption(
      new Option('--notify-secret <text>', 'the secret of both products that they are signed with').env(
        'AGORA_RECONCILER_NOTIFY_SECRET',
      ),
    )
    .addOption(
      new Option('--page-watch-url <url>', 'where watched pages report: PUBLIC_URL/page-watch').argParser(endpoint),
    )
    .option('--chromium <path>', 'open the pages of recordings for real, in this headless Chromium (playwright-core)')
    .addHelpText(
      'after',
      `${examples(
        'simulate',
        'simulate --speed 10 --faults examples/faults/outage.json',
        'simulate --page-watch-url http://127.0.0.1:9443/page-watch',
      )}
Exit codes: 0 ended in order; 2 port, file or Chromium cannot be used; 64 wrong
command line.`,
    )
    .action(async (options: SimulateFlags, command: Command) => {
      if (options.notifyUrl !== undefined && options.notifySecret === undefined)
        command.error("error: option '--notify-url <url>' needs --notify-secret: Agora signs what it sends");
      if (options.chromium !== undefined && options.speed !== 1)
        command.error(
          "error: option '--chromium <path>' cannot be used with --speed: a real page knows real time alone",
        );
      const { simulateCommand } = await import('../cli/simulate.ts');
      await run(simulateCommand(options, io));
    });
};

interface SimulateFlags {
  readonly port: number;
  readonly speed: number;
  readonly faults?: string;
  readonly seed: string;
  readonly notifyUrl?: string;
  readonly notifySecret?: string;
  readonly pageWatchUrl?: string;
  readonly chromium?: string;
}

/*
 * prune [--yes] [-o json] [--state D]
 *
 *   --yes                     confirm the list; without it is only shown
 *   -o, --output <format>     json
 *   --state <dir>
 */
import { resolve } from 'node:path';
import { splitKey } from '../core/resource.ts';
import type { PruneAnswer } from './control/protocol.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, type Io, print } from './io.ts';
import { jsonDocument } from './output/json.ts';
import { counted } from './output/text.ts';
import { askRunning } from './source.ts';
import { STATE_DIRECTORY } from './state-directory.ts';

export interface PruneOptions {
  readonly yes?: boolean;
  readonly output?: 'json';
  readonly state?: string;
}

/** Shows the removals that a running `watch` holds back (`PruneHeld`), and with `--yes` lets exactly these take effect. */
export async function pruneCommand(options: PruneOptions, io: Io): Promise<number> {
  const directory = resolve(options.state ?? STATE_DIRECTORY);
  const listed = await ask(directory, {}, io);
  // The digest binds the confirmation to the list that was just read: what changed meanwhile is not confirmed.
  const answer =
    options.yes === true && listed.held.length > 0 ? await ask(directory, { confirm: listed.digest }, io) : listed;
  const exitCode =
    answer.held.length === 0 || answer.result === 'confirmed' ? EXIT_CODES.prune.done.code : EXIT_CODES.prune.held.code;
  if (options.output === 'json') {
    io.stdout.write(jsonDocument('PruneList', { result: answer.result, held: answer.held }));
    return exitCode;
  }
  print(io.stdout, ...lines(answer));
  return exitCode;
}

async function ask(directory: string, request: { readonly confirm?: string }, io: Io): Promise<PruneAnswer> {
  const answer = await askRunning(directory, { ask: 'prune', request }, io.signal);
  if (answer !== undefined) return answer;
  throw new CommandError(
    `no controller answered for the state in ${directory}; what is held back is known to a running watch only`,
    { exitCode: EXIT_CODES.prune.noController.code },
  );
}

function lines({ result, held }: PruneAnswer): readonly string[] {
  if (held.length === 0) return ['No removal is held back.'];
  const names = held.map((key) => {
    const { kind, namespace, name } = splitKey(key);
    return `  ${kind} ${namespace}/${name}`;
  });
  const count = counted(held.length, 'removal');
  switch (result) {
    case 'confirmed':
      return [`${count} confirmed; the tasks are stopped once they have been gone long enough:`, ...names];
    case 'differs':
      return ['The list changed meanwhile, and nothing was confirmed. It is now:', ...names];
    case 'listed':
      return [
        `${count} held back, since so much being gone at once looks like a mistake:`,
        ...names,
        'If they are meant: agora-reconciler prune --yes',
      ];
  }
}

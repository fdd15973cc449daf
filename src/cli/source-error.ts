import type { ControlError } from './control/protocol.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError } from './io.ts';

/** What a controller refused, as one line for the user. */
export function controlFailure(error: ControlError): CommandError {
  const { notFound, cannotRun } = EXIT_CODES.explain;
  const exitCode = error.code === 'not-found' ? notFound.code : cannotRun.code;
  return new CommandError(error.message, { cause: error, exitCode });
}

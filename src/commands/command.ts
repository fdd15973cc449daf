import type { Command } from 'commander';
import type { Io } from '../cli/io.ts';

/** What `main` hands to each command. */
export interface CommandParts {
  readonly io: Io;
  /** Takes the exit code that the command ends with. */
  readonly run: (command: Promise<number> | number) => Promise<void>;
}

/**
 * Adds one command to the program: its flags, its help, and how what was parsed goes to its file in `cli`, which is
 * loaded only when the command is run.
 */
export type Declare = (program: Command, parts: CommandParts) => void;

export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  agora-reconciler ${line}`).join('\n')}\n`;

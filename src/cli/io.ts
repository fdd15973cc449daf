/** What a command may touch of the process; `main` makes it of the real one, tests of anything. */
export interface Io {
  /** Results. */
  readonly stdout: Output;
  /** Diagnostics: what is not the result. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person reads `stdout`. */
  readonly isTTY: boolean;
  /** Width that human output may use. */
  readonly columns: number;
  /** Whether `stdout` takes colours: a terminal, and no `NO_COLOR`. */
  readonly colours: boolean;
  /** `stdout` where it can be redrawn: a terminal that knows cursor movements. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Called as `kubectl agora`. */
  readonly plugin?: boolean;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
}

/** What a command's exit code means, besides what `plan` says with 2. */
export const EXIT = {
  ok: 0,
  /** It ran, and what it found is not as it should be: something Stalled, a finding, an error. */
  bad: 1,
  /** It could not run: a directory, a state or a server that cannot be used. */
  cannotRun: 2,
  /** `watch --once`: not settled within `--timeout`. */
  notSettled: 4,
  /** The command line is wrong. */
  usage: 64,
  /** Ended at once by a second Ctrl-C. */
  interrupted: 130,
} as const;

/** One clear line for the user and an exit code, instead of a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;
  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? EXIT.cannotRun;
  }
}

export const print = (output: Output, ...lines: readonly string[]): void => {
  for (const line of lines) output.write(`${line}\n`);
};

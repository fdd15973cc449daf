import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KIND_NAMES } from '../core/resource.ts';
import { StateError } from '../hosts/files/state-error.ts';
import type { BindAddress } from '../observability/bind-address.ts';
import type { Logger } from '../observability/log.ts';
import { createLogger, type LogFormat, type LogLevel } from '../observability/pino.ts';
import { CommandError, EXIT, type Io, type Output, print } from './io.ts';
import type { LiveTable } from './live-table.ts';
import { type Loop, openLoop } from './loop.ts';
import { createFindingTeller } from './narrator.ts';
import { wrapped } from './output/text.ts';
import { resourceLines } from './resource-table.ts';
import { STATE_DIRECTORY } from './state-directory.ts';
import { openSurroundings, type Surroundings, type SurroundingsOptions } from './surroundings.ts';
import { untilSettled } from './watch-once.ts';

export interface WatchOptions extends SurroundingsOptions {
  readonly directory: string;
  /** Default `.agora-reconciler`. */
  readonly state?: string;
  /** Ends when everything has settled. */
  readonly once: boolean;
  /** Of `once`, on the run's own clock. */
  readonly timeoutMs: number;
  readonly pruneAfterMs?: number;
  readonly pruneAll: boolean;
  readonly ingressBindAddress?: BindAddress;
  readonly publicUrl?: string;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
}

/** `agora-reconciler watch DIR`: makes Agora match the directory, until it is told to end. */
export async function watchCommand(options: WatchOptions, io: Io): Promise<number> {
  const surroundings = await openSurroundings(options, io.signal);
  try {
    return await watchIn(surroundings, options, io);
  } catch (error) {
    throw error instanceof StateError ? new CommandError(error.message, { cause: error }) : error;
  } finally {
    await surroundings.close();
  }
}

async function watchIn(surroundings: Surroundings, options: WatchOptions, io: Io): Promise<number> {
  const { directory, logFormat: format, logLevel: level, once, timeoutMs, pruneAfterMs, pruneAll } = options;
  const { ingressBindAddress: address, publicUrl } = options;
  const { clock } = surroundings;
  const terminal = format === 'text' ? io.terminal : undefined;
  const notices: string[] = [];
  const output = terminal === undefined ? io.stderr : { write: (text: string) => keep(notices, text) };
  const log = createLogger({ level, format, output, now: () => clock.now(), colours: io.colours });
  const stateDirectory = options.state ?? STATE_DIRECTORY;
  const loop = await openLoop({
    directory,
    stateDirectory,
    surroundings,
    environment: io.env,
    log,
    control: true,
    pruneAll,
    ...(pruneAfterMs === undefined ? {} : { pruneAfterMs }),
    ...(address === undefined ? {} : { ingress: { address, ...(publicUrl === undefined ? {} : { publicUrl }) } }),
    onReport: createFindingTeller({
      finding(line, { file, severity, ...finding }) {
        const path = join(directory, file);
        const text = existsSync(path) ? join(directory, line) : line;
        if (format === 'json') log[levelOf(severity)]({ file, ...finding }, 'finding');
        else output.write(`${text}\n`);
      },
      notice: (text) => log.warn({}, text),
    }),
  });
  log.info({ directory, stateDirectory, against: surroundings.label }, 'watching');
  io.signal.addEventListener('abort', () => sayEnding(output, log, format), { once: true });

  const ending = new AbortController();
  const working = loop.run(AbortSignal.any([io.signal, ending.signal]));
  const title = `${directory} · ${surroundings.label}`;
  const table = terminal === undefined ? undefined : await liveTable({ loop, terminal, title, notices, io });
  const drawing = table?.run(ending.signal);
  try {
    const ended = working.then(() => undefined);
    const outcome = await (once
      ? Promise.race([ended, untilSettled(loop, timeoutMs, AbortSignal.any([io.signal, ending.signal]))])
      : ended);
    ending.abort();
    await working;
    await drawing;
    if (outcome === undefined) return once ? EXIT.interrupted : EXIT.ok;
    if (table === undefined) print(io.stdout, ...tableOf(loop, io));
    print(io.stdout, ...outcome.lines.flatMap((line) => wrapped(line, io.columns, { indent: '  ', first: '' })));
    return outcome.exitCode;
  } finally {
    ending.abort();
    await drawing;
  }
}

/** Loaded only where there is a terminal. */
async function liveTable(parts: {
  readonly loop: Loop;
  readonly terminal: NodeJS.WriteStream;
  readonly title: string;
  readonly notices: readonly string[];
  readonly io: Io;
}): Promise<LiveTable> {
  const { loop, terminal, title, notices, io } = parts;
  const { createLiveTable } = await import('./live-table.ts');
  return createLiveTable({ runtime: loop.runtime, terminal, colours: io.colours, title, notices: () => notices });
}

function tableOf({ runtime: { host, clock } }: Loop, { columns, colours }: Io): readonly string[] {
  const resources = KIND_NAMES.flatMap((kind) => host.list(kind));
  return resourceLines(resources, { columns, colours, now: clock.now() });
}

function sayEnding(output: Output, log: Logger, format: LogFormat): void {
  if (format === 'json') log.info({}, 'ending');
  else print(output, 'ending: calls on the wire are waited for; Ctrl-C again ends at once');
}

const KEPT_NOTICES = 50;

/** The live table shows the latest ones. */
function keep(notices: string[], text: string): void {
  notices.push(...text.trimEnd().split('\n'));
  if (notices.length > KEPT_NOTICES) notices.splice(0, notices.length - KEPT_NOTICES);
}

const levelOf = (severity: 'error' | 'warning'): 'error' | 'warn' => (severity === 'error' ? 'error' : 'warn');

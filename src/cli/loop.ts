import { resolve } from 'node:path';
import { type FilesHost, openFilesHost } from '../hosts/files/host.ts';
import { createManifestReader } from '../hosts/files/manifest-reader.ts';
import type { Report } from '../hosts/files/report.ts';
import { socketPath } from '../hosts/files/store.ts';
import { createValidator } from '../hosts/files/validate.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import type { Logger } from '../observability/log.ts';
import { liveAnswers } from './control/answers.ts';
import { ControlError } from './control/protocol.ts';
import { type ControlServer, serveControl } from './control/server.ts';
import { narrated } from './narrator.ts';
import { resolves } from './resolves.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Surroundings } from './surroundings.ts';
import { enterWorld, markWorld } from './world.ts';

export interface LoopOptions {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly surroundings: Surroundings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly pruneAfterMs?: number;
  readonly pruneAll?: boolean;
  readonly onReport?: (report: Report) => void;
  /** Answers other commands through a socket in the state directory. */
  readonly control?: boolean;
}

/** A standalone loop over a directory: `watch`, the demo and benchmarks run this one. */
export interface Loop {
  readonly runtime: Runtime & { readonly host: FilesHost };
  /** Works until `signal` aborts, then lets the state directory go. */
  run(signal: AbortSignal): Promise<void>;
}

/** Throws a `StateError` or a `CommandError` where directory or state cannot be used. */
export async function openLoop(options: LoopOptions): Promise<Loop> {
  const { surroundings, log, pruneAfterMs, pruneAll = false } = options;
  const { clock, transport, endpoint, world } = surroundings;
  const stateDirectory = resolve(options.stateDirectory);
  await enterWorld(stateDirectory, world, clock);
  const files = await openFilesHost({
    directory: options.directory,
    stateDirectory,
    read: createManifestReader(await createValidator()),
    clock,
    environment: options.environment,
    prune: pruneAll ? 'all' : 'held',
    ...(pruneAfterMs === undefined ? {} : { pruneAfterMs }),
    onEvent: ({ key, type, reason, note }) =>
      log[type === 'Warning' ? 'warn' : 'info']({ resource: key, state: reason, note }, 'event'),
    onReport(report) {
      surroundings.declared(files.list('AgoraProject').map(({ spec }) => spec as ProjectSpec));
      options.onReport?.(report);
    },
  });
  await markWorld(stateDirectory, world);
  const host = narrated(files, log);
  const runtime = {
    ...createRuntime({
      clock,
      host,
      transport,
      log,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(world === 'agora' ? { resolves } : {}),
    }),
    host,
  };
  return {
    runtime,
    async run(signal) {
      const ended = new AbortController();
      const control =
        options.control === true ? await answering(runtime, stateDirectory, ended.signal, log) : undefined;
      try {
        await runtime.engine.run(signal);
      } finally {
        ended.abort();
        await control?.closed;
        await files.close();
      }
    },
  };
}

/** Without a socket the loop works all the same; other commands then read the state directory. */
async function answering(
  runtime: Loop['runtime'],
  stateDirectory: string,
  signal: AbortSignal,
  log: Logger,
): Promise<ControlServer | undefined> {
  try {
    return await serveControl(socketPath(stateDirectory), liveAnswers(runtime, runtime.host), signal, log);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    log.warn({ because: error.message }, 'other commands cannot ask this one');
    return undefined;
  }
}

import { resolve } from 'node:path';
import type { Resource } from '../core/resource.ts';
import { realClock } from '../engine/clock.ts';
import { type FilesHost, openFilesHost } from '../hosts/files/host.ts';
import { createManifestReader } from '../hosts/files/manifest-reader.ts';
import type { Report } from '../hosts/files/report.ts';
import { socketPath } from '../hosts/files/store.ts';
import { createValidator } from '../hosts/files/validate.ts';
import type { Ingress } from '../ingress/ingress.ts';
import { openJournal } from '../ingress/journal-file.ts';
import type { IngressServer } from '../ingress/server.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import type { Logger } from '../observability/log.ts';
import { liveAnswers } from './control/answers.ts';
import { ControlError } from './control/protocol.ts';
import { type ControlServer, serveControl } from './control/server.ts';
import { type IngressOptions, ingressView, openIngress, serveIngress } from './ingress.ts';
import { narrated } from './narrator.ts';
import { createProbe } from './probe.ts';
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
  /** Takes notifications and reports of pages. Absent: only a cloud in this process tells, else all is found out by queries. */
  readonly ingress?: IngressOptions;
}

/** A standalone loop over a directory: `watch`, the demo and benchmarks run this one. */
export interface Loop {
  readonly runtime: Runtime & { readonly host: FilesHost };
  /** Where it was asked for; a simulated cloud in this process tells it directly. */
  readonly ingress: Ingress | undefined;
  /** Works until `signal` aborts, then lets the state directory go. */
  run(signal: AbortSignal): Promise<void>;
}

/** Throws a `StateError` or a `CommandError` where directory or state cannot be used. */
export async function openLoop(options: LoopOptions): Promise<Loop> {
  const { surroundings, log, pruneAfterMs, pruneAll = false } = options;
  const { clock, transport, endpoint, world } = surroundings;
  const listens = options.ingress ?? (surroundings.tell === undefined ? undefined : {});
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
      surroundings.declared(files.list('AgoraProject') as readonly Resource<ProjectSpec>[], (...named) =>
        files.secret(...named),
      );
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
      ...(world === 'agora' ? { probe: createProbe({ clock }) } : {}),
      ingress: ingressView(listens),
    }),
    host,
  };
  const journal =
    listens === undefined ? undefined : await openJournal({ directory: stateDirectory, clock: realClock(), log });
  const ingress = journal && openIngress({ ...runtime, engine: () => runtime.engine, log, journal: journal.journal });
  return {
    runtime,
    ingress,
    async run(signal) {
      const ended = new AbortController();
      let server: IngressServer | undefined;
      const control =
        options.control === true ? await answering(runtime, stateDirectory, ended.signal, log) : undefined;
      try {
        ingress?.recall(journal?.takeKept() ?? []);
        server = ingress && (await listening(ingress, listens, log));
        if (ingress !== undefined) surroundings.tell?.(ingress.handle);
        await runtime.engine.run(signal);
      } finally {
        ended.abort();
        await control?.closed;
        await server?.close();
        await journal?.close();
        await files.close();
      }
    },
  };
}

async function listening(
  ingress: Ingress,
  options: IngressOptions | undefined,
  log: Logger,
): Promise<IngressServer | undefined> {
  return options?.address === undefined
    ? undefined
    : serveIngress(ingress, options.address, { log, publicUrl: options.publicUrl });
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

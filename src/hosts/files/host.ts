import { randomUUID } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Key } from '../../core/resource.ts';
import { seconds } from '../../core/time.ts';
import { EventLog, type RecordedEvent } from '../events.ts';
import type { HostListener, ResourceHost } from '../host.ts';
import { ResourceTable } from '../table.ts';
import { Bell } from './bell.ts';
import type { Durability } from './durable.ts';
import { errorCode, type FileSystem, NODE_FILES } from './filesystem.ts';
import { follow } from './follow.ts';
import { Intake } from './intake.ts';
import { lockState } from './lock.ts';
import { ManifestFiles } from './manifests.ts';
import type { ReadManifests } from './reading.ts';
import { Removals } from './removals.ts';
import { NO_REPORT, type Report } from './report.ts';
import { directoryIdentity, type Problem, TreeReader } from './scan.ts';
import { SecretBook } from './secrets.ts';
import { StateError } from './state-error.ts';
import { prepareState, readState, StateStore, type StoredState } from './store.ts';

/** Manifests in a directory, status in another: the whole of `agora-reconciler watch` that is not the engine. */
export interface FilesHost extends ResourceHost {
  /** Reads the directory now and takes over what it declares. */
  scan(): Promise<Report>;
  report(): Report;
  /** Removals that wait for a confirmation; undefined where none does. */
  pruneHeld(): readonly Key[] | undefined;
  /** Lets exactly these removals take effect; `differs`: what is held is another list (by now). */
  confirmPrune(list: readonly Key[]): 'confirmed' | 'differs';
  /** The latest ones, oldest first. */
  events(): readonly RecordedEvent[];
  /** After `run` ended: waits for writes and lets the state directory go. */
  close(): Promise<void>;
}

export interface FilesHostOptions {
  readonly directory: string;
  readonly stateDirectory: string;
  readonly read: ReadManifests;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly newUid?: () => string;
  /** `--prune-after`. Default 10 s. */
  readonly pruneAfterMs?: number;
  /** `all`: `--prune-all`, nothing is held back as a likely mistake. Default `held`. */
  readonly prune?: 'held' | 'all';
  /** Between two full scans where no change is seen: watches get lost on mounts. Default 30 s. */
  readonly rescanMs?: number;
  /** Real milliseconds without a further change before a scan. Default 200. */
  readonly debounceMs?: number;
  readonly durability?: Durability;
  readonly files?: FileSystem;
  readonly onEvent?: (event: RecordedEvent) => void;
  /** After each scan. */
  readonly onReport?: (report: Report) => void;
}

/** Locks and reads the state; throws a `StateError` that says what to do where that cannot be. */
export async function openFilesHost(options: FilesHostOptions): Promise<FilesHost> {
  const { clock } = options;
  const stateDirectory = resolve(options.stateDirectory);
  const root = await existing(options.directory);
  const realState = await realpath(stateDirectory).catch(() => stateDirectory);
  if (`${await realpath(root)}${sep}`.startsWith(`${realState}${sep}`)) {
    throw new StateError(`the state directory ${stateDirectory} contains the manifests; name another with --state`);
  }
  await prepareState(stateDirectory);
  const lock = await lockState(stateDirectory, clock.now());
  try {
    const store = await StateStore.open(stateDirectory, options.durability ?? 'fsync');
    const state = await readState(stateDirectory);
    const skip = directoryIdentity(await stat(stateDirectory, { bigint: true }));
    return createFilesHost(options, { root, skip, store, state, release: lock.release });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Parts {
  readonly root: string;
  readonly skip: string;
  readonly store: StateStore;
  readonly state: StoredState;
  release(): void;
}

function createFilesHost(options: FilesHostOptions, { root, skip, store, state, release }: Parts): FilesHost {
  const { clock, pruneAfterMs = seconds(10), prune = 'held', rescanMs = seconds(30), debounceMs = 200 } = options;
  const now = (): number => clock.now();
  const listeners = new Set<HostListener>();
  const events = new EventLog(now, options.onEvent);
  const bell = new Bell();
  const sources = new Map<Key, string>();
  for (const [key, { source }] of state.records) if (source !== undefined) sources.set(key, source);

  const table = new ResourceTable(
    {
      now,
      newUid: options.newUid ?? randomUUID,
      persist(key, resource) {
        if (resource === undefined) return store.remove(key);
        const source = sources.get(key);
        return store.write(source === undefined ? { resource } : { resource, source });
      },
      changed(key) {
        // The values that only its tasks needed may go.
        if (table.get(key) === undefined) bell.ring();
        for (const listener of listeners) listener.changed(key);
      },
    },
    [...state.records].map(([key, { resource }]) => [key, resource]),
  );
  const secrets = new SecretBook(
    {
      environment: options.environment,
      remembered: state.secrets,
      save: (secret) => store.writeSecret(secret),
      forget: (namespace, name) => store.removeSecret(namespace, name),
      changed(namespace, name) {
        for (const listener of listeners) listener.secretChanged(namespace, name);
      },
    },
    pruneAfterMs,
  );
  const removals = new Removals({ pruneAfterMs, prune });
  const memory = {
    resource: (key: Key) => table.get(key),
    source: (key: Key) => sources.get(key),
    declares: (path: string) => table.keys().some((key) => sources.get(key) === path),
  };
  const intake = new Intake({
    clock,
    tree: new TreeReader({ root, skip, files: options.files ?? NODE_FILES, now }),
    manifests: new ManifestFiles(options.read, memory),
    removals,
    secrets,
    table,
    sources,
  });

  let report = NO_REPORT;
  let directories: ReadonlyMap<string, string> = new Map();
  let unwatched: readonly Problem[] = [];
  let scanning: Promise<unknown> = Promise.resolve();
  const scan = (): Promise<Report> => {
    const result = scanning.then(async () => {
      const taken = await intake.take(unwatched);
      report = taken.report;
      directories = taken.tree.directories;
      options.onReport?.(report);
      return report;
    });
    scanning = result.catch(() => undefined);
    return result;
  };

  return {
    async run(listener, signal) {
      await scan();
      if (signal.aborted) return;
      for (const key of table.keys()) listener.changed(key);
      listener.synced();
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
      if (signal.aborted) listeners.delete(listener);
      await follow(
        {
          clock,
          bell,
          rescanMs,
          debounceMs,
          scan: async (problems) => {
            unwatched = problems;
            await scan();
          },
          seen: () => ({ directories, complete: report.complete, removalAt: removals.nextAt() }),
        },
        signal,
      );
    },
    get: (key) => table.get(key),
    list: (kind) => table.list(kind),
    secret: (namespace, name, key) => secrets.get(namespace, name, key),
    writeStatus: (resource, status) => table.writeStatus(resource, status),
    setFinalizer: (resource, finalizer) => table.setFinalizer(resource, finalizer),
    refresh: (key) => table.refresh(key),
    event: (resource, event) => events.add(resource, event),
    scan,
    report: () => report,
    pruneHeld: () => removals.held(),
    confirmPrune(list) {
      const outcome = removals.confirm(list);
      if (outcome === 'confirmed') bell.ring();
      return outcome;
    },
    events: () => events.latest(),
    async close() {
      await scanning;
      await table.settled();
      await store.close();
      release();
    },
  };
}

async function existing(directory: string): Promise<string> {
  const path = resolve(directory);
  const found = await stat(path).catch((error: unknown) => {
    const why =
      errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${errorCode(error) ?? 'unknown error'})`;
    throw new StateError(`the directory ${path} ${why}`, { cause: error });
  });
  if (!found.isDirectory()) throw new StateError(`${path} is not a directory`);
  return path;
}

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Resource } from '../core/resource.ts';
import { Secret } from '../core/secret.ts';
import type { Instant } from '../core/time.ts';
import { realClock } from '../engine/clock.ts';
import { contextOf } from '../engine/context.ts';
import { Memory } from '../engine/memory.ts';
import type { DeclaredSecret } from '../hosts/declared.ts';
import { errorCode } from '../hosts/files/filesystem.ts';
import { environmentName } from '../hosts/files/secrets.ts';
import { StateError } from '../hosts/files/state-error.ts';
import { readState, type StoredState } from '../hosts/files/store.ts';
import type { ResourceHost } from '../hosts/host.ts';
import { createMemoryHost } from '../hosts/memory/host.ts';
import type { Context } from '../kinds/context.ts';
import { CommandError } from './io.ts';
import { STATE_DIRECTORY } from './state-directory.ts';

/** Resources in memory, with all that `decide` reads besides them; nothing of it can call or write. */
export interface Offline {
  readonly host: ResourceHost;
  readonly memory: Memory;
  readonly contextOf: (resource: Resource) => Context;
}

export function createOffline(parts: {
  readonly resources: readonly Resource[];
  /** Of the manifests; what they do not have is looked for in the environment, then in `remembered`. */
  readonly secrets: readonly DeclaredSecret[];
  /** Of the state: values of removed Secrets. */
  readonly remembered: readonly DeclaredSecret[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: Instant;
}): Offline {
  const { resources, secrets, remembered, environment, now } = parts;
  const options = { now: () => now, newUid: () => 'none' };
  const documents = createMemoryHost({ ...options, resources, secrets });
  const kept = createMemoryHost({ ...options, secrets: remembered });
  const host: ResourceHost = {
    ...documents,
    secret: (namespace, name, key) =>
      documents.secret(namespace, name, key) ??
      fromEnvironment(environment[environmentName(namespace, name, key)]) ??
      kept.secret(namespace, name, key),
  };
  const memory = new Memory();
  for (const resource of resources) memory.index(resource);
  // Time stands still while a plan is made.
  const clock = { ...realClock(), now: () => now, monotonic: () => 0 };
  const process_ = { holder: 'offline', startedAt: now, startedMonotonic: 0 };
  return { host, memory, contextOf: (resource) => contextOf(resource, { host, memory, clock, process: process_ }) };
}

const fromEnvironment = (text: string | undefined): Secret | undefined =>
  text === undefined ? undefined : new Secret(text);

/** Reads what a state directory holds, whether or not a process works on it. Undefined where there is no such directory. */
export async function openState(directory: string | undefined): Promise<StoredState | undefined> {
  const path = resolve(directory ?? STATE_DIRECTORY);
  try {
    return (await isDirectory(path)) ? await readState(path) : undefined;
  } catch (error) {
    if (error instanceof StateError) throw new CommandError(error.message, { cause: error });
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw new CommandError(`the state directory ${path} cannot be read: ${code}`, { cause: error });
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );

export const stateResources = (state: StoredState): readonly Resource[] =>
  [...state.records.values()].map(({ resource }) => resource);

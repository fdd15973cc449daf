import { type Key, type KindName, keyOf, makeKey, type Resource } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import { type Declared, type DeclaredSecret, type SecretValues, sameValues } from '../declared.ts';
import { EventLog, type RecordedEvent } from '../events.ts';
import type { HostListener, ResourceHost } from '../host.ts';
import { ResourceTable, type Return } from '../table.ts';

/**
 * A host in memory, for the deterministic simulation and for `plan`: no I/O, no timer, no randomness of its own, so
 * that a run repeats exactly. It outlives a dropped engine: `run` may be called again after its signal aborted.
 */
export interface MemoryHost extends ResourceHost {
  /**
   * Creates or edits a resource. One that is being deleted starts anew once gone; with `as-before`, as in files, it
   * goes on while no stop was sent.
   */
  declare(declared: Declared, returned?: Return): Promise<Key>;
  /** Deletes a resource, as `kubectl delete` would. */
  remove(key: Key): Promise<void>;
  /** Somebody else writes the resource: whoever holds the old version meets a conflict. */
  touch(key: Key): Promise<void>;
  setSecret(secret: DeclaredSecret): void;
  removeSecret(namespace: string, name: string): void;
  /** Oldest first. */
  events(): readonly RecordedEvent[];
}

export interface MemoryHostOptions {
  now(): Instant;
  newUid(): string;
  /** Resources as they are, with their metadata and status: what `plan` starts from. */
  readonly resources?: readonly Resource[];
  readonly secrets?: readonly DeclaredSecret[];
  /** Asked before each write of ours; `edit`: somebody else's write comes first, so that ours meets a conflict. */
  readonly interfere?: (key: Key) => 'edit' | 'none';
}

export function createMemoryHost(options: MemoryHostOptions): MemoryHost {
  const { now, newUid, resources = [], secrets: given = [], interfere = () => 'none' } = options;
  const listeners = new Set<HostListener>();
  const secrets = new Map<string, SecretValues>(given.map((one) => [secretKey(one.namespace, one.name), one.values]));
  const events = new EventLog(now, undefined);
  const table = new ResourceTable(
    {
      now,
      newUid,
      persist: async () => undefined,
      changed: (key) => {
        for (const listener of listeners) listener.changed(key);
      },
    },
    resources.map((resource) => [keyOf(resource), resource]),
  );

  const disturb = async (resource: Resource): Promise<void> => {
    const key = keyOf(resource);
    if (interfere(key) === 'edit') await table.touch(key);
  };
  const changeSecret = (namespace: string, name: string, values: SecretValues | undefined): void => {
    const key = secretKey(namespace, name);
    if (sameValues(secrets.get(key), values)) return;
    if (values === undefined) secrets.delete(key);
    else secrets.set(key, values);
    for (const listener of listeners) listener.secretChanged(namespace, name);
  };

  return {
    async run(listener, signal) {
      if (signal.aborted) return;
      for (const key of table.keys()) listener.changed(key);
      listener.synced();
      listeners.add(listener);
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        listeners.delete(listener);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      await promise;
    },
    get: (key) => table.get(key),
    list: (kind: KindName) => table.list(kind),
    secret: (namespace, name, key) => ownValue(secrets.get(secretKey(namespace, name)), key),
    async writeStatus(resource, status) {
      await disturb(resource);
      return table.writeStatus(resource, status);
    },
    async setFinalizer(resource, finalizer) {
      await disturb(resource);
      return table.setFinalizer(resource, finalizer);
    },
    refresh: (key) => table.refresh(key),
    event: (resource, event) => events.add(resource, event),
    async declare(declared, returned = { returns: 'anew' }) {
      const key = makeKey(declared.kind, declared.namespace, declared.name);
      await table.declare(key, declared, returned);
      return key;
    },
    remove: (key) => table.remove(key),
    touch: (key) => table.touch(key),
    setSecret: ({ namespace, name, values }) => changeSecret(namespace, name, values),
    removeSecret: (namespace, name) => changeSecret(namespace, name, undefined),
    events: () => events.latest(),
  };
}

const secretKey = (namespace: string, name: string): string => `${namespace}/${name}`;

/** Not `constructor` and the like. */
const ownValue = (values: SecretValues | undefined, key: string) =>
  values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;

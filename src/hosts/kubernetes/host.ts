import type { Clock } from '../../core/clock.ts';
import { type Key, KIND_NAMES, type Resource, splitKey } from '../../core/resource.ts';
import { seconds } from '../../core/time.ts';
import { within } from '../../core/within.ts';
import type { Logger } from '../../observability/log.ts';
import type { HostListener, ResourceHost } from '../host.ts';
import { secretNames } from '../references.ts';
import { openAccess } from './access.ts';
import { type Api, createApi } from './api.ts';
import { EventWriter } from './event-writer.ts';
import { HandleKeeper } from './handle-keeper.ts';
import { collectionPath } from './kinds.ts';
import { ListWatch, type WatchCounts } from './list-watch.ts';
import { SecretBook } from './secrets.ts';
import { type Kept, keptOf } from './slim.ts';
import { ResourceStore, type Scope } from './store.ts';
import { createStreamingLists } from './streaming.ts';
import type { ListWatchTiming } from './watch-timing.ts';
import { Writer } from './writer.ts';

/** The resources of a cluster. */
export interface KubernetesHost extends ResourceHost {
  /**
   * Keeps the cache up to date until `signal` aborts, without telling anybody: what a standby does, so that it can take
   * over at once. `run` does it by itself where nobody did.
   */
  watch(signal: AbortSignal): Promise<void>;
  /** For readiness: what is known is listed and up to date. */
  health(): readonly HealthCheck[];
  /** For metrics. */
  counts(): readonly ({ readonly watch: string } & WatchCounts)[];
  /** The same connections, for whatever else speaks to this API server. */
  readonly api: Api;
  /** After `run` and `watch` ended. */
  close(): Promise<void>;
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

export interface KubernetesHostOptions {
  readonly namespaces: 'all' | readonly string[];
  readonly clock: Clock;
  /** In [0, 1): spreads reconnections and names events. */
  readonly random: () => number;
  readonly log: Logger;
  /** Of this process, as events name it: the Pod's name. */
  readonly instance: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absent: KUBECONFIG, else the Pod's service account, else `~/.kube/config`. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly userAgent?: string;
  readonly timing?: Partial<ListWatchTiming>;
  /** From a change of the handles to their second record. Default 15 s. */
  readonly handlesDelayMs?: number;
}

/** Throws an `AccessError` that says what to do where no API server is configured; whether it answers is seen by `run`. */
export async function openKubernetesHost(options: KubernetesHostOptions): Promise<KubernetesHost> {
  const access = await openAccess(options);
  const api = createApi({ access, clock: options.clock, userAgent: options.userAgent ?? 'agora-reconciler' });
  return createKubernetesHost(options, api);
}

const DRAIN_MS = seconds(2);

export function createKubernetesHost(options: KubernetesHostOptions, api: Api): KubernetesHost {
  const { clock, random, log, instance, namespaces } = options;
  const timing = options.timing === undefined ? {} : { timing: options.timing };
  const closing = new AbortController();
  const listeners = new Set<HostListener>();
  const streaming = createStreamingLists(api);
  let session: Session | undefined;

  const store = new ResourceStore(told);
  const secrets = new SecretBook({
    api,
    streaming,
    clock,
    random,
    log,
    ...timing,
    changed(namespace, name) {
      for (const listener of listeners) listener.secretChanged(namespace, name);
    },
  });
  const events = new EventWriter({ api, clock, log, instance, random });
  const keeper = new HandleKeeper({
    api,
    clock,
    random,
    log,
    get: (key) => store.get(key),
    written: (before, after) => writer.alias(before, after),
    busy: (key) => writer.isBusy(key),
    ...(options.handlesDelayMs === undefined ? {} : { delayMs: options.handlesDelayMs }),
  });
  const writer: Writer = new Writer({
    api,
    store,
    signal: closing.signal,
    quiet: (key) => keeper.quiet(key),
    wrote: release,
  });

  /** Changes that wait until the Secrets that the resource names are known: it is not decided on before. */
  const held = new Set<Key>();

  function told(key: Key): void {
    if (listeners.size === 0) return;
    const kept = store.get(key);
    if (kept === undefined) writer.forget(key);
    else keeper.look(key);
    const names = kept === undefined ? [] : secretNames(kept.resource.spec);
    const unknown = secrets.known(splitKey(key).namespace, names);
    if (unknown === undefined) {
      tell(key);
      return;
    }
    held.add(key);
    void unknown.then(() => release(key));
  }

  function release(key: Key): void {
    if (held.has(key)) tell(key);
  }

  function tell(key: Key): void {
    held.delete(key);
    for (const listener of listeners) listener.changed(key);
  }

  async function watch(signal: AbortSignal): Promise<void> {
    if (session !== undefined) throw new Error('the cluster is watched already');
    const end = new AbortController();
    const abort = (): void => end.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const scopes = scopesOf(namespaces);
    const synced = Promise.withResolvers<void>();
    const missing = new Set(scopes);
    const lists = scopes.map((scope) => ({
      name: scope.namespace === undefined ? scope.kind : `${scope.kind} in ${scope.namespace}`,
      list: new ListWatch<Kept>({
        api,
        streaming,
        clock,
        random,
        log,
        ...timing,
        path: collectionPath(scope.kind, scope.namespace),
        collection: {
          read: (object) => keptOf(scope.kind, object),
          replace(items, version) {
            store.replace(scope, items, version);
            missing.delete(scope);
            if (missing.size === 0) synced.resolve();
          },
          changed: (kept) => void store.put(kept),
          isEcho: (version) => store.isEcho(version),
          interrupted: () => writer.watchInterrupted(scope.kind),
          removed: ({ resource: { kind, metadata } }) =>
            store.remove(`${kind}/${metadata.namespace}/${metadata.name}`, metadata.uid),
        },
      }),
    }));
    session = { lists, synced: synced.promise };
    try {
      await Promise.all([
        ...lists.map(({ list }) => list.run(end.signal)),
        secrets.run(namespaces === 'all' ? [] : namespaces, end.signal),
      ]);
    } finally {
      signal.removeEventListener('abort', abort);
      end.abort();
      session = undefined;
    }
  }

  /** One wait for all that the resources of the first list name. */
  async function firstSecrets(signal: AbortSignal): Promise<void> {
    const names = new Map<string, Set<string>>();
    for (const { metadata, spec } of KIND_NAMES.flatMap((kind) => store.list(kind))) {
      const known = names.get(metadata.namespace) ?? new Set();
      for (const name of secretNames(spec)) known.add(name);
      names.set(metadata.namespace, known);
    }
    const unknown = [...names].flatMap(([namespace, wanted]) => secrets.known(namespace, [...wanted]) ?? []);
    await untilAborted(Promise.all(unknown), signal);
  }

  return {
    api,
    watch,
    async run(listener, signal) {
      if (signal.aborted) return;
      const work = new AbortController();
      const watching = session === undefined ? watch(work.signal) : Promise.resolve();
      const background: Promise<void>[] = [];
      try {
        await untilAborted(session?.synced ?? Promise.resolve(), signal);
        if (!signal.aborted) await firstSecrets(signal);
        if (signal.aborted) return;
        for (const key of store.keys()) listener.changed(key);
        listener.synced();
        listeners.add(listener);
        for (const key of store.keys()) {
          keeper.look(key);
          if (store.get(key)?.restored === true) {
            log.warn({ resource: key }, 'the status was lost; its handles are taken from the annotation');
          }
        }
        background.push(keeper.run(work.signal), events.run(work.signal));
        await untilAborted(new Promise(() => undefined), signal);
      } finally {
        listeners.delete(listener);
        work.abort();
        await Promise.all([...background, watching]);
        const { signal: never } = new AbortController();
        if (background.length > 0) await within({ clock, ms: DRAIN_MS, signal: never }, (late) => events.drain(late));
      }
    },
    get: (key) => store.get(key)?.resource,
    list: (kind) => store.list(kind),
    secret: (namespace, name, key) => secrets.get(namespace, name, key),
    writeStatus: (resource, status) => writer.writeStatus(resource, status),
    setFinalizer: (resource, finalizer) => writer.setFinalizer(resource, finalizer),
    refresh(key): Promise<Resource | undefined> {
      const { kind, namespace, name } = splitKey(key);
      return writer.read(key, { kind, namespace, name });
    },
    event: (resource, event) => events.add(resource, event),
    health() {
      if (session === undefined) return [{ name: 'watch', ok: false, message: 'nothing is watched' }];
      const bad = secrets.health().filter(({ ok }) => !ok);
      const [first] = bad;
      return [
        ...session.lists.map(({ name, list }) => ({ name, ...list.health() })),
        first === undefined
          ? { name: 'Secrets', ok: true, message: 'up to date' }
          : { name: 'Secrets', ok: false, message: `${first.namespace}: ${first.message}` },
      ];
    },
    counts: () => (session?.lists ?? []).map(({ name, list }) => ({ watch: name, ...list.counts })),
    async close() {
      closing.abort(new Error('the host is closed'));
      await api.close();
    },
  };
}

interface Session {
  readonly lists: readonly { readonly name: string; readonly list: ListWatch<Kept> }[];
  readonly synced: Promise<void>;
}

function scopesOf(namespaces: 'all' | readonly string[]): readonly Scope[] {
  const places = namespaces === 'all' ? [undefined] : namespaces;
  return KIND_NAMES.flatMap((kind) => places.map((namespace) => ({ kind, namespace })));
}

/** Waits for either; rejects only with what the work rejects with. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const end = (): void => aborted.resolve();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  await Promise.race([work, aborted.promise]);
  signal.removeEventListener('abort', end);
}

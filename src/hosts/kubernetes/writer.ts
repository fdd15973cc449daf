import { sameData } from '../../core/equal.ts';
import {
  deletionRequested,
  FINALIZER,
  type Key,
  type KindName,
  keyOf,
  type Resource,
  type StatusBase,
} from '../../core/resource.ts';
import type { WriteResult } from '../host.ts';
import type { Api, ApiRequest } from './api.ts';
import { ApiError, member } from './api-error.ts';
import { FIELD_MANAGER, objectPath } from './kinds.ts';
import { type Kept, keptOf } from './slim.ts';
import type { ResourceStore } from './store.ts';
import { StoredMembers } from './stored-members.ts';
import { Turns } from './turns.ts';

export interface WriterOptions {
  readonly api: Api;
  readonly store: ResourceStore;
  /** Ends all requests. */
  readonly signal: AbortSignal;
  /** Waits until nobody else of this process writes the object. */
  readonly quiet: (key: Key) => Promise<void>;
  /** After each write that was done. */
  readonly wrote: (key: Key) => void;
}

/** So many requests at once keep an API server busy; more only wait in it. */
const AT_ONCE = 16;

/** Writes statuses and finalizers under the version that they were decided on, and reads single objects. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #turns = new Turns(AT_ONCE);
  readonly #stored: Readonly<Record<KindName, StoredMembers>> = {
    AgoraProject: new StoredMembers(),
    WebPageRecording: new StoredMembers(),
    RtmpConverter: new StoredMembers(),
  };
  readonly #busy = new Map<Key, number>();
  /** Versions that differ from the present one in our own annotation only: what was decided on them still holds. */
  readonly #aliases = new Map<Key, { readonly old: ReadonlySet<string>; readonly version: string }>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  isBusy(key: Key): boolean {
    return this.#busy.has(key);
  }

  /** Our annotation was written: `after` is `before` to everybody else. */
  alias(before: Kept, after: Kept): void {
    const key = keyOf(before.resource);
    const from = before.resource.metadata.resourceVersion;
    const known = this.#aliases.get(key);
    const earlier = known?.version === from ? known.old : [];
    this.#aliases.set(key, { old: new Set([...earlier, from]), version: after.resource.metadata.resourceVersion });
    this.#options.store.wrote(after, 'silent');
  }

  forget(key: Key): void {
    this.#aliases.delete(key);
  }

  /** Its CRD may be another one by now: servers end all watches of a kind whose CRD changes. */
  watchInterrupted(kind: KindName): void {
    this.#stored[kind].forget();
  }

  writeStatus(resource: Resource, status: StatusBase): Promise<WriteResult> {
    const { apiVersion, kind, metadata } = resource;
    const { namespace, name, uid } = metadata;
    return this.#alone(keyOf(resource), async () => {
      try {
        const stored = this.#stored[kind];
        const known = stored.cover(status);
        const answer = await this.#call({
          method: 'PUT',
          path: `${objectPath(kind, namespace, name)}/status`,
          query: { fieldManager: FIELD_MANAGER },
          body: {
            apiVersion,
            kind,
            metadata: { namespace, name, uid, resourceVersion: this.#versionOf(resource) },
            status,
          },
          wanted: known ? 'metadata' : 'all',
        });
        const object = wholeOf(answer, resource, status);
        if (!known && sameData(object['status'], status)) stored.learn(status);
        return this.#written(resource, object);
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome !== undefined) return { result: outcome };
        throw error;
      }
    });
  }

  setFinalizer(resource: Resource, finalizer: 'present' | 'absent'): Promise<WriteResult> {
    const { kind, metadata } = resource;
    const { finalizers, namespace, name } = metadata;
    if (finalizers.includes(FINALIZER) === (finalizer === 'present')) return Promise.resolve(this.#unchanged(resource));
    return this.#alone(keyOf(resource), async () => {
      try {
        const answer = await this.#call({
          method: 'PATCH',
          path: objectPath(kind, namespace, name),
          query: { fieldManager: FIELD_MANAGER },
          type: 'application/json-patch+json',
          body: [
            { op: 'test', path: '/metadata/uid', value: metadata.uid },
            // A version in a patch is a precondition; the answer to another one is a conflict.
            { op: 'replace', path: '/metadata/resourceVersion', value: this.#versionOf(resource) },
            ...finalizerPatch(finalizers, finalizer),
          ],
        });
        return this.#written(resource, answer);
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome !== undefined) return { result: outcome };
        throw error;
      }
    });
  }

  /** Past the cache. */
  async read(
    key: Key,
    of: Pick<Resource, 'kind'> & { readonly namespace: string; readonly name: string },
  ): Promise<Resource | undefined> {
    const { store } = this.#options;
    try {
      const kept = keptOf(
        of.kind,
        await this.#call({ method: 'GET', path: objectPath(of.kind, of.namespace, of.name) }),
      );
      if (kept === undefined) throw new Error(`the answer to a read of ${key} holds no object`);
      store.put(kept);
      return store.get(key)?.resource;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      const known = store.get(key);
      if (known !== undefined) store.remove(key, known.resource.metadata.uid);
      return undefined;
    }
  }

  #call(request: ApiRequest): Promise<unknown> {
    const { api, signal } = this.#options;
    return this.#turns.run(() => api.call(request, signal));
  }

  #written(before: Resource, answer: unknown): WriteResult {
    const { store } = this.#options;
    const kept = keptOf(before.kind, answer);
    if (kept === undefined) throw new Error(`the answer to a write of ${keyOf(before)} holds no object`);
    const { resource } = kept;
    const key = keyOf(resource);
    const isGone = deletionRequested(resource) && resource.metadata.finalizers.length === 0;
    if (isGone) store.remove(key, resource.metadata.uid);
    else store.wrote(kept);
    this.#options.wrote(key);
    // The same state in the store's words, which share what did not change; a newer one is for the next pass.
    const stored = store.get(key)?.resource;
    const isStored = stored?.metadata.resourceVersion === resource.metadata.resourceVersion;
    return { result: 'written', resource: isStored ? stored : resource };
  }

  /** Nothing is to be written, so nothing is asked of the server. */
  #unchanged(resource: Resource): WriteResult {
    const known = this.#options.store.get(keyOf(resource))?.resource.metadata;
    if (known?.uid !== resource.metadata.uid) return { result: 'gone' };
    return known.resourceVersion === this.#versionOf(resource)
      ? { result: 'written', resource }
      : { result: 'conflict' };
  }

  #versionOf({ kind, metadata }: Resource): string {
    const key = keyOf({ kind, metadata });
    const alias = this.#aliases.get(key);
    return alias?.old.has(metadata.resourceVersion) === true ? alias.version : metadata.resourceVersion;
  }

  async #alone<Value>(key: Key, write: () => Promise<Value>): Promise<Value> {
    this.#busy.set(key, (this.#busy.get(key) ?? 0) + 1);
    try {
      await this.#options.quiet(key);
      return await write();
    } finally {
      const left = (this.#busy.get(key) ?? 1) - 1;
      if (left > 0) this.#busy.set(key, left);
      else this.#busy.delete(key);
    }
  }
}

/**
 * The object after a write of its status, whose answer may hold its metadata alone: the version that the write was decided
 * on is a precondition of it, so that all else is as it was.
 */
function wholeOf(
  answer: unknown,
  { apiVersion, kind, spec }: Resource,
  status: StatusBase,
): Readonly<Record<string, unknown>> {
  const object = member(answer);
  return object['kind'] === 'PartialObjectMetadata' ? { ...object, apiVersion, kind, spec, status } : object;
}

/** Nobody else's finalizer is touched, and nothing is done to a list that is not the one that was read. */
function finalizerPatch(finalizers: readonly string[], finalizer: 'present' | 'absent'): readonly object[] {
  const path = '/metadata/finalizers';
  if (finalizer === 'absent') {
    const at = `${path}/${finalizers.indexOf(FINALIZER)}`;
    return [
      { op: 'test', path: at, value: FINALIZER },
      { op: 'remove', path: at },
    ];
  }
  if (finalizers.length === 0) return [{ op: 'add', path, value: [FINALIZER] }];
  return [
    { op: 'test', path, value: finalizers },
    { op: 'add', path: `${path}/-`, value: FINALIZER },
  ];
}

/** A failed test of a patch is answered with 422 and no causes; a refused value has some. */
function outcomeOf(error: unknown): 'conflict' | 'gone' | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 404) return 'gone';
  return error.status === 409 || (error.status === 422 && error.causes === 0) ? 'conflict' : undefined;
}

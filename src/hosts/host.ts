import type { Key, KindName, Resource, StatusBase } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';

/**
 * Owns desired state, status and finalizers, and tells the engine *that* a key changed, never what (design §2).
 * Kubernetes and files are its implementations; one contract suite (`test/hosts/contract.ts`) holds for both.
 *
 * `get`, `list` and `secret` are synchronous reads of a local store. After a successful write, `get` returns what was
 * written or something newer (read your own writes).
 */
export interface ResourceHost {
  /** Lists everything, calls `changed` for each key, then `synced` once; goes on telling changes until `signal` aborts. */
  run(listener: HostListener, signal: AbortSignal): Promise<void>;
  get(key: Key): Resource | undefined;
  list(kind: KindName): readonly Resource[];
  /** The value of one key of a Secret, undefined where there is none (yet). */
  secret(namespace: string, name: string, key: string): Secret | undefined;
  /**
   * Writes the status under the version of `resource`. `conflict`: somebody wrote since, or an earlier write that was rejected
   * was done all the same; nothing was written now.
   * Bumps the resource version, never the generation. Not calling it when nothing changed is the caller's duty.
   */
  writeStatus(resource: Resource, status: StatusBase): Promise<WriteResult>;
  /** Adds or removes our finalizer, under the version of `resource`; removing the last one of a deleting resource ends it. */
  setFinalizer(resource: Resource, finalizer: 'present' | 'absent'): Promise<WriteResult>;
  /** Reads the resource anew past any cache, for the write after a conflict. */
  refresh(key: Key): Promise<Resource | undefined>;
  /** Best effort: an event that cannot be written is dropped. */
  event(resource: Resource, event: HostEvent): void;
}

export interface HostListener {
  changed(key: Key): void;
  /** A Secret changed: whatever refers to it is to be looked at. */
  secretChanged(namespace: string, name: string): void;
  synced(): void;
}

export type WriteResult =
  | { readonly result: 'written'; readonly resource: Resource }
  | { readonly result: 'conflict' }
  | { readonly result: 'gone' };

export interface HostEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

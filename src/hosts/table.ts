import {
  deletionRequested,
  FINALIZER,
  type Key,
  type KindName,
  type Resource,
  type StatusBase,
} from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { Declared } from './declared.ts';
import type { WriteResult } from './host.ts';
import { amended, born, bumped, marked, stopSent, unheld, withdrawn } from './lifecycle.ts';

export interface TableOptions {
  now(): Instant;
  /** A uid for each incarnation, random where it matters. */
  newUid(): string;
  /** Makes an entry durable before anybody sees it; `undefined`: it is gone. A rejection leaves the old entry in place. */
  persist(key: Key, resource: Resource | undefined): Promise<void>;
  /** Called after an entry changed, before the write's promise resolves. */
  changed(key: Key): void;
}

/** Whether a declaration may go on in the life of a resource that is being deleted. */
export interface Return {
  /** `as-before`: withdraw the deletion where no stop was sent. `anew`: what it declares cannot be the old one's. */
  readonly returns: 'as-before' | 'anew';
}

/**
 * The resources of a host without an API server: versions, generations, finalizers and incarnations as one would keep
 * them. Writes of one key run one after the other; each is durable before it is seen.
 */
export class ResourceTable {
  readonly #options: TableOptions;
  readonly #entries: Map<Key, Resource>;
  /** What is declared now: the next incarnation begins from it when the old one is gone. */
  readonly #declared = new Map<Key, Declared>();
  /** The last write of each key. */
  readonly #tails = new Map<Key, Promise<unknown>>();

  constructor(options: TableOptions, entries: Iterable<readonly [Key, Resource]>) {
    this.#options = options;
    this.#entries = new Map(entries);
  }

  get(key: Key): Resource | undefined {
    return this.#entries.get(key);
  }

  keys(): readonly Key[] {
    return [...this.#entries.keys()].sort();
  }

  list(kind: KindName): readonly Resource[] {
    return this.keys().flatMap((key) => {
      const resource = this.#entries.get(key);
      return resource?.kind === kind ? [resource] : [];
    });
  }

  /** Reads after all writes of the key that were asked for. */
  async refresh(key: Key): Promise<Resource | undefined> {
    await this.#tails.get(key);
    return this.get(key);
  }

  /** The declaration is there and good: begins, amends or goes on with the resource. */
  declare(key: Key, declared: Declared, { returns }: Return): Promise<void> {
    return this.#serially(key, async () => {
      this.#declared.set(key, declared);
      const old = this.get(key);
      if (old === undefined) return this.#put(key, this.#begin(declared));
      if (!deletionRequested(old)) return this.#put(key, amended(old, declared));
      if (returns === 'as-before' && !stopSent(old)) return this.#put(key, amended(withdrawn(old), declared));
    });
  }

  /** The declaration is not there now; the resource itself stays until `remove`. */
  absent(key: Key): void {
    this.#declared.delete(key);
  }

  /** The removal takes effect: the resource is being deleted from now on, or gone where no finalizer holds it. */
  remove(key: Key): Promise<void> {
    return this.#serially(key, async () => {
      this.#declared.delete(key);
      const old = this.get(key);
      if (old !== undefined && !deletionRequested(old)) await this.#put(key, marked(old, this.#options.now()));
    });
  }

  /** Somebody writes the resource without changing its declaration; makes older versions stale. */
  touch(key: Key): Promise<void> {
    return this.#serially(key, async () => {
      const old = this.get(key);
      if (old !== undefined) await this.#put(key, bumped(old));
    });
  }

  /** Makes the entry durable once more, as it is. */
  rewrite(key: Key): Promise<void> {
    return this.#serially(key, async () => {
      const old = this.get(key);
      if (old !== undefined) await this.#options.persist(key, old);
    });
  }

  writeStatus(resource: Resource, status: StatusBase): Promise<WriteResult> {
    return this.#write(resource, (old) => bumped({ ...old, status }));
  }

  setFinalizer(resource: Resource, finalizer: 'present' | 'absent'): Promise<WriteResult> {
    return this.#write(resource, (old) => {
      const { finalizers } = old.metadata;
      if (finalizers.includes(FINALIZER) === (finalizer === 'present')) return old;
      const next = finalizer === 'present' ? [...finalizers, FINALIZER] : finalizers.filter((one) => one !== FINALIZER);
      return bumped({ ...old, metadata: { ...old.metadata, finalizers: next } });
    });
  }

  /** Resolves when every write that was asked for has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#tails.values());
  }

  #write(resource: Resource, change: (old: Resource) => Resource): Promise<WriteResult> {
    const key: Key = `${resource.kind}/${resource.metadata.namespace}/${resource.metadata.name}`;
    return this.#serially(key, async (): Promise<WriteResult> => {
      const old = this.get(key);
      if (old === undefined || old.metadata.uid !== resource.metadata.uid) return { result: 'gone' };
      if (old.metadata.resourceVersion !== resource.metadata.resourceVersion) return { result: 'conflict' };
      const next = change(old);
      await this.#put(key, next);
      return { result: 'written', resource: next };
    });
  }

  async #put(key: Key, next: Resource): Promise<void> {
    if (next === this.get(key)) return;
    const declared = this.#declared.get(key);
    const ended = unheld(next);
    const kept = ended ? declared && this.#begin(declared) : next;
    await this.#options.persist(key, kept);
    if (kept === undefined) this.#entries.delete(key);
    else this.#entries.set(key, kept);
    this.#options.changed(key);
  }

  #begin(declared: Declared): Resource {
    return born(declared, { uid: this.#options.newUid(), now: this.#options.now() });
  }

  #serially<Value>(key: Key, write: () => Promise<Value>): Promise<Value> {
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(write);
    const tail: Promise<unknown> = result.then(forget, forget).then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    this.#tails.set(key, tail);
    return result;
  }
}

/** The outcome of a write is its caller's; the next write of the key only waits for its end. */
const forget = (): void => undefined;

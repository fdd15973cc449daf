import { type Key, KIND_NAMES, type KindName, keyOf, type Resource } from '../../core/resource.ts';
import { type Kept, sharing } from './slim.ts';
import { isNewer } from './version.ts';

/** Part of the objects that one list covers. */
export interface Scope {
  readonly kind: KindName;
  /** All where absent. */
  readonly namespace: string | undefined;
}

/** Uids of objects that are gone are remembered for a while: late news of them must not bring them back. */
const MOST_GONE = 10_000;
/** So many frames of our own writes may be on their way. */
const MOST_ECHOES = 10_000;

/**
 * The objects as far as they are known: from lists, watches, answers to our writes and live reads alike. Of two states of
 * an object the newer one is kept, wherever it came from; so our own writes are read at once, and an old list or a late
 * frame never takes them back.
 */
export class ResourceStore {
  readonly #told: (key: Key) => void;
  readonly #objects = new Map<Key, Kept>();
  readonly #gone = new Set<string>();
  readonly #echoes = new Set<string>();
  readonly #orders = new Map<KindName, readonly Key[]>();

  constructor(told: (key: Key) => void) {
    this.#told = told;
  }

  get(key: Key): Kept | undefined {
    return this.#objects.get(key);
  }

  /** Sorted by key, so that what depends on an order repeats itself. */
  list(kind: KindName): readonly Resource[] {
    return this.#order(kind).flatMap((key) => {
      const kept = this.#objects.get(key);
      return kept === undefined ? [] : [kept.resource];
    });
  }

  keys(): readonly Key[] {
    return KIND_NAMES.flatMap((kind) => this.#order(kind));
  }

  /** What a write of ours was answered. `silent`: what changed in it concerns nobody, so nobody is told. */
  wrote(kept: Kept, how: 'told' | 'silent' = 'told'): void {
    if (this.put(kept, how)) keepFew(this.#echoes.add(kept.resource.metadata.resourceVersion), MOST_ECHOES);
  }

  /** Is this the frame of a write of ours, whose answer told all of it? A version belongs to one state of one object. */
  isEcho(version: string): boolean {
    return this.#echoes.delete(version);
  }

  /** One state of an object. True where it is news. */
  put(kept: Kept, how: 'told' | 'silent' = 'told'): boolean {
    const { metadata, kind } = kept.resource;
    if (this.#gone.has(metadata.uid)) return false;
    const key = keyOf(kept.resource);
    const before = this.#objects.get(key);
    const old = before?.resource.metadata;
    if (old !== undefined && !isNewer(metadata.resourceVersion, old.resourceVersion)) return false;
    if (old !== undefined && old.uid !== metadata.uid) this.#bury(old.uid);
    this.#objects.set(key, sharing(before, kept));
    if (old === undefined) this.#orders.delete(kind);
    if (how === 'told') this.#told(key);
    return true;
  }

  /** The object of this uid is gone. */
  remove(key: Key, uid: string): void {
    this.#bury(uid);
    if (this.#objects.get(key)?.resource.metadata.uid !== uid) return;
    this.#objects.delete(key);
    this.#orders.delete(keyKind(key));
    this.#told(key);
  }

  /** All objects of the scope, at `version`: one that is missing and not younger is gone, although no frame told so. */
  replace(scope: Scope, all: readonly Kept[], version: string): void {
    const listed = new Set(all.map(({ resource }) => resource.metadata.uid));
    for (const key of this.#order(scope.kind)) {
      const metadata = this.#objects.get(key)?.resource.metadata;
      if (metadata === undefined || listed.has(metadata.uid)) continue;
      const isOutside = scope.namespace !== undefined && scope.namespace !== metadata.namespace;
      if (isOutside || isNewer(metadata.resourceVersion, version)) continue;
      this.remove(key, metadata.uid);
    }
    for (const kept of all) this.put(kept);
  }

  #bury(uid: string): void {
    keepFew(this.#gone.add(uid), MOST_GONE);
  }

  #order(kind: KindName): readonly Key[] {
    const known = this.#orders.get(kind);
    if (known !== undefined) return known;
    const order = [...this.#objects.keys()].filter((key) => keyKind(key) === kind).sort();
    this.#orders.set(kind, order);
    return order;
  }
}

/** Forgets the oldest beyond `most`. */
function keepFew(texts: Set<string>, most: number): void {
  if (texts.size <= most) return;
  const [oldest] = texts;
  if (oldest !== undefined) texts.delete(oldest);
}

const keyKind = (key: Key): KindName => key.slice(0, key.indexOf('/')) as KindName;

import type { Clock } from '../../core/clock.ts';
import { deletionRequested, type Key, splitKey } from '../../core/resource.ts';
import { seconds } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import type { Api } from './api.ts';
import { ApiError, member } from './api-error.ts';
import { HANDLES, handlesOf } from './handles.ts';
import { FIELD_MANAGER, objectPath } from './kinds.ts';
import { type Kept, keptOf } from './slim.ts';

export interface HandleKeeperOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly get: (key: Key) => Kept | undefined;
  /** A state that differs in the annotation only. */
  readonly written: (before: Kept, after: Kept) => void;
  /** Is somebody else of this process writing the object now? */
  readonly busy: (key: Key) => boolean;
  readonly delayMs?: number;
}

/** From a change of the handles to its second record, so that a task that starts causes one write, not three. */
const DELAY_MS = seconds(15);
const SPREAD = 0.5;
const RETRY_MS = seconds(30);
/** Between two writes, so that thousands of starts do not crowd out what people wait for. */
const SPACING_MS = 20;
/** Without a pause: the loop belongs to the passes. */
const LOOKS_AT_ONCE = 50;

/** Keeps the handles of live tasks in the annotation: late, one after the other, and only where they changed. */
export class HandleKeeper {
  readonly #options: HandleKeeperOptions;
  readonly #due = new Map<Key, number>();
  #writing: { readonly key: Key; readonly done: Promise<void> } | undefined;

  constructor(options: HandleKeeperOptions) {
    this.#options = options;
  }

  /** The object may have changed. Whether there is something to write is worked out when its time has come. */
  look(key: Key): void {
    const { clock, random, get, delayMs = DELAY_MS } = this.#options;
    const kept = get(key);
    if (kept === undefined || this.#due.has(key) || !mayConcern(kept)) return;
    this.#due.set(key, clock.monotonic() + delayMs * (1 + random() * SPREAD));
  }

  /** Resolves when no annotation of this object is on its way. */
  async quiet(key: Key): Promise<void> {
    while (this.#writing?.key === key) await this.#writing.done;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const sleep = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
    while (!signal.aborted) {
      let looked = 0;
      for (const key of this.#dueNow()) {
        if (signal.aborted) return;
        if (await this.#keep(key, signal)) await sleep(SPACING_MS);
        looked += 1;
        if (looked % LOOKS_AT_ONCE === 0) await sleep(0);
      }
      await sleep(Math.min(seconds(1), this.#options.delayMs ?? DELAY_MS));
    }
  }

  #dueNow(): readonly Key[] {
    const now = this.#options.clock.monotonic();
    return [...this.#due].flatMap(([key, at]) => (at <= now ? [key] : []));
  }

  /** Writes where there is something to write; true where a request was made. */
  async #keep(key: Key, signal: AbortSignal): Promise<boolean> {
    if (this.#options.busy(key)) return false;
    this.#due.delete(key);
    const wanted = this.#wanted(key);
    if (wanted === undefined) return false;
    const done = this.#write(key, wanted.text, signal);
    this.#writing = { key, done };
    await done;
    this.#writing = undefined;
    return true;
  }

  /** Undefined where nothing is to be written. */
  #wanted(key: Key): { readonly text: string | undefined } | undefined {
    const kept = this.#options.get(key);
    // Nobody restores what is being deleted; the annotation goes with it.
    if (kept === undefined || deletionRequested(kept.resource)) return undefined;
    const text = handlesOf(kept.resource, kept.handles);
    return text === kept.handles ? undefined : { text };
  }

  /** Never rejects: it is tried again. */
  async #write(key: Key, text: string | undefined, signal: AbortSignal): Promise<void> {
    const { api, get, clock, log, written } = this.#options;
    const before = get(key);
    if (before === undefined) return;
    const { kind, metadata } = before.resource;
    const { namespace, name } = splitKey(key);
    try {
      const answer = await api.call(
        {
          method: 'PATCH',
          path: objectPath(kind, namespace, name),
          query: { fieldManager: FIELD_MANAGER },
          type: 'application/merge-patch+json',
          body: {
            metadata: {
              uid: metadata.uid,
              resourceVersion: metadata.resourceVersion,
              annotations: { [HANDLES]: text ?? null },
            },
          },
        },
        signal,
      );
      const after = keptOf(kind, answer);
      if (after !== undefined) written(before, after);
    } catch (error) {
      if (signal.aborted) return;
      // Somebody wrote meanwhile, or it is gone: what the watch tells is looked at as any change.
      const isStale = error instanceof ApiError && (error.status === 409 || error.status === 404);
      if (!isStale) log.warn({ resource: key, error }, 'the handles could not be recorded a second time');
      this.#due.set(key, clock.monotonic() + (isStale ? seconds(2) : RETRY_MS));
    }
  }
}

/** Cheap: most resources of a large cluster neither have a task nor had one. */
const mayConcern = ({ resource, handles }: Kept): boolean => {
  if (handles !== undefined) return true;
  const { tasks, leftBehind, completedGeneration } = member(resource.status);
  return (
    [tasks, leftBehind].some((list) => Array.isArray(list) && list.length > 0) || completedGeneration !== undefined
  );
};

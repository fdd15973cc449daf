import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import type { Api, Query } from './api.ts';
import { ApiError, isExpired } from './api-error.ts';
import { Backoff, troubleOf } from './backoff.ts';
import { LineSplitter, LineTooLong } from './lines.ts';
import { listInPages } from './paged-list.ts';
import type { StreamingLists } from './streaming.ts';
import { BadFrame, changedVersion, endsInitialEvents, parseFrame } from './watch-frame.ts';
import { untilDead, type WatchGuard } from './watch-guard.ts';
import { type ListWatchTiming, WATCH_TIMING } from './watch-timing.ts';

/** Keeps what is watched. Called one after the other, never while another call runs; what it throws is logged and counted. */
export interface Collection<Item> {
  /** What is kept of an object; undefined where it is none of ours. */
  read(object: unknown): Item | undefined;
  /** All there is, at `version`: whatever else was kept is gone. */
  replace(items: readonly Item[], version: string): void;
  changed(item: Item): void;
  removed(item: Item): void;
  /** Asked before a changed object is read: is its state of this version known already? Told once. Default: no. */
  isEcho?(version: string): boolean;
  /** A watch was taken up, or ended: in between anything may have changed, the definition of the kind included. */
  interrupted?(): void;
}

export interface ListWatchOptions<Item> {
  readonly api: Api;
  readonly path: string;
  /** Selectors. */
  readonly query?: Query;
  readonly collection: Collection<Item>;
  readonly streaming: StreamingLists;
  readonly clock: Clock;
  /** In [0, 1): spreads reconnections over time. */
  readonly random: () => number;
  readonly log: Logger;
  readonly timing?: Partial<ListWatchTiming>;
  /** Asked when the server refuses the first list (403): `end` gives up. Default: try again. */
  readonly forbidden?: () => 'end' | 'retry';
}

/** Objects are stored with at most 1.5 MiB; encoded they may be larger. */
const LONGEST_LINE = 8 * 2 ** 20;
/** A resumed watch that fails so often in a row, without a word in between, begins with a new list. */
const MOST_RESUMES = 5;
/** One that ends sooner than this has not worked. */
const SHORT_MS = seconds(1);

/** Why a watch is ended by us. */
class Cut extends Error {
  override readonly name = 'Cut';
}

export interface WatchHealth {
  readonly ok: boolean;
  readonly message: string;
}

export interface WatchCounts {
  readonly lists: number;
  readonly watches: number;
  readonly cuts: number;
  readonly expired: number;
  readonly handlerErrors: number;
}

/**
 * Lists a collection and keeps it up to date until its signal aborts, whatever happens to the server and the connection.
 *
 *   list (pages, or streamed) ──► watch ──ended, cut, error──► watch from the last version
 *      ▲                            │
 *      └──── 410 in status or frame ┘ (what was kept stays until the new list is complete)
 */
export class ListWatch<Item> {
  readonly #options: ListWatchOptions<Item>;
  readonly #timing: ListWatchTiming;
  readonly #backoff: Backoff;
  #version: string | undefined;
  #synced = false;
  #trouble: string | undefined;
  #heardAt: number;
  #provenAt: number;
  #failedResumes = 0;
  #counts = { lists: 0, watches: 0, cuts: 0, expired: 0, handlerErrors: 0 };

  constructor(options: ListWatchOptions<Item>) {
    this.#options = options;
    this.#timing = { ...WATCH_TIMING, ...options.timing };
    this.#backoff = new Backoff(options.random);
    this.#heardAt = options.clock.monotonic();
    this.#provenAt = this.#heardAt;
  }

  /** Has everything been listed once? */
  get synced(): boolean {
    return this.#synced;
  }

  get counts(): WatchCounts {
    return this.#counts;
  }

  health(): WatchHealth {
    const because = this.#trouble === undefined ? '' : `: ${this.#trouble}`;
    if (!this.#synced) return { ok: false, message: `not listed yet${because}` };
    const silentMs = this.#options.clock.monotonic() - this.#provenAt;
    if (silentMs <= this.#timing.staleMs) return { ok: true, message: 'up to date' };
    return { ok: false, message: `nothing heard for ${Math.round(silentMs / 1_000)} s${because}` };
  }

  /** Resolves when `signal` aborts, or when `forbidden` said `end`. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, forbidden } = this.#options;
    while (!signal.aborted) {
      const beganAt = clock.monotonic();
      try {
        await this.#turn(signal);
        // The server's own time-out; one that ends at once, again and again, must not spin.
        if (clock.monotonic() - beganAt < SHORT_MS) await this.#pause(new Error('the watch ended at once'), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#synced && error instanceof ApiError && error.status === 403 && forbidden?.() === 'end') return;
        await this.#recover(error, signal);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { streaming } = this.#options;
    if (this.#version === undefined && !(await streaming.usable(signal))) await this.#list(signal);
    await this.#watch(signal);
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { log, path, streaming } = this.#options;
    this.#trouble = error instanceof Error ? error.message : String(error);
    if (error instanceof Cut) return;
    if (this.#version === undefined && isRefusedStream(error) && streaming.refuse() === 'changed') return;
    if (isExpired(error)) this.#counts.expired += 1;
    // Not a server that is away: it has forgotten nothing.
    if (troubleOf(error) === 'refused' || error instanceof BadFrame) this.#failedResumes += 1;
    const startOver = isExpired(error) || error instanceof LineTooLong || this.#failedResumes > MOST_RESUMES;
    if (startOver) this.#version = undefined;
    log.debug({ path, error, startOver }, 'the watch failed; it is begun again');
    await this.#pause(error, signal);
  }

  async #pause(failure: unknown, signal: AbortSignal): Promise<void> {
    const ms = this.#backoff.after(failure);
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, path, query, collection } = this.#options;
    const { items, version } = await listInPages(
      api,
      { path, query, read: (object) => collection.read(object) },
      signal,
    );
    this.#replace(items, version);
  }

  #replace(items: readonly Item[], version: string): void {
    this.#counts.lists += 1;
    this.#handle(() => this.#options.collection.replace(items, version));
    this.#version = version;
    if (!this.#synced) this.#provenAt = this.#options.clock.monotonic();
    this.#synced = true;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, path, query, random } = this.#options;
    const initial = this.#version === undefined ? new Map<string, Item>() : undefined;
    const end = new AbortController();
    const abort = (): void => end.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const lines = new LineSplitter(LONGEST_LINE);
    let guarding: Promise<void> | undefined;
    try {
      const read = await api.stream(
        path,
        {
          ...query,
          watch: 'true',
          allowWatchBookmarks: 'true',
          // Spread, so that the watches of many clients do not end together.
          timeoutSeconds: String(240 + Math.floor(random() * 51)),
          ...(this.#version === undefined
            ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
            : { resourceVersion: this.#version }),
        },
        end.signal,
      );
      this.#counts.watches += 1;
      this.#handle(() => this.#options.collection.interrupted?.());
      this.#heard();
      guarding = this.#guard(end);
      await read((chunk) => {
        this.#heard();
        for (const line of lines.push(chunk)) this.#frame(line, initial);
        return undefined;
      });
      if (this.#version === undefined) throw new Error('the list ended before it was complete');
    } catch (error) {
      throw end.signal.reason instanceof Cut ? end.signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
      end.abort(new Error('the watch is over'));
      this.#handle(() => this.#options.collection.interrupted?.());
      await guarding;
    }
  }

  #frame(line: string, initial: Map<string, Item> | undefined): void {
    const { collection, path } = this.#options;
    const changed = this.#version === undefined ? undefined : changedVersion(line);
    if (changed !== undefined && collection.isEcho?.(changed) === true) {
      this.#progress(changed);
      return;
    }
    const frame = parseFrame(line, path);
    const { type, object, metadata, version } = frame;
    if (version === undefined) throw new BadFrame(`a frame of ${path} has no version`);
    if (type === 'BOOKMARK') {
      if (this.#version === undefined && endsInitialEvents(frame)) {
        this.#replace([...(initial ?? new Map<string, Item>()).values()], version);
      }
    } else {
      const item = collection.read(object);
      const isRemoved = type === 'DELETED';
      if (this.#version === undefined) {
        const name = `${String(metadata['namespace'])}/${String(metadata['name'])}`;
        if (item === undefined || isRemoved) initial?.delete(name);
        else initial?.set(name, item);
        return;
      }
      if (item !== undefined) {
        this.#handle(() => (isRemoved ? collection.removed(item) : collection.changed(item)));
      }
    }
    if (this.#version !== undefined) this.#progress(version);
  }

  #progress(version: string): void {
    this.#version = version;
    this.#failedResumes = 0;
    this.#backoff.reset();
  }

  /** What a handler throws is its own failure: the watch goes on. */
  #handle(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#counts.handlerErrors += 1;
      this.#options.log.error({ path: this.#options.path, error }, 'a change could not be handled');
    }
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonic();
    this.#provenAt = this.#heardAt;
    this.#trouble = undefined;
  }

  /** Ends a watch that is dead without saying so. */
  async #guard(end: AbortController): Promise<void> {
    const { api, path, query, clock, streaming, log } = this.#options;
    const guard: WatchGuard = {
      api,
      path,
      query,
      clock,
      streaming,
      timing: this.#timing,
      longestLine: LONGEST_LINE,
      version: () => this.#version,
      heardAt: () => this.#heardAt,
      proven: () => {
        this.#provenAt = clock.monotonic();
      },
    };
    const why = await untilDead(guard, end.signal);
    if (why === undefined) return;
    this.#counts.cuts += 1;
    log.info({ path, why }, 'a silent watch is replaced');
    end.abort(new Cut(why));
  }
}

/** Servers before 1.27 ignore what they do not know; those that know it and have it switched off refuse it. */
const isRefusedStream = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 400 || error.status === 405 || error.status === 422);

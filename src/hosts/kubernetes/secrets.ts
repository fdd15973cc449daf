import type { Clock } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import { minutes, seconds } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import { type SecretValues, sameValues } from '../declared.ts';
import type { Api } from './api.ts';
import { secretsPath } from './kinds.ts';
import { ListWatch, type WatchHealth } from './list-watch.ts';
import { type SecretItem, SecretReads, secretItemOf } from './secret-reads.ts';
import type { StreamingLists } from './streaming.ts';
import type { ListWatchTiming } from './watch-timing.ts';

export interface SecretBookOptions {
  readonly api: Api;
  readonly streaming: StreamingLists;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly changed: (namespace: string, name: string) => void;
  readonly timing?: Partial<ListWatchTiming>;
}

/** Types that no resource here refers to, and that may be large or many. */
const SELECTED = 'type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token';
/** A permission may be given later. */
const ASK_AGAIN_MS = minutes(5);
/** Each namespace that is watched costs a connection; in those beyond it Secrets are read by name. */
const MOST_WATCHED = 64;
/** A new resource waits at most so long for the Secrets that it names. */
const LONGEST_WAIT_MS = seconds(5);

/**
 * The values of Secrets in the namespaces that somebody is interested in: watched where the role allows to list them
 * there, else each read by its name when it is asked for.
 */
export class SecretBook {
  readonly #options: SecretBookOptions;
  readonly #values = new Map<string, SecretValues>();
  readonly #namespaces = new Map<string, NamespaceWatch>();
  readonly #reads: SecretReads;
  #signal: AbortSignal | undefined;
  #running: Promise<unknown>[] = [];

  constructor(options: SecretBookOptions) {
    this.#options = options;
    const { api, clock, log } = options;
    this.#reads = new SecretReads({
      api,
      clock,
      log,
      found: (namespace, name, values) => this.#set(id(namespace, name), values),
    });
  }

  /** Begins to look at `namespaces`, and at others as they are asked about, until `signal` aborts. */
  async run(namespaces: readonly string[], signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#namespaces.clear();
    this.#reads.begin(signal);
    for (const namespace of namespaces) this.#interest(namespace);
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    await Promise.all(this.#running);
    this.#running = [];
    this.#reads.end();
    this.#signal = undefined;
  }

  get(namespace: string, name: string, key: string): Secret | undefined {
    const watch = this.#interest(namespace);
    if (watch?.mode === 'by-name') void this.#reads.read(namespace, name);
    const values = this.#values.get(id(namespace, name));
    return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
  }

  /** Resolves when these Secrets are known, or known to be absent; undefined where they are already. */
  known(namespace: string, names: readonly string[]): Promise<void> | undefined {
    const watch = this.#interest(namespace);
    if (watch === undefined || names.length === 0) return undefined;
    if (watch.mode === 'watched') return undefined;
    if (watch.mode === 'by-name' && names.every((name) => this.#reads.isKnown(namespace, name))) return undefined;
    return this.#patiently(
      watch.settled.then(async () => {
        if (watch.mode === 'by-name') await Promise.all(names.map((name) => this.#reads.read(namespace, name)));
      }),
    );
  }

  health(): readonly ({ readonly namespace: string } & WatchHealth)[] {
    return [...this.#namespaces].flatMap(([namespace, { mode, list }]) =>
      mode === 'by-name' ? [] : [{ namespace, ...list.health() }],
    );
  }

  #interest(namespace: string): NamespaceWatch | undefined {
    const known = this.#namespaces.get(namespace);
    if (known !== undefined || this.#signal === undefined) return known;
    const watch =
      this.#namespaces.size < MOST_WATCHED ? this.#watch(namespace, this.#signal) : byName(this.#list(namespace));
    this.#namespaces.set(namespace, watch);
    return watch;
  }

  #watch(namespace: string, signal: AbortSignal): NamespaceWatch {
    const settled = Promise.withResolvers<void>();
    const watch: NamespaceWatch = {
      mode: 'starting',
      settled: settled.promise,
      list: this.#list(namespace, {
        listed: () => {
          watch.mode = 'watched';
          settled.resolve();
        },
        forbidden: () => {
          watch.mode = 'by-name';
          settled.resolve();
        },
      }),
    };
    this.#running.push(this.#keepAsking(watch, signal).finally(settled.resolve));
    return watch;
  }

  async #keepAsking(watch: NamespaceWatch, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await watch.list.run(signal);
      await this.#options.clock.sleep(ASK_AGAIN_MS, signal).catch(() => undefined);
    }
  }

  #list(namespace: string, told?: { listed(): void; forbidden(): void }): ListWatch<SecretItem> {
    const { api, streaming, clock, random, log, timing } = this.#options;
    return new ListWatch<SecretItem>({
      api,
      streaming,
      clock,
      random,
      log,
      ...(timing === undefined ? {} : { timing }),
      path: secretsPath(namespace),
      query: { fieldSelector: SELECTED },
      forbidden: () => {
        told?.forbidden();
        return 'end';
      },
      collection: {
        read: secretItemOf,
        replace: (items) => {
          const names = new Set(items.map(({ name }) => id(namespace, name)));
          for (const key of [...this.#values.keys()]) {
            if (key.startsWith(`${namespace}/`) && !names.has(key)) this.#set(key, undefined);
          }
          for (const { name, values } of items) this.#set(id(namespace, name), values);
          told?.listed();
        },
        changed: ({ name, values }) => this.#set(id(namespace, name), values),
        removed: ({ name }) => this.#set(id(namespace, name), undefined),
      },
    });
  }

  #set(key: string, values: SecretValues | undefined): void {
    if (sameValues(this.#values.get(key), values)) return;
    if (values === undefined) this.#values.delete(key);
    else this.#values.set(key, values);
    const [namespace = '', name = ''] = key.split('/');
    this.#options.changed(namespace, name);
  }

  /** The wait ends, whatever becomes of what is waited for. */
  #patiently(work: Promise<void>): Promise<void> {
    const over = new AbortController();
    const signal = this.#signal;
    const abort = (): void => over.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const limit = this.#options.clock.sleep(LONGEST_WAIT_MS, over.signal).catch(() => undefined);
    return Promise.race([work, limit]).finally(() => {
      signal?.removeEventListener('abort', abort);
      over.abort();
    });
  }
}

interface NamespaceWatch {
  mode: 'starting' | 'watched' | 'by-name';
  /** Listed, or known that it may not be. */
  readonly settled: Promise<void>;
  readonly list: ListWatch<SecretItem>;
}

const byName = (list: ListWatch<SecretItem>): NamespaceWatch => ({ mode: 'by-name', settled: Promise.resolve(), list });

const id = (namespace: string, name: string): string => `${namespace}/${name}`;

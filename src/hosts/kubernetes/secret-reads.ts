import type { Clock } from '../../core/clock.ts';
import { Secret } from '../../core/secret.ts';
import { seconds } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import type { SecretValues } from '../declared.ts';
import type { Api } from './api.ts';
import { ApiError, member } from './api-error.ts';
import { secretsPath } from './kinds.ts';

export interface SecretReadsOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told what a Secret holds; undefined where there is none, or none that may be read. */
  readonly found: (namespace: string, name: string, values: SecretValues | undefined) => void;
}

export interface SecretItem {
  readonly name: string;
  readonly values: SecretValues;
}

/** A Secret that may only be read by its name is read again at most so often. */
const REREAD_MS = seconds(60);
/**
 * One that is missing is looked for again by itself, so long after each look: `kubectl apply -f` of a folder brings resources
 * before the Secrets that they name.
 */
const MISSING_MS = [2, 4, 8, 16, 32].map(seconds);

interface Read {
  readonly at: number;
  pending: boolean;
  known: boolean;
  /** How often in a row it was looked for and was not there. */
  misses: number;
  done: Promise<void>;
}

/** Reads Secrets one by one, where a role allows no more than that. */
export class SecretReads {
  readonly #options: SecretReadsOptions;
  readonly #reads = new Map<string, Read>();
  #signal: AbortSignal | undefined;

  constructor(options: SecretReadsOptions) {
    this.#options = options;
  }

  /** Begins anew; reads until `signal` aborts. */
  begin(signal: AbortSignal): void {
    this.#signal = signal;
    this.#reads.clear();
  }

  end(): void {
    this.#signal = undefined;
  }

  /** Known, or known to be absent. */
  isKnown(namespace: string, name: string): boolean {
    return this.#reads.get(id(namespace, name))?.known === true;
  }

  /** Reads one Secret unless that was done a short while ago. Never rejects. */
  read(namespace: string, name: string): Promise<void> {
    const key = id(namespace, name);
    const last = this.#reads.get(key);
    const rest = MISSING_MS[(last?.misses ?? 0) - 1] ?? REREAD_MS;
    const now = this.#options.clock.monotonic();
    if (last !== undefined && (last.pending || now < last.at + rest)) return last.done;
    const { known = false, misses = 0 } = last ?? {};
    const read: Read = { at: now, pending: true, known, misses, done: Promise.resolve() };
    read.done = this.#fetch(namespace, name)
      .then((outcome) => {
        if (outcome !== 'unknown') read.known = true;
        if (outcome === 'present') read.misses = 0;
        if (outcome === 'missing') this.#lookAgain(namespace, name, (read.misses += 1));
      })
      .finally(() => {
        read.pending = false;
      });
    this.#reads.set(key, read);
    return read.done;
  }

  #lookAgain(namespace: string, name: string, misses: number): void {
    const signal = this.#signal;
    const ms = MISSING_MS[misses - 1];
    if (ms === undefined || signal === undefined) return;
    this.#options.clock.sleep(ms, signal).then(
      () => this.read(namespace, name),
      // Only the end of everything breaks a sleep off.
      () => undefined,
    );
  }

  async #fetch(namespace: string, name: string): Promise<'present' | 'missing' | 'unknown'> {
    const { api, log, found } = this.#options;
    const signal = this.#signal;
    if (signal === undefined) return 'unknown';
    try {
      const path = `${secretsPath(namespace)}/${encodeURIComponent(name)}`;
      const item = secretItemOf(await api.call({ method: 'GET', path }, signal));
      found(namespace, name, item?.values);
      return 'present';
    } catch (error) {
      // One that may not be read is as good as none: the condition of who needs it says so. Any other trouble changes nothing.
      if (error instanceof ApiError && (error.status === 404 || error.status === 403)) {
        found(namespace, name, undefined);
        return 'missing';
      }
      if (!signal.aborted) log.warn({ namespace, secret: name, error }, 'a Secret could not be read');
      return 'unknown';
    }
  }
}

const id = (namespace: string, name: string): string => `${namespace}/${name}`;

export function secretItemOf(object: unknown): SecretItem | undefined {
  const { metadata, data } = member(object);
  const { name } = member(metadata);
  if (typeof name !== 'string') return undefined;
  const values = Object.entries(member(data)).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, new Secret(Buffer.from(value, 'base64').toString('utf8'))] as const] : [],
  );
  return { name, values: Object.fromEntries(values) };
}

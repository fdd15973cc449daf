import type { Clock } from '../../core/clock.ts';
import { sha256 } from '../../core/hash.ts';
import type { Resource } from '../../core/resource.ts';
import { minutes, seconds, timestamp } from '../../core/time.ts';
import type { Logger } from '../../observability/log.ts';
import type { HostEvent } from '../host.ts';
import type { Api } from './api.ts';
import { ApiError } from './api-error.ts';

export const REPORTING_CONTROLLER = 'agora-reconciler.dev/controller';

export interface EventWriterOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of this process: the Pod's name. */
  readonly instance: string;
  readonly random: () => number;
}

interface Waiting {
  readonly resource: Resource;
  readonly event: HostEvent;
  readonly at: number;
}

interface Written {
  readonly path: string;
  count: number;
  at: number;
}

const MOST_WAITING = 1_000;
const MOST_REMEMBERED = 1_000;
/** An event that comes again within it is counted at the one that is there. */
const SERIES_MS = minutes(6);
/** Of `note`, as the API allows. */
const LONGEST_NOTE = 1_024;
const ATTEMPTS = 3;
/** So many at once, then so many a second: a rollout of thousands is not to crowd out the writes that it waits for. */
const BURST = 50;
const PER_SECOND = 20;
const WAIT_MS = seconds(1);

/** Writes events one after the other, best effort: what finds no room or no server is dropped and counted. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #waiting: Waiting[] = [];
  readonly #written = new Map<string, Written>();
  #wake: (() => void) | undefined;
  #dropped = 0;
  /** When the next event may be written; lies behind the present by what may be written at once. */
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(resource: Resource, event: HostEvent): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push({ resource, event, at: this.#options.clock.now() });
    this.#wake?.();
  }

  /** Writes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#paced(signal);
      const next = signal.aborted ? undefined : this.#waiting.shift();
      if (next !== undefined) await this.#write(next, signal);
      else await this.#nextOne(signal);
    }
  }

  /** Writes what waits, at the end of the process. */
  async drain(signal: AbortSignal): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined && !signal.aborted; next = this.#waiting.shift()) {
      await this.#write(next, signal);
    }
  }

  /** Waits where too many were written of late. */
  async #paced(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const now = clock.monotonic();
    const everyMs = seconds(1) / PER_SECOND;
    this.#freeAt = Math.max(this.#freeAt, now - BURST * everyMs);
    if (this.#waiting.length === 0) return;
    if (this.#freeAt > now) await clock.sleep(this.#freeAt - now, signal).catch(() => undefined);
    this.#freeAt += everyMs;
  }

  #nextOne(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  async #write(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#send(waiting, signal);
        return;
      } catch (error) {
        if (signal.aborted) {
          // For `drain`.
          this.#waiting.unshift(waiting);
          return;
        }
        // What the server refuses it refuses again.
        const isFinal = error instanceof ApiError && error.status < 500;
        if (isFinal || attempt >= ATTEMPTS) {
          this.#dropped += 1;
          log.debug({ reason: waiting.event.reason, error }, 'an event was dropped');
          return;
        }
        await clock.sleep(WAIT_MS, signal).catch(() => undefined);
      }
    }
  }

  async #send(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#options;
    const { resource, event } = waiting;
    const same = sha256([resource.metadata.uid, event.type, event.reason, event.note].join('\u0000'), 32);
    const earlier = this.#written.get(same);
    if (earlier !== undefined && clock.now() < earlier.at + SERIES_MS) {
      earlier.count += 1;
      earlier.at = clock.now();
      if (await this.#countOneMore(earlier, waiting, signal)) return;
    }
    const { namespace } = resource.metadata;
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    const name = `${resource.metadata.name.slice(0, 200)}.${this.#suffix()}`;
    await api.call({ method: 'POST', path, body: this.#body(waiting, name) }, signal);
    this.#remember(same, { path: `${path}/${encodeURIComponent(name)}`, count: 1, at: clock.now() });
  }

  /** False where the first one is gone by now. */
  async #countOneMore({ path, count }: Written, { at }: Waiting, signal: AbortSignal): Promise<boolean> {
    const body = { series: { count, lastObservedTime: microTime(at) } };
    try {
      await this.#options.api.call({ method: 'PATCH', path, type: 'application/merge-patch+json', body }, signal);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  #body({ resource, event, at }: Waiting, name: string): unknown {
    const { metadata, apiVersion, kind } = resource;
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: metadata.namespace, name },
      eventTime: microTime(at),
      reportingController: REPORTING_CONTROLLER,
      reportingInstance: this.#options.instance.slice(0, 128),
      action: event.reason,
      reason: event.reason,
      type: event.type,
      note: event.note.slice(0, LONGEST_NOTE),
      regarding: {
        apiVersion,
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
    };
  }

  #remember(same: string, written: Written): void {
    this.#written.delete(same);
    this.#written.set(same, written);
    if (this.#written.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#written.keys();
    if (oldest !== undefined) this.#written.delete(oldest);
  }

  #suffix(): string {
    const { clock, random } = this.#options;
    return `${clock.now().toString(16)}${Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
  }
}

/** How `MicroTime` is written. */
export const microTime = (at: number): string => timestamp(at).replace(/(\.\d{3})Z$/, '$1000Z');

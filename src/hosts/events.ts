import { type Key, keyOf, type Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { type Timestamp, timestamp } from '../core/time.ts';
import type { HostEvent } from './host.ts';

export interface RecordedEvent extends HostEvent {
  readonly at: Timestamp;
  readonly key: Key;
}

const KEPT = 1_000;

/** The latest events, for hosts that have no API server to keep them. */
export class EventLog {
  readonly #now: () => Instant;
  readonly #told: ((event: RecordedEvent) => void) | undefined;
  #events: RecordedEvent[] = [];

  constructor(now: () => Instant, told: ((event: RecordedEvent) => void) | undefined) {
    this.#now = now;
    this.#told = told;
  }

  add(resource: Resource, { type, reason, note }: HostEvent): void {
    const event: RecordedEvent = { at: timestamp(this.#now()), key: keyOf(resource), type, reason, note };
    this.#events.push(event);
    if (this.#events.length > 2 * KEPT) this.#events = this.#events.slice(-KEPT);
    this.#told?.(event);
  }

  /** Oldest first. */
  latest(): readonly RecordedEvent[] {
    return this.#events.slice(-KEPT);
  }
}

import type { Key } from '../core/resource.ts';
import { type Instant, seconds } from '../core/time.ts';
import type { PageReport } from '../kinds/evidence.ts';

/** A report that says what the last one said is told at most so often: each one costs a pass. Heartbeats are rarer. */
const SAME_AGAIN_MS = seconds(3);

interface Told {
  readonly at: Instant;
  readonly what: string;
}

/** Which reports are worth telling: what differs from the last one, and a heartbeat now and then. */
export class PageTells {
  readonly #most: number;
  readonly #last = new Map<Key, Told>();

  constructor(most: number) {
    this.#most = most;
  }

  isNews(key: Key, { attempt, load, state, faults, receivedAt }: PageReport, heartbeatSeconds: number): boolean {
    const againMs = Math.min(SAME_AGAIN_MS, seconds(heartbeatSeconds) / 2);
    const what = [attempt, load, state, ...faults].join('\n');
    const last = this.#last.get(key);
    if (last?.what === what && Math.abs(receivedAt - last.at) < againMs) return false;
    this.#last.delete(key);
    const [oldest] = this.#last.keys();
    if (this.#last.size >= this.#most && oldest !== undefined) this.#last.delete(oldest);
    this.#last.set(key, { at: receivedAt, what });
    return true;
  }
}

import type { Clock } from '../core/clock.ts';
import type { InboundAnswer } from '../core/inbound.ts';
import { within } from '../core/within.ts';
import type { Message, Post } from './post.ts';

/** The cloud's only way to tell somebody something unasked: open while it is run, and empty when that ends. */
export class Outbox {
  readonly #clock: Clock;
  readonly #post: Post | undefined;
  readonly #pending = new Set<Promise<void>>();
  #signal: AbortSignal | undefined;

  constructor(clock: Clock, post: Post | undefined) {
    this.#clock = clock;
    this.#post = post;
  }

  get isOpen(): boolean {
    return this.#post !== undefined && this.#signal?.aborted === false;
  }

  /** Open while `work` goes on; ends when nothing is on its way any more. */
  async during(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await work(signal);
    await Promise.all(this.#pending);
    this.#signal = undefined;
  }

  /** Sends once and tells what came back; undefined where nothing did. Nothing is told once the box is closed. */
  send(message: Message, timeoutMs: number, answered: (answer: InboundAnswer | undefined) => void): void {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) return;
    const sent = this.post(message, timeoutMs, signal).then((answer) => {
      this.#pending.delete(sent);
      if (!signal.aborted) answered(answer);
    });
    this.#pending.add(sent);
  }

  async post(message: Message, timeoutMs: number, signal: AbortSignal): Promise<InboundAnswer | undefined> {
    const post = this.#post;
    if (post === undefined) return undefined;
    // A receiver that cannot be reached is what this is for; how it failed makes no difference to the sender.
    return within({ clock: this.#clock, ms: timeoutMs, signal }, (deadline) => post(message, deadline)).catch(
      () => undefined,
    );
  }
}

import type { NoticeProduct } from './notice.ts';

/** `told` to a resource · `duplicate` · `unknown`: of no task here, or a health check · the rest was refused. */
export type NoticeOutcome = 'told' | 'duplicate' | 'unknown' | 'bad-signature' | 'unreadable';

export interface NoticeCount {
  /** `none` where it was refused before it was read. */
  readonly product: NoticeProduct | 'none';
  /** One of Agora's event types, `other`, or `none`. */
  readonly event: string;
  readonly outcome: NoticeOutcome;
  readonly count: number;
}

/** Reference D.4 and D.5: each value of a label is one of these, whatever is sent. */
const EVENTS: Readonly<Record<NoticeProduct, ReadonlySet<number>>> = {
  recording: new Set([
    1, 2, 3, 4, 11, 12, 13, 30, 31, 32, 33, 40, 41, 42, 43, 44, 45, 60, 61, 70, 71, 72, 73, 80, 81, 90, 100, 1001,
  ]),
  'media-push': new Set([1, 2, 3, 4]),
  other: new Set(),
};

/** Counts notices by labels that take few values. */
export class NoticeCounts {
  readonly #counts = new Map<string, NoticeCount>();

  add(outcome: NoticeOutcome, notice?: { readonly product: NoticeProduct; readonly eventType: number }): void {
    const product = notice?.product ?? 'none';
    const event =
      notice === undefined ? 'none' : EVENTS[notice.product].has(notice.eventType) ? `${notice.eventType}` : 'other';
    const label = `${product} ${event} ${outcome}`;
    const count = (this.#counts.get(label)?.count ?? 0) + 1;
    this.#counts.set(label, { product, event, outcome, count });
  }

  rows(): readonly NoticeCount[] {
    return [...this.#counts.values()];
  }
}

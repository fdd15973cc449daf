import { sha256 } from '../core/hash.ts';
import type { Notice } from './notice.ts';

/** Of the notices of a day with many tasks; some 100 bytes each. */
const REMEMBERED = 20_000;

/** What was received before: bounded, the oldest is forgotten first. A repeat of what was forgotten is told once more, which is harmless. */
export class Repeats {
  readonly #seen = new Set<string>();
  readonly #most: number;

  constructor(most = REMEMBERED) {
    this.#most = most;
  }

  get size(): number {
    return this.#seen.size;
  }

  has(marks: readonly string[]): boolean {
    return marks.some((mark) => this.#seen.has(mark));
  }

  add(marks: readonly string[]): void {
    for (const mark of marks) this.#seen.add(mark);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= this.#most) break;
      this.#seen.delete(oldest);
    }
  }

  delete(marks: readonly string[]): void {
    for (const mark of marks) this.#seen.delete(mark);
  }
}

/**
 * By what a repeat is known (reference D.3): the notice ID, and, since doubled delivery may give each its own, what the
 * notice is about. More than D.3 names goes into it, so that no other event is taken for a repeat: a recording may count
 * anew under another uid after a failover, and `lts` counts in seconds, within which a state may change twice.
 * `scope` keeps senders apart: none can use up another's IDs.
 */
export function marksOf(scope: string, { product, eventType, noticeId, evidence }: Notice): readonly string[] {
  const marks: (readonly unknown[])[] = [];
  if (noticeId !== undefined) marks.push(['id', product, noticeId]);
  if (evidence?.source === 'recording-notice' && evidence.sequence !== undefined && evidence.sid !== '')
    marks.push(['recording', evidence.sid, evidence.uid, evidence.sequence, eventType]);
  if (evidence?.source === 'converter-notice' && evidence.at !== evidence.receivedAt)
    marks.push(['converter', evidence.converterId, eventType, evidence.at, evidence.event, evidence.requestId]);
  return marks.map((mark) => sha256(JSON.stringify([scope, ...mark]), 24));
}

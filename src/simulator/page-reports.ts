import type { InboundAnswer } from '../core/inbound.ts';
import type { Subject } from './fault-rules.ts';
import type { Faults } from './faults.ts';
import type { Outbox } from './outbox.ts';

/** How the reports of watched pages fared. */
export interface ReportCounts {
  readonly sent: number;
  /** By status; `none` where no answer came. */
  readonly answers: Readonly<Record<string, number>>;
}

/** What the watch script of a page posts. */
export interface Report {
  readonly token: string;
  /** Another one after each load of the page. */
  readonly load: string;
  readonly state: 'loading' | 'ready';
  readonly faults: readonly string[];
}

const TIMEOUT_MS = 10_000;

/** Carries the reports of watched pages to whoever watches them. */
export class PageReports {
  readonly #faults: Pick<Faults, 'forReceiver'>;
  readonly #outbox: Outbox;
  readonly #url: string | undefined;
  #sent = 0;
  readonly #answers: Record<string, number> = {};

  /** `url`: where pages find the watch script's endpoint; without one no page has the script in it. */
  constructor(faults: Pick<Faults, 'forReceiver'>, outbox: Outbox, url: string | undefined) {
    this.#faults = faults;
    this.#outbox = outbox;
    this.#url = url;
  }

  get counts(): ReportCounts {
    return { sent: this.#sent, answers: { ...this.#answers } };
  }

  get isOpen(): boolean {
    return this.#url !== undefined && this.#outbox.isOpen;
  }

  send(
    report: Report,
    sender: { readonly subject: Subject; readonly from: string },
    answered: (answer: InboundAnswer | undefined) => void,
  ): void {
    const url = this.#url;
    if (url === undefined || !this.#outbox.isOpen) return;
    this.#sent += 1;
    const note = (answer: InboundAnswer | undefined): void => {
      const status = answer?.status ?? 'none';
      this.#answers[status] = (this.#answers[status] ?? 0) + 1;
      answered(answer);
    };
    if (this.#faults.forReceiver('reports', sender.subject) !== undefined) {
      note(undefined);
      return;
    }
    // As text, so that a browser asks nobody's leave first.
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin: 'https://stage.example.com' };
    this.#outbox.send({ url, headers, body: JSON.stringify(report), from: sender.from }, TIMEOUT_MS, note);
  }
}

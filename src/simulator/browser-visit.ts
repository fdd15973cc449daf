import type { Instant } from '../core/time.ts';
import type { BrowserPage, PageBrowser } from './browser.ts';
import type { Visit, VisitParts } from './page-visit.ts';

/** The page in a real browser, which knows no time but the machine's; what goes wrong with it is the page's own affair. */
export class BrowserVisit implements Visit {
  readonly #parts: VisitParts;
  readonly #browser: PageBrowser;
  #page: BrowserPage | undefined;
  #isNotified = false;
  #isClosed = false;
  readyAt: Instant = Number.POSITIVE_INFINITY;

  constructor(parts: VisitParts, browser: PageBrowser) {
    this.#parts = parts;
    this.#browser = browser;
    const { world, entry, settings } = parts;
    const { readyTimeoutMs } = settings;
    if (readyTimeoutMs === 0) this.#readyFrom(entry.createdAt + world.timings.readyMs);
    else {
      this.#unlessNotified(entry.createdAt + readyTimeoutMs, (at) => {
        parts.told.reloaded(at, 'page_load_timeout');
        this.#page?.reload();
      });
      this.#unlessNotified(entry.createdAt + 2 * readyTimeoutMs, (at) => parts.told.failed(at, 4));
    }
    this.reopen();
  }

  /** Faults of pages are faults of the model. */
  replace(): boolean {
    return false;
  }

  suffer(): boolean {
    return false;
  }

  reload(): boolean {
    this.#page?.reload();
    return this.#page !== undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.interrupt();
  }

  interrupt(): void {
    this.#page?.close();
    this.#page = undefined;
  }

  reopen(): void {
    const { world, entry, settings, told } = this.#parts;
    this.#page = this.#browser.open(settings.url, {
      loaded: (status) => {
        if (!this.#isClosed && (status === undefined || status >= 400)) told.failed(world.now(), 5);
      },
      notified: () => {
        if (this.#isNotified || settings.readyTimeoutMs === 0) return;
        this.#isNotified = true;
        this.#readyFrom(Math.max(world.now(), entry.createdAt + world.timings.readyMs));
      },
    });
  }

  #readyFrom(at: Instant): void {
    this.readyAt = at;
    this.#parts.world.agenda.plan(at, (when) => {
      if (!this.#isClosed) this.#parts.told.ready(when);
    });
  }

  #unlessNotified(at: Instant, run: (at: Instant) => void): void {
    this.#parts.world.agenda.plan(at, (when) => {
      if (!this.#isNotified && !this.#isClosed) run(when);
    });
  }
}

import type { Instant } from '../core/time.ts';
import type { Entry } from './ledger.ts';
import { PageScript, type Trouble, tokenOf } from './page-script.ts';
import type { RecordingSettings } from './start-request.ts';
import type { Page, World } from './world.ts';

/** What a recorder has of the page that it opened. */
export interface Visit {
  /** When recording began; endless until that is known. */
  readonly readyAt: Instant;
  /** For faults, at the very opening: false where this page cannot be replaced by that one. */
  replace(page: Page, at: Instant): boolean;
  /** False where nobody watches the page, so that nobody would notice. */
  suffer(trouble: Trouble, at: Instant, forMs: number | undefined): boolean;
  /** The page loads itself once more. */
  reload(at: Instant): boolean;
  /** The recorder leaves it for good. */
  close(): void;
  /** Its server fails; `reopen`: another one opens the page anew. */
  interrupt(): void;
  reopen(at: Instant): void;
}

/** What the recorder is told of its page. */
export interface VisitTold {
  /** All of it is there, or nobody asked: recording begins. */
  ready(at: Instant): void;
  /** By Agora: event 73. */
  reloaded(at: Instant, reason: 'audio_silence' | 'page_load_timeout'): void;
  /** Event 71: not ready after the reload, or not to be had. */
  failed(at: Instant, code: 4 | 5): void;
}

export interface VisitParts {
  readonly world: World;
  readonly entry: Entry;
  readonly settings: RecordingSettings;
  readonly told: VisitTold;
}

/** The page as a model, in the cloud's own time (reference B.11). */
export class PageVisit implements Visit {
  readonly #world: World;
  readonly #settings: RecordingSettings;
  readonly #told: VisitTold;
  /** Of a page that is watched. */
  readonly #script: PageScript | undefined;
  readonly #openedAt: Instant;
  #page: Page;
  /** The latest plan: what an earlier one would do is void. */
  #planned = 0;
  readyAt: Instant = Number.POSITIVE_INFINITY;

  constructor({ world, entry, settings, told }: VisitParts) {
    this.#world = world;
    this.#settings = settings;
    this.#told = told;
    this.#page = world.page(settings.url);
    const token = world.pageReports.isOpen ? tokenOf(settings.url) : undefined;
    this.#script = token === undefined ? undefined : new PageScript(world, entry, token);
    this.#openedAt = entry.createdAt;
    this.#plan(this.#openedAt);
  }

  replace(page: Page, at: Instant): boolean {
    if (at > this.#openedAt) return false;
    const isSeen = page.status !== undefined || this.#settings.readyTimeoutMs > 0 || this.#script !== undefined;
    if (!isSeen) return false;
    this.#page = page;
    this.#plan(at);
    return true;
  }

  suffer(trouble: Trouble, at: Instant, forMs: number | undefined): boolean {
    if (this.#script?.suffer(trouble, at, forMs) !== true) return false;
    // Agora itself reloads a page that went silent.
    if (trouble.in === 'audio') this.#reloadedByAgora(at, 'audio_silence');
    return true;
  }

  reload(at: Instant): boolean {
    return this.#script?.reload(at, this.#afterReloadMs) === true;
  }

  close(): void {
    this.#planned += 1;
    this.#script?.close();
  }

  interrupt(): void {
    this.#script?.close();
  }

  reopen(at: Instant): void {
    this.#script?.open(at, this.#page.readyAfterMs);
  }

  get #afterReloadMs(): number | undefined {
    return this.#page.readyAfterReloadMs ?? this.#page.readyAfterMs;
  }

  #reloadedByAgora(at: Instant, reason: 'audio_silence' | 'page_load_timeout'): void {
    this.#told.reloaded(at, reason);
    this.#script?.open(at, this.#afterReloadMs);
  }

  #plan(at: Instant): void {
    const plan = ++this.#planned;
    const later = (due: Instant, run: (at: Instant) => void): void =>
      this.#world.agenda.plan(due, (when) => {
        if (this.#planned === plan) run(when);
      });
    const { readyMs, startingMs } = this.#world.timings;
    const { readyAfterMs = Number.POSITIVE_INFINITY, status = 200 } = this.#page;
    const { readyTimeoutMs } = this.#settings;
    this.readyAt = at + readyMs;
    if (status >= 400) {
      this.#script?.close();
      this.readyAt = Number.POSITIVE_INFINITY;
      later(at + startingMs, (when) => this.#told.failed(when, 5));
      return;
    }
    this.#script?.open(at, this.#page.readyAfterMs);
    if (readyTimeoutMs > 0 && readyAfterMs > readyTimeoutMs) {
      later(at + readyTimeoutMs, (when) => this.#reloadedByAgora(when, 'page_load_timeout'));
      const afterReloadMs = this.#afterReloadMs ?? Number.POSITIVE_INFINITY;
      if (afterReloadMs > readyTimeoutMs) {
        this.readyAt = Number.POSITIVE_INFINITY;
        later(at + 2 * readyTimeoutMs, (when) => this.#told.failed(when, 4));
        return;
      }
      this.readyAt = Math.max(this.readyAt, at + readyTimeoutMs + afterReloadMs);
    } else if (readyTimeoutMs > 0) {
      this.readyAt = Math.max(this.readyAt, at + readyAfterMs);
    }
    later(this.readyAt, (when) => this.#told.ready(when));
  }
}

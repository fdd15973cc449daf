import { sha256 } from '../core/hash.ts';
import type { InboundAnswer } from '../core/inbound.ts';
import type { Instant } from '../core/time.ts';
import { isObject, parseJson } from './json.ts';
import type { Entry } from './ledger.ts';
import type { Report } from './page-reports.ts';
import type { World } from './world.ts';

/** What goes wrong in a page that is open; what the script says of it depends on what it was asked to watch. */
export type Trouble =
  | { readonly in: 'element'; readonly element?: string }
  | { readonly in: 'video' | 'audio' | 'script' };

/** What the answer to a report asks of the script. */
interface Asked {
  readonly heartbeatMs: number;
  readonly elements: readonly string[];
  readonly media: boolean;
}

/** Until the first answer. */
const UNTOLD: Asked = { heartbeatMs: 15_000, elements: [], media: false };

/** The token that a page's address carries for the watch script, in its query or its fragment. */
export const tokenOf = (url: string): string | undefined => {
  const found = /[?#&]agoraPageToken=([^&#]+)/.exec(url)?.[1];
  return found === undefined ? undefined : decodeURIComponent(found);
};

/**
 * The watch script in the page of one recording, as a model in virtual time: it reports that it loads, that it is ready,
 * and then at each heartbeat what is not as it was asked for.
 */
export class PageScript {
  readonly #world: World;
  readonly #entry: Entry;
  readonly #token: string;
  readonly #troubles = new Set<Trouble>();
  #asked = UNTOLD;
  /** Undefined while no page is open. */
  #load: string | undefined;
  #loads = 0;
  #readyAt: Instant = Number.POSITIVE_INFINITY;
  #isReady = false;
  /** The latest plan: an earlier one that comes due is void. */
  #planned = 0;
  #waits = false;

  constructor(world: World, entry: Entry, token: string) {
    this.#world = world;
    this.#entry = entry;
    this.#token = token;
  }

  /** The page is opened, or loaded anew. `readyAfterMs` undefined: nothing of it ever loads. */
  open(at: Instant, readyAfterMs: number | undefined): void {
    this.close();
    if (readyAfterMs === undefined) return;
    this.#loads += 1;
    this.#load = sha256(`${this.#entry.identity.id}/${this.#loads}`, 16);
    this.#readyAt = at + readyAfterMs;
    const { scriptMs } = this.#world.timings;
    this.#planReport(at + scriptMs);
    const load = this.#load;
    if (readyAfterMs > scriptMs)
      this.#world.agenda.plan(this.#readyAt, (when) => {
        if (this.#load === load) this.#report(when);
      });
  }

  close(): void {
    this.#load = undefined;
    this.#isReady = false;
    this.#planned += 1;
  }

  /** Loads the page once more, as a user or the recorder does. */
  reload(at: Instant, readyAfterMs: number | undefined): boolean {
    if (this.#load === undefined) return false;
    this.open(at, readyAfterMs);
    return true;
  }

  /** Lasts for `forMs`, or as long as the recording. */
  suffer(trouble: Trouble, at: Instant, forMs: number | undefined): boolean {
    if (this.#load === undefined) return false;
    this.#troubles.add(trouble);
    this.#report(at);
    if (forMs !== undefined)
      this.#world.agenda.plan(at + forMs, (when) => {
        this.#troubles.delete(trouble);
        this.#report(when);
      });
    return true;
  }

  #planReport(at: Instant): void {
    const plan = ++this.#planned;
    this.#world.agenda.plan(at, (when) => {
      if (plan === this.#planned) this.#report(when);
    });
  }

  #report(at: Instant): void {
    const load = this.#load;
    if (load === undefined || [...this.#troubles].some((trouble) => trouble.in === 'script')) return;
    this.#planReport(at + this.#asked.heartbeatMs);
    if (this.#waits) return;
    const faults = this.#faults(at);
    this.#isReady ||= at >= this.#readyAt && faults.length === 0 && this.#asked !== UNTOLD;
    const report: Report = { token: this.#token, load, state: this.#isReady ? 'ready' : 'loading', faults };
    const { id, appId, name } = this.#entry.identity;
    const subject = { product: 'recording' as const, appId, name, taskId: id };
    this.#waits = true;
    this.#world.pageReports.send(report, { subject, from: addressOf(id) }, (answer) => {
      this.#waits = false;
      this.#answered(answer, load);
    });
  }

  #answered(answer: InboundAnswer | undefined, load: string): void {
    if (answer?.status !== 200 || load !== this.#load) return;
    const before = this.#asked;
    const body = parseJson(answer.body);
    const { heartbeatSeconds, elements, media } = body.ok && isObject(body.value) ? body.value : {};
    this.#asked = {
      heartbeatMs: typeof heartbeatSeconds === 'number' ? heartbeatSeconds * 1_000 : UNTOLD.heartbeatMs,
      elements: Array.isArray(elements) ? elements.map(String) : [],
      media: media === true,
    };
    const now = this.#world.now();
    // What it has to wait for was not known before.
    if (before === UNTOLD && now >= this.#readyAt) this.#report(now);
    else if (before.heartbeatMs !== this.#asked.heartbeatMs) this.#planReport(now + this.#asked.heartbeatMs);
  }

  /** What is not as asked for, in the words of the script. */
  #faults(at: Instant): readonly string[] {
    const { elements, media } = this.#asked;
    const found = at < this.#readyAt ? elements.map((element) => `element: ${element}`) : [];
    for (const trouble of this.#troubles) {
      const element = trouble.in === 'element' ? (trouble.element ?? elements[0]) : undefined;
      if (element !== undefined && elements.includes(element)) found.push(`element: ${element}`);
      if (media && trouble.in === 'video') found.push('video: frozen');
      if (media && trouble.in === 'audio') found.push('audio: silent');
    }
    return [...new Set(found)];
  }
}

/** As if each page were opened from a server of its own (of the addresses of RFC 2544), so that a limit by address meets one page alone. */
const addressOf = (id: string): string =>
  `198.${18 + (Number.parseInt(id.slice(0, 1), 16) % 2)}.0.${Number.parseInt(id.slice(1, 3), 16)}`;

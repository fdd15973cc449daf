import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Inbound } from '../../src/core/inbound.ts';
import { realClock } from '../../src/engine/clock.ts';
import { pageWatch } from '../../src/ingress/page-watch.ts';
import { type IngressServer, startIngressServer } from '../../src/ingress/server.ts';
import { addressOf } from '../../src/kinds/recording/page-address.ts';
import type { PageWatch, RecordingSpec } from '../../src/kinds/recording/types.ts';
import { Play } from '../kinds/recording/play.ts';

/** Shorter than the schema allows: real pages take real time. */
const WATCH: PageWatch = {
  readyWithinSeconds: 90,
  heartbeatSeconds: 3,
  staleAfterSeconds: 15,
  elements: ['#stage video'],
  media: true,
  tokenIn: 'Query',
};
const LOOK_MS = 200;

export interface Opened {
  readonly watch?: Partial<PageWatch>;
  readonly path?: string;
  /** What a page server answers to a request for a path, with the address of the watch script. */
  readonly serve: (path: string, script: string, visit: number) => string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The ingress is not there for so long. */
  readonly ingressAfterMs?: number;
}

/**
 * One recording as the real `decide` sees it, the real ingress on a socket, and its page in a real browser, in real time.
 * The page comes from one origin and reports to another.
 */
export class WatchedPage {
  readonly play: Play;
  readonly page: Page;
  /** Requests to the ingress, as `METHOD /path status`. */
  readonly requests: string[] = [];
  /** What the page itself complained of. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;
  readonly #pages: Server;
  #ingress: IngressServer | undefined;
  readonly #began = performance.now();
  #isOpen = true;

  static async open(browser: Browser, opened: Opened): Promise<WatchedPage> {
    const context = await browser.newContext();
    // Agora's recorder has it; nobody else does.
    await context.addInitScript({
      content: 'window.notifyReadyCalls = 0; navigator.notifyReady = () => { window.notifyReadyCalls += 1; };',
    });
    const page = await context.newPage();
    return new WatchedPage(context, page).#begin(opened);
  }

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    this.play = new Play();
    this.#pages = createServer();
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  async #begin({ watch, path = '/stage', serve, headers = {}, ingressAfterMs = 0 }: Opened): Promise<this> {
    const { play } = this;
    let visits = 0;
    let script = '';
    this.#pages.on('request', (request, response) => {
      visits += 1;
      const body = serve(request.url ?? '', script, visits);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
    });
    const pagesPort = await listening(this.#pages);
    const port = await freePort();
    script = `http://127.0.0.1:${port}/page-watch.js`;
    const url = `http://127.0.0.1:${pagesPort}${path}`;
    play.resource = { ...play.resource, spec: { ...play.resource.spec, url, pageWatch: { ...WATCH, ...watch } } };
    play.run(0);
    const start = play.calls.find((call) => call.type === 'start')?.action;
    if (start?.type !== 'start') throw new Error('it was not started');
    const address = addressOf(play.resource, play.context(), start, url);
    if (ingressAfterMs === 0) await this.#listen(port);
    else setTimeout(() => void this.#listen(port), ingressAfterMs);
    await this.page.goto(address, { waitUntil: 'commit' });
    return this;
  }

  async #listen(port: number): Promise<void> {
    const { handle } = pageWatch({
      world: {
        get: () => this.play.resource,
        now: () => this.sync().now,
        tell: (_key, evidence) => {
          if (evidence.source === 'page') this.sync().report(evidence);
        },
      },
    });
    const noted: Inbound = async (request) => {
      const answer = await handle(request);
      this.requests.push(`${request.method} ${request.target} ${answer.status}`);
      return answer;
    };
    this.#ingress = await startIngressServer({
      address: { host: '127.0.0.1', port },
      handle: noted,
      clock: realClock(),
    });
  }

  /** The recording, brought to the present. */
  sync(): Play {
    const { play } = this;
    const behind = (performance.now() - this.#began) / 1_000 - play.at;
    if (this.#isOpen && behind > 0) play.run(behind);
    return play;
  }

  /** Looks again and again, until it is so, or the time is over. */
  async until(what: string, isSo: (play: Play) => boolean, withinMs = 180_000): Promise<void> {
    const end = performance.now() + withinMs;
    while (!isSo(this.sync())) {
      if (performance.now() >= end)
        throw new Error(
          `not within ${withinMs} ms: ${what}; ${this.play.ready} ${this.play.message} ${JSON.stringify(this.play.observation.page)} ${this.requests.slice(-3).join(' | ')}`,
        );
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  }

  async untilAlive(): Promise<void> {
    await this.until('alive', () => this.alive === 'True PageAlive');
  }

  /** The page has been judged lost: its recording is made anew. */
  async untilLost(): Promise<string> {
    await this.until('lost', (play) => play.calls.some((call) => call.type === 'stop'));
    return this.play.status.restarts?.lastReason ?? '';
  }

  /** It goes on as it is for so long. */
  async stays(forMs: number): Promise<void> {
    const end = performance.now() + forMs;
    await this.until('its time', () => performance.now() >= end);
  }

  get alive(): string {
    const { status, reason } = this.play.condition('PageAlive') ?? {};
    return `${status} ${reason}`;
  }

  get notifyReadyCalls(): Promise<number> {
    return this.page.evaluate<number>('window.notifyReadyCalls');
  }

  edit(watch: Partial<PageWatch>): void {
    const { spec } = this.play.resource;
    const edited: Partial<RecordingSpec> = { pageWatch: { ...WATCH, ...spec.pageWatch, ...watch } };
    this.sync().edit(edited);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#context.close();
    await this.#ingress?.close();
    this.#pages.closeAllConnections();
    await new Promise((done) => this.#pages.close(done));
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => server.close(done));
  return port;
}

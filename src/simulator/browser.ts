import type { Browser, BrowserContext, BrowserType, Page } from 'playwright-core';

/** Opens pages for real, as a recorder does. */
export interface PageBrowser {
  open(url: string, told: BrowserTold): BrowserPage;
  close(): Promise<void>;
}

export interface BrowserPage {
  reload(): void;
  close(): void;
}

export interface BrowserTold {
  /** What the page's address was answered; undefined where it cannot be reached. */
  loaded(status: number | undefined): void;
  /** The page called `navigator.notifyReady()`. */
  notified(): void;
}

/** Why there is no browser, for a person. */
export class BrowserError extends Error {
  override readonly name = 'BrowserError';
}

/** A recorder plays sound without anybody having clicked. It opens the pages of whoever runs it, and in a container there is no other user to be. */
const ARGUMENTS = ['--autoplay-policy=no-user-gesture-required', '--no-sandbox'];
const NOTIFIED = '__agoraNotifyReady';
/** The function exists inside the recorder alone; pages ask whether it is there. */
const NOTIFY_READY = `navigator.notifyReady = () => { window.${NOTIFIED}(); };`;
const VIEWPORT = { width: 1280, height: 720 };

/** Starts a headless Chromium. Throws a `BrowserError` where it cannot be. */
export async function startBrowser(executablePath: string): Promise<PageBrowser> {
  const { chromium } = await loadPlaywright();
  const options = { executablePath, args: ARGUMENTS, ignoreDefaultArgs: ['--mute-audio'] };
  const browser = await chromium.launch(options).catch((error: unknown) => {
    throw new BrowserError(`${executablePath} cannot be started as a headless Chromium`, { cause: error });
  });
  return {
    open(url, told) {
      const opened = visit(browser, url, told);
      // Closed in the middle of loading: it was left, or the browser ends.
      const act = (run: (visited: Visited) => Promise<unknown>): void =>
        void opened.then((visited) => visited && run(visited)).catch(() => undefined);
      return {
        reload: () => act(({ page }) => page.reload({ waitUntil: 'commit' })),
        close: () => act(({ context }) => context.close()),
      };
    },
    close: () => browser.close(),
  };
}

interface Visited {
  readonly context: BrowserContext;
  readonly page: Page;
}

async function visit(browser: Browser, url: string, told: BrowserTold): Promise<Visited | undefined> {
  try {
    const context = await browser.newContext({ viewport: VIEWPORT });
    await context.exposeFunction(NOTIFIED, () => told.notified());
    await context.addInitScript(NOTIFY_READY);
    const page = await context.newPage();
    const status = await page.goto(url, { waitUntil: 'commit' }).then(
      (answer) => answer?.status(),
      () => undefined,
    );
    told.loaded(status);
    return { context, page };
  } catch {
    told.loaded(undefined);
    return undefined;
  }
}

/** It need not be installed, and is loaded only here. */
async function loadPlaywright(): Promise<{ readonly chromium: BrowserType }> {
  try {
    return await import('playwright-core');
  } catch (error) {
    throw new BrowserError('real pages need playwright-core: npm install playwright-core', { cause: error });
  }
}

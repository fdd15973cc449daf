import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageScript } from '../../src/ingress/page-script.ts';
import { startChromium } from './chromium.ts';
import { type PageParts, page, STAGE_BODY } from './pages.ts';
import { type Opened, WatchedPage } from './watched-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => browser?.close());

type Parts = Omit<PageParts, 'watch'>;
const served = (parts: Parts) => (_path: string, script: string) => page({ ...parts, watch: `src="${script}"` });
const SCRIPT = readPageScript().text;
const SHOWING: Parts = { body: STAGE_BODY, script: 'stage.show(video);' };

async function opened(
  parts: Parts,
  more: Partial<Opened>,
  use: (watched: WatchedPage) => Promise<void>,
): Promise<void> {
  const watched = await WatchedPage.open(browser, { serve: served(parts), ...more });
  try {
    await use(watched);
    expect(watched.complaints.filter((each) => !each.startsWith('on purpose'))).toEqual([]);
  } finally {
    await watched.close();
  }
}

describe.concurrent('WR-8 a page that comes up', () => {
  it('WR-10 says so to Agora, once, and to the controller, and goes on reporting', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      expect(await watched.notifyReadyCalls).toBe(1);
      await watched.until('running', (play) => play.ready === 'True Running');
      await watched.stays(10_000);
      expect(watched.alive).toBe('True PageAlive');
      expect(watched.play.task?.attempt).toBe(1);
      expect(await watched.notifyReadyCalls).toBe(1);
      expect(watched.requests.filter((request) => request.startsWith('POST') && !request.endsWith('200'))).toEqual([]);
    });
  });

  it('late: not ready before its elements are seen and its video plays', async () => {
    const late: Parts = {
      body: '<div id="stage"></div>',
      script: `setTimeout(() => {
        const late = document.createElement('video');
        document.querySelector('#stage').append(late);
        setTimeout(() => stage.show(late), 1500);
      }, 1500);`,
    };
    await opened(late, {}, async (watched) => {
      await watched.stays(2_500);
      expect(watched.alive).toBe('False PageNotReady');
      expect(await watched.notifyReadyCalls).toBe(0);
      await watched.untilAlive();
      expect(await watched.notifyReadyCalls).toBe(1);
      expect(watched.play.task?.attempt).toBe(1);
    });
  });

  it('with a film from a file, which goes on after its end', async () => {
    await opened({ body: STAGE_BODY, script: 'stage.film(video);' }, {}, async (watched) => {
      await watched.untilAlive();
      await watched.stays(9_000);
      expect(watched.alive).toBe('True PageAlive');
    });
  });

  it('without media, where none are asked for', async () => {
    await opened(
      { body: '<h1 id="title">Hello</h1>' },
      { watch: { media: false, elements: ['#title', 'head > title'] } },
      async (watched) => {
        await watched.untilAlive();
      },
    );
  });

  it.each<[string, string]>([
    ['with a token in a route', ''],
    [
      'with a token in a route that a router has rewritten',
      `<script>history.replaceState(null, '', '/stage');</script>`,
    ],
  ])('%s', async (_what, head) => {
    await opened({ ...SHOWING, head }, { path: '/stage#/hall', watch: { tokenIn: 'Fragment' } }, async (watched) => {
      await watched.untilAlive();
      if (head === '') expect(watched.page.url()).toContain('/stage#/hall?agoraPageToken=v1.');
    });
  });

  it('though the controller comes up later', async () => {
    await opened(SHOWING, { serve: fromPage, ingressAfterMs: 8_000 }, async (watched) => {
      await watched.untilAlive();
      expect(watched.play.task?.attempt).toBe(1);
    });
  });

  it('though the controller cannot be reached: Agora is told all the same, so that its outage ends no recording', async () => {
    const nobody: Opened['serve'] = (path, script, visit) =>
      fromPage(path, script, visit).replace(script.replace('.js', ''), 'http://127.0.0.1:9/page-watch');
    await opened(SHOWING, { serve: nobody }, async (watched) => {
      await watched.page.waitForFunction('window.notifyReadyCalls === 1', undefined, { timeout: 120_000 });
      expect(watched.alive).toBe('False PageNotReady');
    });
  });

  it('asks for what the declaration asks by then', async () => {
    await opened(SHOWING, { watch: { elements: ['#stage video', '#later'] } }, async (watched) => {
      await watched.stays(3_000);
      expect(watched.alive).toBe('False PageNotReady');
      watched.edit({ elements: ['#stage video'] });
      await watched.untilAlive();
    });
  });
});

/** The script comes from the page's own server, and its tag names the endpoint. */
const fromPage: Opened['serve'] = (path, script) =>
  path === '/own.js'
    ? SCRIPT
    : page({ ...SHOWING, watch: `src="/own.js" data-endpoint="${script.replace('.js', '')}"` });

describe.concurrent('WR-9 a page that does not come up', () => {
  it.each<[string, Parts]>([
    ['never has its elements', { body: '<div id="stage"></div>' }],
    ['has them, but not to be seen', { ...SHOWING, body: `<div style="display:none">${STAGE_BODY}</div>` }],
    ['never plays', { body: STAGE_BODY }],
    [
      'fails in its scripts before it plays',
      { body: STAGE_BODY, script: `throw new Error('on purpose'); stage.show(video);` },
    ],
  ])('%s', async (_what, parts) => {
    await opened(parts, { watch: { readyWithinSeconds: 12 } }, async (watched) => {
      expect(await watched.untilLost()).toBe('the page was not ready within 12 s');
      expect(await watched.notifyReadyCalls).toBe(0);
      // Its token names an attempt that is over.
      await watched.until('refused', () => watched.requests.some((request) => request.endsWith('403')));
    });
  });
});

/** The script looks each half second, and sound alone makes a page ready: only what it saw move can stand still. */
const SEEN_TO_MOVE_MS = 2_000;

describe.concurrent('WR-12 a page that breaks', () => {
  it.each<[string, string, string, 'lost'?]>([
    ['loses its video', 'video.remove();', 'element: #stage video, media: failed', 'lost'],
    ['hides its video', `video.style.display = 'none';`, 'element: #stage video'],
    ['stops its video', 'video.pause();', 'media: failed'],
    ['has a picture that stands still', 'stage.freeze();', 'video: frozen', 'lost'],
    ['falls silent', 'stage.hush(video);', 'audio: silent', 'lost'],
    ['is muted', 'video.muted = true;', 'audio: silent'],
    ['plays what cannot be played', `video.srcObject = null; video.src = '/nothing.mp4';`, 'media: failed'],
  ])('%s', async (_what, script, fault, end) => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      await watched.stays(SEEN_TO_MOVE_MS);
      await watched.page.addScriptTag({ content: script });
      await watched.until('faulty', () => watched.alive === 'False PageFaulty');
      await watched.until('said', (play) => play.message === `the page reports: ${fault}`);
      expect(watched.play.ready).toBe('False PageFaulty…');
      if (end === 'lost') expect(await watched.untilLost()).toBe(`the page had faults for 15 s: ${fault}`);
    });
  });

  it('a film that stops', async () => {
    await opened({ body: STAGE_BODY, script: 'stage.film(video);' }, {}, async (watched) => {
      await watched.untilAlive();
      await watched.page.addScriptTag({ content: 'video.loop = false;' });
      await watched.until('faulty', (play) => play.message === 'the page reports: media: failed');
    });
  });

  it('and recovers', async () => {
    await opened(SHOWING, { watch: { staleAfterSeconds: 60 } }, async (watched) => {
      await watched.untilAlive();
      await watched.page.addScriptTag({ content: 'video.pause();' });
      await watched.until('faulty', () => watched.alive === 'False PageFaulty');
      await watched.page.addScriptTag({ content: 'video.play();' });
      await watched.untilAlive();
      expect(watched.play.task?.attempt).toBe(1);
    });
  });

  it('its scripts fail all the time, and all else is well', async () => {
    const failing: Parts = {
      ...SHOWING,
      script: `${SHOWING.script} setInterval(() => { throw new Error('on purpose'); }, 300); setInterval(() => Promise.reject(new Error('on purpose')), 300);`,
    };
    await opened(failing, {}, async (watched) => {
      await watched.untilAlive();
      await watched.until('told', (play) => play.observation.page?.scriptErrors === true);
      await watched.stays(8_000);
      expect(watched.alive).toBe('True PageAlive');
    });
  });

  it('of two videos one stands still: the page is as it was; named, it is not', async () => {
    const two: Parts = {
      body: `${STAGE_BODY}<video id="second" autoplay width="160" height="90"></video>`,
      script: `stage.show(video); const second = document.querySelector('#second');
        second.srcObject = video.srcObject.clone();
        setTimeout(() => { second.pause(); }, 6000);`,
    };
    await opened(two, {}, async (watched) => {
      await watched.untilAlive();
      await watched.stays(12_000);
      expect(watched.alive).toBe('True PageAlive');
      expect(watched.play.task?.attempt).toBe(1);
    });
    await opened(two, { watch: { elements: ['#stage video', '#second'] } }, async (watched) => {
      await watched.untilAlive();
      await watched.until('faulty', (play) => play.message === 'the page reports: media: failed');
    });
  });
});

describe.concurrent('WR-9 a page that falls silent', () => {
  it('is closed', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      await watched.page.goto('about:blank');
      await watched.until('silent', () => watched.alive === 'False PageStale');
      expect(await watched.untilLost()).toBe('no good report of the page for 15 s');
    });
  });

  it('hangs', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      const busy = watched.page.evaluate('for (const end = Date.now() + 60000; Date.now() < end; );');
      busy.catch(() => undefined);
      expect(await watched.untilLost()).toBe('no good report of the page for 15 s');
    });
  });
});

describe.concurrent('WR-9 a page that is loaded anew', () => {
  it('goes on', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      const before = watched.play.observation.page?.load;
      await watched.page.reload();
      await watched.until(
        'anew',
        (play) => play.observation.page?.load !== before && watched.alive === 'True PageAlive',
      );
      await watched.stays(6_000);
      expect(watched.alive).toBe('True PageAlive');
      expect(watched.play.task?.attempt).toBe(1);
      expect(await watched.notifyReadyCalls).toBe(1);
    });
  });

  it('and does not come up again', async () => {
    const once: Opened['serve'] = (_path, script, visit) =>
      page({ ...(visit === 1 ? SHOWING : { body: '<div id="stage"></div>' }), watch: `src="${script}"` });
    await opened(SHOWING, { serve: once, watch: { readyWithinSeconds: 30 } }, async (watched) => {
      await watched.untilAlive();
      await watched.page.reload();
      expect(await watched.untilLost()).toBe('the page was loaded anew and was not ready within 30 s');
    });
  });

  it('goes elsewhere on its site, where no token is in the address, and comes back', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      const load = (): string | undefined => watched.play.observation.page?.load;
      const first = load();
      await watched.page.evaluate(`location.href = '/elsewhere'`);
      await watched.until('elsewhere', () => load() !== first && watched.alive === 'True PageAlive');
      const second = load();
      await watched.page.goBack();
      await watched.until('back', () => load() !== second && watched.alive === 'True PageAlive');
      expect(watched.play.task?.attempt).toBe(1);
    });
  });
});

describe.concurrent('WR-8 the script disturbs nobody', () => {
  it('does nothing where the address carries no token', async () => {
    const watched = await WatchedPage.open(browser, { serve: served(SHOWING) });
    try {
      const other = await browser.newPage();
      const [address = ''] = watched.page.url().split('?');
      await other.goto(address);
      const keys = await other.evaluate('Object.keys(sessionStorage)');
      const before = watched.requests.length;
      expect(keys).toEqual([]);
      await other.close();
      expect(before).toBeGreaterThan(0);
    } finally {
      await watched.close();
    }
  });

  it('twice in a page it reports once', async () => {
    const twice: Opened['serve'] = (_path, script) =>
      page({ ...SHOWING, head: `<script src="${script}"></script>`, watch: `src="${script}"` });
    await opened(SHOWING, { serve: twice }, async (watched) => {
      await watched.untilAlive();
      const from = watched.requests.length;
      await watched.stays(6_000);
      expect(watched.requests.length - from).toBeLessThanOrEqual(3);
    });
  });

  it('a page whose fetch is its own, and that allows what the operations page says', async () => {
    const policy = (ingress: string): Readonly<Record<string, string>> => ({
      'content-security-policy': `default-src 'self'; script-src 'unsafe-inline' ${ingress}; connect-src ${ingress}; media-src blob: mediastream:`,
    });
    await opened(SHOWING, { headers: policy('http://127.0.0.1:*') }, async (watched) => {
      await watched.untilAlive();
    });
  });

  it('a page that forbids to connect stays whole, and is not ready', async () => {
    const headers = { 'content-security-policy': `script-src 'unsafe-inline' http://127.0.0.1:*; connect-src 'none'` };
    await opened(SHOWING, { headers, watch: { readyWithinSeconds: 12 } }, async (watched) => {
      expect(await watched.untilLost()).toBe('the page was not ready within 12 s');
    });
  });

  it('leaves no name in the page', async () => {
    await opened(SHOWING, {}, async (watched) => {
      await watched.untilAlive();
      const names = await watched.page.evaluate('Object.keys(window).filter((name) => /agora|watch/i.test(name))');
      expect(names).toEqual([]);
    });
  });
});

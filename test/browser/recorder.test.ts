import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { realClock } from '../../src/engine/clock.ts';
import { BrowserError, type PageBrowser, startBrowser } from '../../src/simulator/browser.ts';
import { type Cloud, createCloud } from '../../src/simulator/cloud.ts';
import { basic } from '../../src/simulator/projects.ts';
import { Child, quickstart } from '../cli/child.ts';
import { APP, acquireBody, startBody } from '../simulator/rig.ts';
import { chromiumPath } from './chromium.ts';
import { page, STAGE_BODY } from './pages.ts';

const clock = realClock();
const never = new AbortController().signal;

async function until(what: string, reached: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await reached())) {
    if (performance.now() - began > 120_000) throw new Error(`not within two minutes: ${what}`);
    await clock.sleep(100, never);
  }
}

/** Serves pages; every request for one is kept. */
class Pages {
  readonly visits: string[] = [];
  readonly #server: Server;

  constructor(serve: (path: string, visit: number) => { readonly status?: number; readonly body: string }) {
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname !== '/favicon.ico') this.visits.push(pathname);
      const { status = 200, body } = serve(pathname, this.visits.length);
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(body);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

describe.concurrent('the simulated recorder opens real pages', () => {
  let browser: PageBrowser;
  let cloud: Cloud;
  let base = '';
  const READY = '<script>setTimeout(() => navigator.notifyReady(), 500)</script>';
  const pages = new Pages((path, visit) => {
    if (path === '/missing') return { status: 404, body: 'gone' };
    return { body: path === '/ready' || (path === '/second' && visit > 1) ? READY : 'nothing calls' };
  });
  const end = new AbortController();
  let running: Promise<void> | undefined;

  beforeAll(async () => {
    browser = await startBrowser(chromiumPath());
    base = await pages.listen();
    cloud = createCloud({
      clock,
      seed: 'browser',
      projects: [{ appId: APP, customerId: 'id', customerSecret: 'secret' }],
      outside: { browser },
      timings: { readyMs: 500 },
      tells: { post: () => new Promise(() => undefined) },
    });
    running = cloud.run(end.signal);
  });
  afterAll(async () => {
    end.abort();
    await running;
    await browser?.close();
    await pages.close();
  });

  const call = async (path: string, body?: unknown) => {
    const answer = await cloud.transport(
      {
        method: body === undefined ? 'GET' : 'POST',
        url: `https://api.agora.io/v1/apps/${APP}/cloud_recording${path}`,
        headers: { authorization: basic('id', 'secret'), 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      never,
    );
    return JSON.parse(answer.body === '' ? '{}' : answer.body);
  };
  const record = async (url: string, cname: string, readyTimeout = 60): Promise<string> => {
    const { resourceId } = await call('/acquire', acquireBody({ cname }));
    const web = { url, readyTimeout };
    return (await call(`/resourceid/${resourceId}/mode/web/start`, startBody({ cname, web }))).sid;
  };
  const events = (sid: string) =>
    (cloud.task(sid)?.events ?? []).map(({ eventType, details }) =>
      [eventType, details['code'] ?? details['reason']].join(' ').trim(),
    );

  it('one that calls notifyReady is recorded', async () => {
    const sid = await record(`${base}/ready`, 'ready');
    await until('it is recorded', () => events(sid).includes('70'));
    expect(events(sid)).toEqual(['70', '30']);
  });

  it('one that never calls is reloaded once, and then left: code 4', async () => {
    const sid = await record(`${base}/never`, 'never', 20);
    await until('it is left', () => cloud.task(sid)?.endedAt !== undefined);
    expect(events(sid)).toEqual(['73 page_load_timeout', '71 4', '31', '11']);
    expect(pages.visits.filter((path) => path === '/never')).toHaveLength(2);
  });

  it.each([
    ['answers 404', () => `${base}/missing`],
    ['cannot be reached', () => 'http://127.0.0.1:1/'],
  ])('one that %s: code 5', async (what, url) => {
    const sid = await record(url(), what.replaceAll(' ', '-'));
    await until('it is left', () => cloud.task(sid)?.endedAt !== undefined);
    expect(events(sid)[0]).toBe('71 5');
  });

  it('no Chromium is one sentence', async () => {
    await expect(startBrowser('/nowhere/chromium')).rejects.toThrow(BrowserError);
  });
});

it('WR-9, WR-12: a real page that stops playing is seen, and its recording begun anew, over real sockets', async () => {
  let script = '';
  // The first time its picture stands still after a while; from the second time on it plays.
  const pages = new Pages((_path, visit) => ({
    body: page({
      body: STAGE_BODY,
      script: `stage.show(video);${visit === 1 ? 'setTimeout(() => stage.freeze(), 15000);' : ''}`,
      watch: `src="${script}"`,
    }),
  }));
  const base = await pages.listen();
  const cloud = new Child(['simulate', '--port', '0', '--chromium', chromiumPath()]);
  const [, endpoint = ''] = await cloud.says(/simulated Agora cloud: (http:\S+)/);
  const { directory, state } = await quickstart();
  await writeFile(join(directory, 'recordings.yaml'), recording(`${base}/stage`));
  const watch = new Child([
    'watch',
    directory,
    '--state',
    state,
    '--endpoint',
    endpoint,
    '--ingress-bind-address',
    '127.0.0.1:0',
  ]);
  const [, port = ''] = await watch.says(/listening for notifications.*port=(\d+)/);
  script = `http://127.0.0.1:${port}/page-watch.js`;
  await until('the page stands still and is opened anew', () => pages.visits.length === 2);
  await watch.says(/keynote.*PageFaulty|PageFaulty.*keynote/);
  await watch.says(/keynote.*Recovering|Recovering.*keynote/);
  const { tasks } = (await (await fetch(`${endpoint}/_simulator/tasks`)).json()) as {
    readonly tasks: readonly { readonly product: string; readonly endedBy?: string }[];
  };
  expect(tasks.filter(({ product }) => product === 'recording').map(({ endedBy }) => endedBy)).toEqual([
    'stop',
    undefined,
  ]);
  await pages.close();
});

const recording = (url: string): string =>
  stringify({
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'WebPageRecording',
    metadata: { name: 'keynote', namespace: 'media' },
    spec: {
      projectRef: { name: 'live' },
      region: 'eu',
      url,
      videoWidth: 1280,
      videoHeight: 720,
      audioProfile: 1,
      maxRecordingHour: 1,
      pageWatch: {
        readyWithinSeconds: 60,
        heartbeatSeconds: 5,
        staleAfterSeconds: 20,
        elements: ['#stage video'],
        media: true,
      },
      storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
    },
  });

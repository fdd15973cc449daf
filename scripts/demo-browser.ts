import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seconds } from '../src/core/time.ts';
import { startBrowser } from '../src/simulator/browser.ts';
import { openStage } from './demo-stage.ts';
import { isRunning, say, storyteller, title, until } from './demo-story.ts';

/** A browser on a busy machine takes its time. */
const PATIENCE_MS = seconds(120);
/** How long the picture of keynote moves on its first visit. */
const PLAYS_MS = seconds(20);

/** `npm run demo -- --chromium PATH`: pages in a real browser, watched by the real script, over real sockets. */
export async function browserDemo(chromium: string): Promise<boolean> {
  say('Agora Reconciler: a recorded page is watched from inside.');
  say('A simulated recorder opens it in a real headless Chromium, in real time.');
  const browser = await startBrowser(chromium);
  const port = await freePort();
  const visits: string[] = [];
  const pages = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (path !== '/favicon.ico') visits.push(path);
    const first = visits.filter((each) => each === '/keynote').length === 1;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(stage({ script: `http://127.0.0.1:${port}/page-watch.js`, plays: first ? PLAYS_MS : 0 }));
  });
  const base = await listening(pages);
  title('1. Three recordings are declared; the page of keynote includes the watch script.');
  const began = Date.now();
  const opened = await openStage({
    speed: 1,
    log: storyteller(() => Date.now() - began),
    browser,
    ingress: { address: { host: '127.0.0.1', port } },
    prepare: (edit) => edit('recordings.yaml', 'https://stage.example.com', base),
  });
  try {
    const runs = (): boolean => isRunning(opened, 'WebPageRecording', 'keynote');
    await until(opened, 'keynote runs', runs, PATIENCE_MS);
    const first = opened.current('WebPageRecording', 'keynote');
    title(`2. Its video stops ${PLAYS_MS / seconds(1)} s after the page was opened. Agora notices nothing.`);
    const isReplaced = (): boolean => opened.current('WebPageRecording', 'keynote') !== first && runs();
    await until(opened, 'keynote is recorded anew', isReplaced, PATIENCE_MS);
    const { reports } = opened.cloud.audit().told;
    const keynotes = visits.filter((each) => each === '/keynote').length;
    title('The page said so itself, and was recorded anew.');
    say(`  ${String(keynotes).padStart(3)}  times the browser opened it`);
    return keynotes === 2 && reports.sent === 0;
  } finally {
    await opened.end();
    await browser.close();
    pages.closeAllConnections();
    pages.close();
  }
}

/** A page with a moving picture, which may stop after a while. */
const stage = ({ script, plays }: { readonly script: string; readonly plays: number }): string => `<!doctype html>
<title>Stage</title>
<script async src="${script}"></script>
<div id="stage"><video autoplay muted></video></div>
<script>
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  let hue = 0;
  const drawing = setInterval(() => {
    pen.fillStyle = 'hsl(' + (hue = (hue + 11) % 360) + ' 90% 50%)';
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }, 100);
  document.querySelector('video').srcObject = canvas.captureStream(10);
  if (${plays} > 0) setTimeout(() => clearInterval(drawing), ${plays});
</script>`;

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listening(server));
  await new Promise((resolve) => server.close(resolve));
  return Number(port);
}

import { timingSafeEqual } from 'node:crypto';
import type { Inbound, InboundAnswer, InboundRequest } from '../core/inbound.ts';
import { type Key, makeKey } from '../core/resource.ts';
import { seconds } from '../core/time.ts';
import { watchedTask } from '../kinds/recording/page.ts';
import { pageTokenHash, readPageToken } from '../kinds/recording/page-token.ts';
import type { RecordingResource } from '../kinds/recording/situation.ts';
import type { PageWatch, RecordingTask } from '../kinds/recording/types.ts';
import { type Rate, RateLimit } from './page-rate.ts';
import { declaredFaults, MOST_BODY_BYTES, type PostedReport, parseReport } from './page-report.ts';
import { type PageScript, readPageScript } from './page-script.ts';
import { PageTells } from './page-tells.ts';
import type { IngressWorld } from './world.ts';

export interface PageWatchParts {
  readonly world: Pick<IngressWorld, 'get' | 'tell' | 'now'>;
  /** Default: the script of this version. */
  readonly script?: PageScript;
  readonly rates?: Partial<PageRates>;
}

/** All that were refused; those of one sender; the good ones of one token. */
export interface PageRates {
  readonly overall: Rate;
  readonly refused: Rate;
  readonly token: Rate;
}

const RATES: PageRates = {
  overall: { perSecond: 1_000, burst: 2_000 },
  refused: { perSecond: 1, burst: 30 },
  token: { perSecond: 1, burst: 10 },
};
/** Senders and tokens that are remembered at most. */
const MOST_KEPT = 10_000;

/** `told` to a recording · `same` as told a moment ago · `refused`: no report, or no good token · `limited`: too many. */
export type ReportCounts = Readonly<Record<'told' | 'same' | 'refused' | 'limited', number>>;

export interface PageWatchEnd {
  readonly handle: Inbound;
  counts(): ReportCounts;
}

/** A good token's recording. */
interface Watched {
  readonly key: Key;
  readonly task: RecordingTask;
  readonly watch: PageWatch;
}

/**
 * What recorded pages say of themselves (WR-8, WR-12): `POST /page-watch`, and the script that does it. A report whose
 * token is good becomes evidence; any other changes nothing and is answered with one and the same sentence. Senders are
 * limited by what was refused to them, so that many pages behind one address do not hinder each other, and whoever has no
 * token can keep no page from being heard: silence has consequences (WR-9).
 */
export function pageWatch(parts: PageWatchParts): PageWatchEnd {
  const { world } = parts;
  const script = parts.script ?? readPageScript();
  const rates = { ...RATES, ...parts.rates };
  const overall = new RateLimit(rates.overall);
  const refusedTo = new RateLimit(rates.refused, MOST_KEPT);
  const perToken = new RateLimit(rates.token, MOST_KEPT);
  const tells = new PageTells(MOST_KEPT);
  const counts = { told: 0, same: 0, refused: 0, limited: 0 };

  function answer(request: InboundRequest): InboundAnswer {
    const [path] = request.target.split('?', 1);
    if (path === '/page-watch.js') return scriptAnswer(script, request);
    if (path !== '/page-watch') return text(404, 'there is nothing here');
    if (request.method === 'OPTIONS') return preflight(request);
    if (request.method !== 'POST') return text(405, 'reports are posted', { allow: 'POST, OPTIONS' });
    return report(request);
  }

  function report(request: InboundRequest): InboundAnswer {
    const now = world.now();
    const refused = (status: number, sentence: string): InboundAnswer => {
      const late = overall.take('', now) ?? refusedTo.take(request.from, now);
      if (late !== undefined) return limited(late);
      counts.refused += 1;
      return text(status, sentence);
    };
    if (request.body.byteLength > MOST_BODY_BYTES) return refused(413, `a report has at most ${MOST_BODY_BYTES} bytes`);
    const posted = parseReport(request.body);
    if (posted === undefined) return refused(400, 'this is not a report of a page');
    const watched = watchedBy(posted);
    if (watched === undefined) return refused(403, 'the token names no page that is watched now');
    const late = perToken.take(`${watched.key}/${watched.task.attempt}`, now);
    if (late !== undefined) return limited(late);
    const { key, task, watch } = watched;
    const faults = declaredFaults(posted.faults, watch);
    const evidence = {
      source: 'page',
      attempt: task.attempt,
      receivedAt: now,
      state: posted.state,
      faults,
      load: posted.load,
    } as const;
    const { heartbeatSeconds, elements = [], media } = watch;
    if (tells.isNews(key, evidence, heartbeatSeconds)) {
      counts.told += 1;
      world.tell(key, evidence);
    } else counts.same += 1;
    return json(200, { heartbeatSeconds, elements, media });
  }

  function limited(waitMs: number): InboundAnswer {
    counts.limited += 1;
    return tooMany(waitMs);
  }

  /** Form, expiry, resource, current attempt and hash must fit; which of them does not is nobody's business. */
  function watchedBy({ token }: PostedReport): Watched | undefined {
    const named = readPageToken(token);
    if (named === undefined || world.now() >= named.expiresAt) return undefined;
    const key = makeKey('WebPageRecording', named.namespace, named.name);
    const resource = world.get(key) as RecordingResource | undefined;
    const task = watchedTask(resource);
    const watch = resource?.spec.pageWatch;
    if (task?.pageToken === undefined || task.attempt !== named.attempt || watch === undefined) return undefined;
    return isSame(pageTokenHash(token), task.pageToken) ? { key, task, watch } : undefined;
  }

  return {
    // Async, so that what is thrown by mistake is a rejection and never an exception in the server.
    handle: async (request) => answer(request),
    counts: () => ({ ...counts }),
  };
}

function isSame(hash: string, kept: string): boolean {
  const [a, b] = [Buffer.from(hash), Buffer.from(kept)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

/** Pages come from anywhere. */
const SHARED = { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' };

function text(status: number, sentence: string, headers: InboundAnswer['headers'] = {}): InboundAnswer {
  return {
    status,
    headers: { ...SHARED, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: `${sentence}\n`,
  };
}

const json = (status: number, value: unknown): InboundAnswer => ({
  status,
  headers: { ...SHARED, 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
});

/** Scripts may read when to come again. */
const tooMany = (waitMs: number): InboundAnswer =>
  text(429, 'too many requests', {
    'retry-after': String(Math.ceil(waitMs / seconds(1))),
    'access-control-expose-headers': 'retry-after',
  });

function preflight({ headers }: InboundRequest): InboundAnswer {
  return {
    status: 204,
    headers: {
      ...SHARED,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '86400',
      // Chromium asks before a public page may reach an address that is not.
      ...(headers['access-control-request-private-network'] === 'true'
        ? { 'access-control-allow-private-network': 'true' }
        : {}),
    },
    body: '',
  };
}

/** The same for everybody, and asked for by every load of every page: kept for five minutes, then asked whether it changed. */
function scriptAnswer({ text: script, etag }: PageScript, { method, headers }: InboundRequest): InboundAnswer {
  if (method !== 'GET' && method !== 'HEAD') return text(405, 'the script is only read', { allow: 'GET, HEAD' });
  const cached = {
    ...SHARED,
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'cross-origin-resource-policy': 'cross-origin',
    etag,
  };
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers: cached, body: '' };
  return { status: 200, headers: cached, body: method === 'HEAD' ? '' : script };
}

import type { Inbound, InboundAnswer, InboundRequest } from '../core/inbound.ts';
import { json } from './answer.ts';
import type { NoticeCount } from './figures.ts';
import type { Forward, ForwardFigures } from './forward.ts';
import type { JournalEntry } from './journal.ts';
import { createNotices, type NoticesParts } from './notices.ts';
import type { ReportCounts } from './page-watch.ts';

export interface IngressParts extends NoticesParts {
  /** Answers `/page-watch` and `/page-watch.js`; absent: there are no such addresses. */
  readonly page?: Inbound;
  /** How the reports of pages fared. */
  readonly pageCounts?: () => ReportCounts;
  /** Takes what only the leader can take; absent where there is no other replica. */
  readonly forward?: Forward;
  /** Whether this replica can tell what a notice concerns: not before all resources are listed. */
  readonly ready?: () => boolean;
}

export interface Ingress {
  /** Free of sockets, so that a simulated cloud in the same process reaches it as well. */
  readonly handle: Inbound;
  /** Once the resources are there: what an earlier process took is known, and the latest of it told once more. */
  recall(kept: readonly JournalEntry[]): number;
  stats(): IngressFigures;
}

export interface IngressFigures {
  readonly notices: readonly NoticeCount[];
  /** Notices in the journal, or remembered where there is none. */
  readonly journal: number;
  readonly forward?: ForwardFigures;
  readonly pages?: ReportCounts;
}

/** A notice is some hundred bytes; the file list of a long recording makes it some ten thousand. */
export const MAX_NOTICE_BYTES = 64 * 1_024;

/** Everything that is sent to us: notifications of Agora and reports of pages, and nothing else. */
export function createIngress(parts: IngressParts): Ingress {
  const { forward, journal, log, page, pageCounts, ready = () => true } = parts;
  const notices = createNotices(parts);

  async function answer(request: InboundRequest): Promise<InboundAnswer> {
    const path = request.target.split('?', 1)[0] ?? '';
    if (page !== undefined && PAGE_PATHS.has(path))
      // The script, and what a browser asks before it sends, any replica can answer.
      return request.method === 'POST' ? byLeader(request, async () => page(request)) : page(request);
    const [, namespace, name] = NOTIFICATIONS.exec(path) ?? [];
    if (namespace === undefined || name === undefined)
      return json(404, { message: 'there is nothing at this address' });
    if (request.method !== 'POST') return json(405, { message: 'only POST is answered here' }, { allow: 'POST' });
    if (request.body.length > MAX_NOTICE_BYTES) return json(413, { message: `at most ${MAX_NOTICE_BYTES} bytes` });
    return byLeader(request, async () => notices.take(request, { namespace, name }));
  }

  async function byLeader(request: InboundRequest, take: () => Promise<InboundAnswer>): Promise<InboundAnswer> {
    if (forward?.leads() === false) return forward.send(request);
    return ready() ? take() : json(503, { message: 'not ready yet; send it again' }, { 'retry-after': '1' });
  }

  return {
    async handle(request) {
      try {
        return await answer(request);
      } catch (error) {
        log.error({ error }, 'a request from outside could not be answered');
        return json(500, { message: 'the request could not be answered' });
      }
    },
    recall: notices.recall,
    stats: () => ({
      notices: notices.counts.rows(),
      journal: journal?.depth() ?? notices.remembered(),
      ...(forward === undefined ? {} : { forward: forward.stats() }),
      ...(pageCounts === undefined ? {} : { pages: pageCounts() }),
    }),
  };
}

const PAGE_PATHS: ReadonlySet<string> = new Set(['/page-watch', '/page-watch.js']);
/** Names as Kubernetes has them; nothing else is looked up. */
const NOTIFICATIONS = /^\/notifications\/([a-z0-9][-a-z0-9.]{0,252})\/([a-z0-9][-a-z0-9.]{0,252})\/?$/;

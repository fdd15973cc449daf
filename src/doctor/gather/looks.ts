import type { Answer, ConverterPage } from '../../agora/answer.ts';
import type { AgoraApi, AgoraCredentials, Call } from '../../agora/api.ts';
import type { Look } from '../facts.ts';
import type { Turns } from './turns.ts';

/** A handle that no recording can have: a query for it has no effect, and tells who listens by how it is refused (ADR 0034). */
const NOBODY = { resourceId: 'agora-reconciler-doctor', sid: '0'.repeat(32) } as const;
/** An App ID has fewer than 300 converters, and a page 500 rows. */
const MOST_PAGES = 3;
const CALL_MS = 10_000;

export interface Asking {
  readonly api: AgoraApi;
  readonly appId: string;
  readonly credentials: AgoraCredentials;
  readonly newId: () => string;
  readonly turns: Turns;
}

const callOf = ({ appId, credentials, newId }: Asking, signal: AbortSignal): Call => ({
  appId,
  credentials,
  requestId: newId(),
  signal,
});

export async function lookAtRecordings(asking: Asking): Promise<Look<'query'>> {
  const { api, turns } = asking;
  const answer = await turns.take((signal) => api.query(callOf(asking, signal), NOBODY), CALL_MS);
  return answer === undefined ? { asked: false, why: 'no-time' } : { asked: true, answer };
}

/** The whole list, without the addresses in it: they hold stream keys. */
export async function lookAtConverters(asking: Asking): Promise<Look<'list'>> {
  const { api, turns } = asking;
  const answer = await turns.take(async (signal) => {
    let page = await api.list(callOf(asking, signal), undefined);
    const rows = [...rowsOf(page)];
    for (let pages = 1; pages < MOST_PAGES && page.ok && page.value.nextCursor !== undefined; pages += 1) {
      page = await api.list(callOf(asking, signal), page.value.nextCursor);
      rows.push(...rowsOf(page));
    }
    return page.ok ? { ...page, value: { call: 'list' as const, rows } } : page;
  }, CALL_MS);
  return answer === undefined ? { asked: false, why: 'no-time' } : { asked: true, answer };
}

const rowsOf = (page: Answer<ConverterPage>): ConverterPage['rows'] =>
  page.ok ? page.value.rows.map(({ rtmpUrl: _, ...row }) => row) : [];

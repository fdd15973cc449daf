import { seconds } from '../../core/time.ts';
import type { Api, Query } from './api.ts';
import { member } from './api-error.ts';
import { textOf } from './watch-frame.ts';

const PAGE = '500';
const PAGE_DEADLINE_MS = seconds(60);

export interface PagedList<Item> {
  readonly items: readonly Item[];
  readonly version: string;
}

/** All objects of a collection, in pages; without a version, so that the answer is as new as the store. */
export async function listInPages<Item>(
  api: Api,
  { path, query, read }: { path: string; query: Query | undefined; read: (object: unknown) => Item | undefined },
  signal: AbortSignal,
): Promise<PagedList<Item>> {
  const items: Item[] = [];
  let next = '';
  for (;;) {
    const more = next === '' ? {} : { continue: next };
    const body = member(
      await api.call(
        { method: 'GET', path, query: { ...query, limit: PAGE, ...more }, deadlineMs: PAGE_DEADLINE_MS },
        signal,
      ),
    );
    if (!Array.isArray(body['items'])) throw new Error(`the list of ${path} holds no items`);
    for (const object of body['items']) {
      const item = read(object);
      if (item !== undefined) items.push(item);
    }
    const metadata = member(body['metadata']);
    next = textOf(metadata['continue']) ?? '';
    if (next !== '') continue;
    const version = textOf(metadata['resourceVersion']);
    if (version === undefined) throw new Error(`the list of ${path} has no version`);
    return { items, version };
  }
}

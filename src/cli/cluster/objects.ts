import type { KindName, Resource } from '../../core/resource.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { collectionPath, objectPath } from '../../hosts/kubernetes/kinds.ts';
import { keptOf } from '../../hosts/kubernetes/slim.ts';
import { CommandError } from '../io.ts';
import { type Connection, refusalText } from './connection.ts';

export interface Selection {
  readonly kind: KindName;
  /** Absent: all. */
  readonly namespace?: string;
  readonly name?: string;
  readonly selector?: string;
}

const PAGE = '500';

/** What the cluster has of a kind. */
export async function listObjects(cluster: Connection, selection: Selection): Promise<readonly Resource[]> {
  const { kind, namespace, name, selector } = selection;
  if (namespace !== undefined && name !== undefined && selector === undefined) {
    const found = await getObject(cluster, { kind, namespace, name });
    return found === undefined ? [] : [found];
  }
  const resources: Resource[] = [];
  let next = '';
  do {
    const query = {
      limit: PAGE,
      ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }),
      ...(selector === undefined ? {} : { labelSelector: selector }),
      ...(next === '' ? {} : { continue: next }),
    };
    const page = await read(cluster, collectionPath(kind, namespace), query);
    if (page === undefined) throw new CommandError(NO_DEFINITIONS);
    const { items, metadata } = member(page);
    for (const item of Array.isArray(items) ? items : []) {
      const kept = keptOf(kind, withVersion(item, page));
      if (kept !== undefined) resources.push(kept.resource);
    }
    const more = member(metadata)['continue'];
    next = typeof more === 'string' ? more : '';
  } while (next !== '');
  return resources;
}

export async function getObject(
  cluster: Connection,
  { kind, namespace, name }: { readonly kind: KindName; readonly namespace: string; readonly name: string },
): Promise<Resource | undefined> {
  const object = await read(cluster, objectPath(kind, namespace, name), {});
  return object === undefined ? undefined : keptOf(kind, object)?.resource;
}

/** Undefined: 404. */
async function read(cluster: Connection, path: string, query: Readonly<Record<string, string>>): Promise<unknown> {
  try {
    return await cluster.call({ method: 'GET', path, query, deadlineMs: 30_000 });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return undefined;
    throw new CommandError(refusalText(error), { cause: error });
  }
}

/** Items of a list may leave out what the list says for all. */
const withVersion = (item: unknown, page: unknown): unknown => ({
  apiVersion: member(page)['apiVersion'],
  ...member(item),
});

const NO_DEFINITIONS =
  'the cluster does not know these kinds; install the definitions: agora-reconciler crds | kubectl apply --server-side -f -';

import { type Key, splitKey } from '../../core/resource.ts';
import { member } from '../../hosts/kubernetes/api-error.ts';
import type { SupportEvent } from '../../plan/support.ts';
import type { Connection } from './connection.ts';

const MOST = 100;

/** What the cluster still knows of a resource, the oldest first; none where events may not be read. */
export async function eventsOf(cluster: Connection, key: Key): Promise<readonly SupportEvent[]> {
  const { kind, namespace, name } = splitKey(key);
  const fieldSelector = `regarding.kind=${kind},regarding.name=${name}`;
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  try {
    const { items } = member(await cluster.call({ method: 'GET', path, query: { fieldSelector, limit: '500' } }));
    return (Array.isArray(items) ? items : [])
      .map(member)
      .filter(({ regarding }) => member(regarding)['kind'] === kind && member(regarding)['name'] === name)
      .map(eventOf)
      .toSorted((a, b) => (a.at < b.at ? -1 : 1))
      .slice(-MOST);
  } catch {
    // They are a help, not the case itself.
    return [];
  }
}

function eventOf({ type, reason, note, eventTime, series, metadata }: Readonly<Record<string, unknown>>): SupportEvent {
  const at = member(series)['lastObservedTime'] ?? eventTime ?? member(metadata)['creationTimestamp'];
  return { at: textOf(at), type: textOf(type), reason: textOf(reason), note: textOf(note) };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

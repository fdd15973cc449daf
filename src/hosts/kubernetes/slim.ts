import { sameData } from '../../core/equal.ts';
import type { KindName, Metadata, Resource } from '../../core/resource.ts';
import { member } from './api-error.ts';
import { HANDLES, restoredStatus } from './handles.ts';

/** What is kept of an object in memory. */
export interface Kept {
  readonly resource: Resource;
  /** The annotation that holds the handles, as the server has it. */
  readonly handles: string | undefined;
  /** Its status is not the server's: it was given back from the annotation. */
  readonly restored: boolean;
}

/** Long, and read by nobody here. */
const UNREAD_ANNOTATIONS: ReadonlySet<string> = new Set([HANDLES, 'kubectl.kubernetes.io/last-applied-configuration']);

/** A slim projection of an object: no managed fields, no owners, none of what nobody reads. Undefined: no object of ours. */
export function keptOf(kind: KindName, object: unknown): Kept | undefined {
  const { apiVersion, metadata: given, spec, status } = member(object);
  const metadata = metadataOf(member(given));
  if (metadata === undefined || typeof apiVersion !== 'string') return undefined;
  const text = member(member(given)['annotations'])[HANDLES];
  const handles = typeof text === 'string' ? text : undefined;
  const resource: Resource = { apiVersion, kind, metadata, spec, ...(status === undefined ? {} : { status }) };
  const restored = restoredStatus(resource, handles);
  return restored === undefined
    ? { resource, handles, restored: false }
    : { resource: { ...resource, status: restored }, handles, restored: true };
}

/**
 * The new state with the declaration of the old one where it is the same: most writes are of the status, and what was worked
 * out from a declaration need not be worked out again.
 */
export function sharing(before: Kept | undefined, kept: Kept): Kept {
  const { resource } = kept;
  const old = before?.resource;
  if (old?.metadata.generation !== resource.metadata.generation || !sameData(old.spec, resource.spec)) return kept;
  return { ...kept, resource: { ...resource, spec: old.spec } };
}

function metadataOf(given: Readonly<Record<string, unknown>>): Metadata | undefined {
  const { namespace, name, uid, generation, resourceVersion, creationTimestamp, deletionTimestamp } = given;
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return undefined;
  if (typeof resourceVersion !== 'string') return undefined;
  const labels = texts(given['labels'], NOTHING_UNREAD);
  const annotations = texts(given['annotations'], UNREAD_ANNOTATIONS);
  return {
    namespace,
    name,
    uid,
    generation: typeof generation === 'number' ? generation : 1,
    resourceVersion,
    creationTimestamp: typeof creationTimestamp === 'string' ? creationTimestamp : '',
    finalizers: Array.isArray(given['finalizers']) ? given['finalizers'].map(String) : [],
    ...(typeof deletionTimestamp === 'string' ? { deletionTimestamp } : {}),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

const NOTHING_UNREAD: ReadonlySet<string> = new Set();

function texts(value: unknown, unread: ReadonlySet<string>): Readonly<Record<string, string>> | undefined {
  const members = Object.entries(member(value)).filter(([name]) => !unread.has(name));
  return members.length === 0 ? undefined : Object.fromEntries(members.map(([name, text]) => [name, String(text)]));
}

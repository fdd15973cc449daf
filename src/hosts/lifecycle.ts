import { sameData } from '../core/equal.ts';
import { deletionRequested, type Metadata, type Resource } from '../core/resource.ts';
import { type Instant, instant, timestamp } from '../core/time.ts';
import type { Declared } from './declared.ts';

/*
 * What an API server does with metadata, for hosts that have none. Pure.
 *
 *   born ──► amended* ──► marked ──(finalizers gone)──► nothing, or born anew with another uid
 *               ▲            │
 *               └─ withdrawn ┘   only while no stop was sent for the deletion
 */

/** A new incarnation: a uid of its own, generation 1, no status. */
export function born(declared: Declared, birth: { readonly uid: string; readonly now: Instant }): Resource {
  return {
    apiVersion: declared.apiVersion,
    kind: declared.kind,
    metadata: {
      namespace: declared.namespace,
      name: declared.name,
      uid: birth.uid,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: timestamp(birth.now),
      finalizers: [],
      ...marks(declared),
    },
    spec: declared.spec,
  };
}

/** The resource with its declaration as it is now; the same object where nothing changed. */
export function amended(old: Resource, declared: Declared): Resource {
  const sameSpec = sameData(old.spec, declared.spec) && old.apiVersion === declared.apiVersion;
  const { labels, annotations, ...metadata } = old.metadata;
  const sameMarks =
    sameData(labels ?? {}, declared.labels ?? {}) && sameData(annotations ?? {}, declared.annotations ?? {});
  if (sameSpec && sameMarks) return old;
  const generation = sameSpec ? metadata.generation : metadata.generation + 1;
  return bumped({
    ...old,
    apiVersion: declared.apiVersion,
    metadata: { ...metadata, generation, ...marks(declared) },
    spec: declared.spec,
  });
}

export const marked = (old: Resource, now: Instant): Resource =>
  bumped({ ...old, metadata: { ...old.metadata, deletionTimestamp: timestamp(now) } });

export function withdrawn(old: Resource): Resource {
  const { deletionTimestamp: _, ...metadata } = old.metadata;
  return bumped({ ...old, metadata });
}

/**
 * Was a task stopped, or is it about to be, because of the deletion? Until then a resource that returns goes on as if
 * nothing had been. What was being stopped before the deletion (a replacement) does not count.
 */
export function stopSent(resource: Resource): boolean {
  const deletedAt = instant(resource.metadata.deletionTimestamp) ?? Number.NEGATIVE_INFINITY;
  return tasksOf(resource).some((task) => {
    const stopping = task.phase === 'Stopping' && !before(task.stoppingSince, deletedAt);
    const intended =
      (task.intent?.call === 'stop' || task.intent?.call === 'delete') && !before(task.intent.at, deletedAt);
    return stopping || intended;
  });
}

/** The part of a task entry that the life of its resource depends on, whatever its kind. */
export interface TaskMark {
  readonly phase?: string;
  readonly stoppingSince?: string;
  readonly intent?: { readonly call?: string; readonly at?: string };
}

/** Entries in a status name tasks that live or may live. */
export function tasksOf(resource: Resource): readonly TaskMark[] {
  const { status } = resource;
  if (typeof status !== 'object' || status === null || !('tasks' in status)) return [];
  return Array.isArray(status.tasks) ? status.tasks : [];
}

export const bumped = (resource: Resource): Resource => ({
  ...resource,
  metadata: { ...resource.metadata, resourceVersion: String(Number(resource.metadata.resourceVersion) + 1) },
});

/** Nothing holds it any more: it goes at once. */
export const unheld = (resource: Resource): boolean =>
  deletionRequested(resource) && resource.metadata.finalizers.length === 0;

const before = (text: string | undefined, at: Instant): boolean => text !== undefined && instant(text) < at;

const marks = (declared: Declared): Pick<Metadata, 'labels' | 'annotations'> => ({
  ...(declared.labels && Object.keys(declared.labels).length > 0 && { labels: declared.labels }),
  ...(declared.annotations && Object.keys(declared.annotations).length > 0 && { annotations: declared.annotations }),
});

import type { Condition } from './conditions.ts';
import type { Timestamp } from './time.ts';

export const API_GROUP = 'agora-reconciler.dev';
export const API_VERSION = `${API_GROUP}/v1alpha1`;
/** Held from before the first external call until no task may live (or `leftBehind` lists it). */
export const FINALIZER = `${API_GROUP}/task`;
export const RECONCILE_REQUESTED_AT = `${API_GROUP}/reconcile-requested-at`;
export const FLUX_RECONCILE_REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';

export type KindName = 'AgoraProject' | 'WebPageRecording' | 'RtmpConverter';
export const KIND_NAMES: readonly KindName[] = ['AgoraProject', 'WebPageRecording', 'RtmpConverter'];

/** The part of Kubernetes' ObjectMeta that is read here. */
export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly creationTimestamp: Timestamp;
  readonly deletionTimestamp?: Timestamp;
  readonly finalizers: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Resource<Spec = unknown, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: KindName;
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly status?: Status;
}

/** What every status has, whatever its kind. */
export interface StatusBase {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
  readonly lastHandledReconcileAt?: string;
}

/** `Kind/namespace/name`: what queues, ledgers and logs know a resource by. */
export type Key = `${KindName}/${string}/${string}`;

export const keyOf = (resource: Pick<Resource, 'kind' | 'metadata'>): Key =>
  `${resource.kind}/${resource.metadata.namespace}/${resource.metadata.name}`;

export const makeKey = (kind: KindName, namespace: string, name: string): Key => `${kind}/${namespace}/${name}`;

export function splitKey(key: Key): { readonly kind: KindName; readonly namespace: string; readonly name: string } {
  const [kind, namespace, name] = key.split('/') as [KindName, string, string];
  return { kind, namespace, name };
}

export const deletionRequested = (resource: Pick<Resource, 'metadata'>): boolean =>
  resource.metadata.deletionTimestamp !== undefined;

export const hasFinalizer = (resource: Pick<Resource, 'metadata'>): boolean =>
  resource.metadata.finalizers.includes(FINALIZER);

/** The value of the reconcile-now annotation, ours before Flux's alias; as much of it as a status can hold. */
export const reconcileRequest = (resource: Pick<Resource, 'metadata'>): string | undefined =>
  (
    resource.metadata.annotations?.[RECONCILE_REQUESTED_AT] ??
    resource.metadata.annotations?.[FLUX_RECONCILE_REQUESTED_AT]
  )?.slice(0, 256);

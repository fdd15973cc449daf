/**
 * kstatus' rules for a custom resource, transcribed from sigs.k8s.io/cli-utils pkg/kstatus/status (Apache-2.0 text, own
 * words): deletion, then the generation, then the first of Reconciling and Stalled in the order of the list that is
 * True, then Ready, else Current. Flux, Cluster API and `kubectl apply --prune` users read health by them.
 */
export type KStatus = 'Terminating' | 'InProgress' | 'Failed' | 'Current';

export interface KStatusObject {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export function kstatus({ metadata, status }: KStatusObject): KStatus {
  if (metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== '') return 'Terminating';
  const observed = status?.observedGeneration;
  if (metadata.generation !== undefined && observed !== undefined && observed !== metadata.generation)
    return 'InProgress';
  const conditions = status?.conditions ?? [];
  for (const { type, status: value } of conditions) {
    if (type === 'Reconciling' && value === 'True') return 'InProgress';
    if (type === 'Stalled' && value === 'True') return 'Failed';
  }
  for (const { type, status: value } of conditions) {
    if (type !== 'Ready') continue;
    if (value === 'True') return 'Current';
    if (value === 'False' || value === 'Unknown') return 'InProgress';
  }
  return 'Current';
}

import type { KindName, Metadata, Resource } from '../../src/core/resource.ts';

/** A resource that the controller has looked at, in a state of the table in design §4. */
export function resource(
  given: {
    readonly kind?: KindName;
    readonly name?: string;
    readonly spec?: object;
    readonly ready?: 'True' | 'False' | 'Unknown';
    readonly reason?: string;
    readonly message?: string;
    readonly stalled?: true;
    readonly metadata?: Partial<Metadata>;
    readonly status?: object;
  } = {},
): Resource {
  const { kind = 'WebPageRecording', name = 'keynote', ready = 'True', reason = 'Running', message = '' } = given;
  const condition = { reason, message, lastTransitionTime: '2026-01-01T00:00:00.000Z' };
  return {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind,
    metadata: {
      namespace: 'media',
      name,
      uid: name,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00.000Z',
      finalizers: [],
      ...given.metadata,
    },
    spec: given.spec ?? {},
    status: {
      observedGeneration: 1,
      conditions: [
        { type: 'Ready', status: ready, ...condition },
        ...(given.stalled ? [{ type: 'Stalled', status: 'True', ...condition }] : []),
      ],
      ...given.status,
    },
  };
}

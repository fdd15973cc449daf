import { type Key, makeKey, type StatusBase } from '../../src/core/resource.ts';
import type { Declared } from '../../src/hosts/declared.ts';

export const key = (name: string): Key => makeKey('WebPageRecording', 'media', name);

/** Good for the real schema, so that every host takes it. */
export function recording(
  given: { readonly name?: string; readonly spec?: object } & Pick<Declared, 'labels' | 'annotations'> = {},
): Declared {
  const { name = 'keynote', spec, ...marks } = given;
  return {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'WebPageRecording',
    namespace: 'media',
    name,
    ...marks,
    spec: {
      projectRef: { name: 'live' },
      region: 'eu',
      url: 'https://stage.example.com/keynote',
      videoWidth: 1280,
      videoHeight: 720,
      videoFps: 15,
      audioProfile: 1,
      maxRecordingHour: 4,
      storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
      ...spec,
    },
  };
}

export const project = (spec: object = {}): Declared => ({
  apiVersion: 'agora-reconciler.dev/v1alpha1',
  kind: 'AgoraProject',
  namespace: 'media',
  name: 'live',
  spec: { appId: '0123456789abcdef0123456789abcdef', credentialsSecretRef: { name: 'agora' }, ...spec },
});

/** A status that the real schema takes. */
export const status = (reason: string, rest: object = {}): StatusBase => ({
  observedGeneration: 1,
  conditions: [
    { type: 'Ready', status: 'False', reason, message: reason, lastTransitionTime: '2026-01-01T00:00:00.000Z' },
  ],
  ...rest,
});

export const keyOfDeclared = ({ kind, namespace, name }: Declared): Key => makeKey(kind, namespace, name);

import type { Failure, FailureKind } from '../../../src/agora/answer.ts';
import { FINALIZER } from '../../../src/core/resource.ts';
import { type Instant, timestamp } from '../../../src/core/time.ts';
import type { ProjectSpec } from '../../../src/kinds/project/types.ts';
import type { RecordingResource } from '../../../src/kinds/recording/situation.ts';
import type { RecordingSpec, RecordingStatus } from '../../../src/kinds/recording/types.ts';

export const APP_ID = '0123456789abcdef0123456789abcdef';
/** A whole minute, so that waits are easily read. */
export const T0: Instant = Date.parse('2026-12-01T09:00:00.000Z');

export const recordingSpec = (spec: Partial<RecordingSpec> = {}): RecordingSpec => ({
  projectRef: { name: 'live' },
  region: 'eu',
  regionPolicy: 'Required',
  url: 'https://stage.example.com/keynote',
  audioProfile: 1,
  videoWidth: 640,
  videoHeight: 360,
  videoFps: 15,
  maxRecordingHour: 4,
  avFileType: ['hls', 'mp4'],
  storage: {
    vendor: 'AmazonS3',
    region: 'EU_CENTRAL_1',
    bucket: 'talks',
    credentialsSecretRef: { name: 's3' },
  },
  desiredState: 'Running',
  restartPolicy: 'Always',
  maxStartsPerHour: 12,
  priority: 0,
  deletionPolicy: 'Stop',
  suspend: false,
  ...spec,
});

export function recording(spec: Partial<RecordingSpec> = {}, status?: RecordingStatus): RecordingResource {
  return {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'WebPageRecording',
    metadata: {
      namespace: 'media',
      name: 'keynote',
      uid: 'uid-keynote',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: timestamp(T0),
      finalizers: [FINALIZER],
    },
    spec: recordingSpec(spec),
    ...(status === undefined ? {} : { status }),
  };
}

export const projectSpec = (spec: Partial<ProjectSpec> = {}): ProjectSpec => ({
  appId: APP_ID,
  credentialsSecretRef: { name: 'agora' },
  location: 'Global',
  limits: { mixedResolution: 'Nested' },
  compatibility: {
    idleTimeoutKey: 'idleTimeout',
    emptyAudioOptions: 'Object',
    sendConverterUser: false,
    storageInUpdate: 'WhenChanged',
  },
  suspend: false,
  ...spec,
});

const MAYBE: readonly FailureKind[] = [
  'lost',
  'gateway-timeout',
  'server',
  'jitter',
  'unreadable',
  'already-started',
  'no-data',
];
const UNANSWERED: readonly FailureKind[] = ['lost', 'dns', 'refused'];

export type Failed = Omit<Failure, 'sentAt'>;

/** A failure of this kind as `errors.ts` would say it. */
export const failure = (kind: FailureKind, more: Partial<Failed> = {}): Failed => ({
  ok: false,
  kind,
  effect: MAYBE.includes(kind) ? 'maybe' : 'none',
  message: `it said ${kind}`,
  ids: { requestId: 'request' },
  ...(UNANSWERED.includes(kind) ? {} : { status: 500 }),
  ...more,
});

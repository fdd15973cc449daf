import { API_VERSION } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Declared, DeclaredSecret } from '../../src/hosts/declared.ts';
import type { ConverterSpec } from '../../src/kinds/converter/types.ts';
import type { ProjectLimits, ProjectSpec } from '../../src/kinds/project/types.ts';
import type { RecordingSpec } from '../../src/kinds/recording/types.ts';
import type { ProjectOptions } from '../../src/simulator/projects.ts';

const NAMESPACE = 'bench';
const CREDENTIALS = { customerId: 'id', customerSecret: 'secret' };
/** More than any scenario starts, so that slots play no part; calls a second stay as Agora limits them. */
const MANY = 1_000;
const CLASSES = { SD: MANY, HD: MANY, FHD: MANY };

/** The n-th App ID. */
export const appIdOf = (index: number): string => index.toString(16).padStart(32, '0');

/** The same raised limits in `spec.limits` and in the cloud. */
export const cloudProject = (index: number): ProjectOptions => ({
  appId: appIdOf(index),
  ...CREDENTIALS,
  limits: { recording: { eu: CLASSES }, recordingTotal: MANY, converter: { eu: CLASSES }, converterTotal: MANY },
});

const LIMITS: ProjectLimits = {
  mixedResolution: 'Nested',
  recording: { eu: CLASSES, total: MANY },
  converter: { eu: CLASSES, total: MANY },
};

/** What the first project has set up in Agora's Console. */
export const SUBSCRIPTION = {
  url: `/notifications/${NAMESPACE}/project-0`,
  secrets: { recording: 'signs recordings', converter: 'signs converters' },
};

const projectName = (index: number): string => `project-${index}`;

export const secrets = (): readonly DeclaredSecret[] => [
  {
    namespace: NAMESPACE,
    name: 'agora',
    values: { customerId: new Secret(CREDENTIALS.customerId), customerSecret: new Secret(CREDENTIALS.customerSecret) },
  },
  {
    namespace: NAMESPACE,
    name: 's3',
    values: { accessKey: new Secret('access'), secretKey: new Secret('secret') },
  },
  {
    namespace: NAMESPACE,
    name: 'notifications',
    values: {
      recordingNotificationSecret: new Secret(SUBSCRIPTION.secrets.recording),
      mediaPushNotificationSecret: new Secret(SUBSCRIPTION.secrets.converter),
    },
  },
];

export const project = (index: number, more: Partial<ProjectSpec> = {}): Declared =>
  declared('AgoraProject', projectName(index), {
    appId: appIdOf(index),
    credentialsSecretRef: { name: 'agora' },
    location: 'Global',
    limits: LIMITS,
    compatibility: {
      idleTimeoutKey: 'idleTimeout',
      emptyAudioOptions: 'Object',
      sendConverterUser: false,
      storageInUpdate: 'WhenChanged',
    },
    suspend: false,
    ...more,
  } satisfies ProjectSpec);

/** Limits that no scenario meets, those on calls a second included. */
const PLENTY = { SD: 100_000, HD: 100_000, FHD: 100_000 };
export const RAISED: Partial<ProjectSpec> = {
  limits: {
    mixedResolution: 'Nested',
    recording: { eu: PLENTY, total: 100_000 },
    converter: {
      eu: PLENTY,
      total: 100_000,
      createsPerSecond: 1_000,
      getsPerSecond: 1_000,
      updatesPerSecond: 1_000,
      deletesPerSecond: 1_000,
    },
  },
};

/** The Secrets in clear, for an API server. */
export const revealedSecrets = (): readonly {
  readonly namespace: string;
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}[] =>
  secrets().map(({ namespace, name, values }) => ({
    namespace,
    name,
    values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.reveal()])),
  }));

/** What a project declares that is told of by notifications. */
export const NOTIFIED: Partial<ProjectSpec> = {
  notifications: { recordingSecretRef: { name: 'notifications' }, mediaPushSecretRef: { name: 'notifications' } },
};

const COMMON = {
  region: 'eu',
  restartPolicy: 'Always',
  maxStartsPerHour: 12,
  priority: 0,
  deletionPolicy: 'Stop',
  suspend: false,
  desiredState: 'Running',
} as const;

export const recordings = (
  count: number,
  projectIndex: number,
  more: Partial<RecordingSpec> = {},
): readonly Declared[] =>
  names('recording', projectIndex, count).map((name) =>
    declared('WebPageRecording', name, {
      ...COMMON,
      projectRef: { name: projectName(projectIndex) },
      regionPolicy: 'Required',
      url: `https://stage.example.com/${name}`,
      audioProfile: 1,
      videoWidth: 1280,
      videoHeight: 720,
      videoFps: 15,
      maxRecordingHour: 24,
      avFileType: ['hls'],
      storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
      ...more,
    } satisfies RecordingSpec),
  );

export const converters = (count: number, projectIndex: number): readonly Declared[] =>
  names('converter', projectIndex, count).map((name) =>
    declared('RtmpConverter', name, {
      ...COMMON,
      projectRef: { name: projectName(projectIndex) },
      rtmpUrl: `rtmp://cdn.example.com/live/${name}`,
      idleTimeout: 300,
      transcodeOptions: {
        rtcChannel: name,
        media: 'AudioVideo',
        audioOptions: {},
        videoOptions: { canvas: { width: 1280, height: 720 }, bitrate: 1500, layout: [], layoutType: 0 },
      },
      conflictPolicy: 'Fail',
      replaceAfter: 'Strikes',
      updateStrategy: 'StopFirst',
    } satisfies ConverterSpec),
  );

const names = (stem: string, projectIndex: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${stem}-${projectIndex}-${index}`);

const declared = (kind: Declared['kind'], name: string, spec: unknown): Declared => ({
  apiVersion: API_VERSION,
  kind,
  namespace: NAMESPACE,
  name,
  spec,
});

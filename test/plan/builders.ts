import { createOffline } from '../../src/cli/offline.ts';
import { intakesOf } from '../../src/cli/plan-intakes.ts';
import { createProjectLimits } from '../../src/cli/project-limits.ts';
import { keyOf, makeKey, type Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import { timestamp } from '../../src/core/time.ts';
import type { Declared, DeclaredSecret } from '../../src/hosts/declared.ts';
import type { ConverterSpec, ConverterStatus, ConverterTask } from '../../src/kinds/converter/types.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from '../../src/kinds/recording/types.ts';
import type { ForeignConverters } from '../../src/plan/admission.ts';
import { makePlan } from '../../src/plan/plan.ts';
import type { Plan, PlannedResource } from '../../src/plan/planned.ts';
import { converterTaskValues, recordingTaskValues } from '../../src/plan/task-values.ts';

export const APP_ID = '0123456789abcdef0123456789abcdef';
export const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const API = 'agora-reconciler.dev/v1alpha1';

/** Whatever is printed must not hold this. */
export const CANARY = 'canary-7f3d9b';

const TASK = {
  projectRef: { name: 'live' },
  region: 'eu',
  desiredState: 'Running',
  restartPolicy: 'Always',
  maxStartsPerHour: 12,
  priority: 0,
  deletionPolicy: 'Stop',
  suspend: false,
} as const;

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

export const recordingSpec = (spec: Partial<RecordingSpec> = {}): RecordingSpec => ({
  ...TASK,
  regionPolicy: 'Required',
  url: `https://stage.example.com/keynote?token=${CANARY}`,
  audioProfile: 1,
  videoWidth: 1280,
  videoHeight: 720,
  videoFps: 15,
  maxRecordingHour: 4,
  avFileType: ['hls'],
  storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
  ...spec,
});

const VIDEO = {
  canvas: { width: 1280, height: 720 },
  layout: [{ rtcStreamUid: 7, region: { xPos: 0, yPos: 0, zIndex: 0, width: 1280, height: 720 } }],
  bitrate: 2000,
} as const;

export const converterSpec = (
  spec: Partial<ConverterSpec> = {},
  video: Partial<NonNullable<NonNullable<ConverterSpec['transcodeOptions']>['videoOptions']>> = {},
): ConverterSpec => ({
  ...TASK,
  rtmpUrl: `rtmp://cdn.example.com/live/${CANARY}`,
  idleTimeout: 300,
  transcodeOptions: {
    rtcChannel: 'show68',
    media: 'AudioVideo',
    audioOptions: {},
    videoOptions: { ...VIDEO, ...video },
  },
  conflictPolicy: 'Fail',
  replaceAfter: 'Strikes',
  updateStrategy: 'StopFirst',
  ...spec,
});

const declared = (kind: Declared['kind'], name: string, spec: unknown): Declared => ({
  apiVersion: API,
  kind,
  namespace: 'media',
  name,
  spec,
});
export const project = (spec: Partial<ProjectSpec> = {}): Declared =>
  declared('AgoraProject', 'live', projectSpec(spec));
export const recording = (name: string, spec: Partial<RecordingSpec> = {}): Declared =>
  declared('WebPageRecording', name, recordingSpec(spec));
export const converter = (name: string, spec: Partial<ConverterSpec> = {}, video = {}): Declared =>
  declared('RtmpConverter', name, converterSpec(spec, video));

export const SECRETS: readonly DeclaredSecret[] = [
  {
    namespace: 'media',
    name: 'agora',
    values: { customerId: new Secret('customer'), customerSecret: new Secret(CANARY) },
  },
  {
    namespace: 'media',
    name: 's3',
    values: { accessKey: new Secret(`A${CANARY}`), secretKey: new Secret(`S${CANARY}`) },
  },
];

/** A resource as the state holds it. */
export const stored = ({ apiVersion, kind, namespace, name, spec }: Declared, status?: object): Resource => ({
  apiVersion,
  kind,
  metadata: {
    namespace,
    name,
    uid: `uid-${name}`,
    generation: 1,
    resourceVersion: '3',
    creationTimestamp: timestamp(NOW - 3_600_000),
    finalizers: ['agora-reconciler.dev/task'],
  },
  spec,
  ...(status === undefined ? {} : { status }),
});

const contextOf = (resource: Resource) => {
  const resources = [stored(project()), resource];
  return createOffline({ resources, secrets: SECRETS, remembered: [], environment: {}, now: NOW }).contextOf(resource);
};

const READY = (reason: string) => [
  {
    type: 'Ready',
    status: 'True',
    reason,
    message: reason,
    observedGeneration: 1,
    lastTransitionTime: timestamp(NOW - 600_000),
  } as const,
];

/** A resource whose task runs exactly as declared. */
export function running(one: Declared): Resource {
  const resource = stored(one);
  return one.kind === 'WebPageRecording' ? runningRecording(resource) : runningConverter(resource);
}

function runningRecording(resource: Resource): Resource {
  const typed = resource as Resource<RecordingSpec, RecordingStatus>;
  const { videoWidth, videoHeight, region } = typed.spec;
  const of = videoWidth * videoHeight > 1280 * 720 ? 'FHD' : videoWidth * videoHeight > 640 * 360 ? 'HD' : 'SD';
  const task: RecordingTask = {
    attempt: 1,
    member: 'main',
    phase: 'Running',
    appId: APP_ID,
    region,
    class: of,
    generation: 1,
    cname: `media-${resource.metadata.name}`,
    uid: '42',
    resourceId: 'resource-1',
    sid: `sid-${resource.metadata.name}`,
    acquiredAt: timestamp(NOW - 601_000),
    startedAt: timestamp(NOW - 600_000),
    sidAt: timestamp(NOW - 600_000),
    runningSince: timestamp(NOW - 595_000),
    endsAt: timestamp(NOW + 3_600_000),
    applied: recordingTaskValues(typed, contextOf(resource)).hashes,
  };
  return { ...resource, status: statusOf(task, 'recording') };
}

function runningConverter(resource: Resource): Resource {
  const typed = resource as Resource<ConverterSpec, ConverterStatus>;
  const canvas = typed.spec.transcodeOptions?.videoOptions?.canvas;
  const task: ConverterTask = {
    attempt: 1,
    member: 'main',
    phase: 'Running',
    appId: APP_ID,
    region: typed.spec.region,
    class: canvas === undefined || canvas.width * canvas.height <= 640 * 360 ? 'SD' : 'HD',
    generation: 1,
    name: typed.spec.name ?? `show68_${resource.metadata.name}`,
    converterId: `id-${resource.metadata.name}`,
    sequence: 0,
    startedAt: timestamp(NOW - 600_000),
    runningSince: timestamp(NOW - 595_000),
    applied: converterTaskValues(typed, contextOf(resource)).hashes,
  };
  return { ...resource, status: statusOf(task, 'converter') };
}

const statusOf = (task: RecordingTask | ConverterTask, service: 'recording' | 'converter'): object => ({
  observedGeneration: 1,
  conditions: READY('Running'),
  resolutionClass: task.class,
  admission: [{ appId: APP_ID, service, region: task.region, class: task.class, since: timestamp(NOW - 600_000) }],
  restarts: {
    count: 0,
    inRow: 0,
    generation: 1,
    lastAt: timestamp(NOW - 600_000),
    lastStarts: [timestamp(NOW - 600_000)],
  },
  lastAttempt: 1,
  tasks: [task],
});

/** What `plan` says, from values alone. */
export function planOf(given: {
  readonly declared: readonly Declared[];
  readonly state?: readonly Resource[];
  readonly secrets?: readonly DeclaredSecret[];
  readonly foreign?: readonly ForeignConverters[];
  readonly files?: readonly string[];
}): Plan {
  const { state = [], secrets = SECRETS, foreign = [], files } = given;
  const { intakes } = intakesOf({
    declared: new Map(given.declared.map((one) => [makeKey(one.kind, one.namespace, one.name), one])),
    records: new Map(
      state.map((resource) => [keyOf(resource), { resource, source: `${resource.metadata.name}.yaml` }]),
    ),
    files: files ?? [],
    whole: files === undefined,
    now: NOW,
  });
  const resources = intakes.map(({ after }) => after);
  const offline = createOffline({ resources, secrets, remembered: [], environment: {}, now: NOW });
  const projectsWith = (appId: string) => offline.memory.projectsWith(appId);
  return makePlan({
    intakes,
    kinds: KINDS,
    contextOf: offline.contextOf,
    limitsFor: createProjectLimits({ host: offline.host, projectsWith }).limitsFor,
    foreign,
    comparedWith: 'state',
    notes: [],
    now: NOW,
  });
}

export function planned(plan: Plan, name: string): PlannedResource {
  const found = plan.resources.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`the plan has no ${name}`);
  return found;
}

import type { Declared } from '../../src/hosts/declared.ts';
import type { ConverterSpec } from '../../src/kinds/converter/types.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import type { PageWatch, RecordingSpec } from '../../src/kinds/recording/types.ts';
import type { Dice } from './dice.ts';

export const NAMESPACE = 'media';
export const APP_ID = '0123456789abcdef0123456789abcdef';
export const PROJECT = 'live';
const API_VERSION = 'agora-reconciler.dev/v1alpha1';

/** Limits so small that a handful of resources meets them. */
export const SMALL_LIMITS: ProjectSpec['limits'] = {
  mixedResolution: 'Nested',
  recording: { eu: { SD: 4, HD: 3, FHD: 1 }, na: { SD: 3, HD: 2, FHD: 1 }, total: 6 },
  converter: { eu: { SD: 4, HD: 3, FHD: 1 }, na: { SD: 3, HD: 2, FHD: 1 }, total: 7 },
};

export const project = (spec: Partial<ProjectSpec> = {}): Declared => ({
  apiVersion: API_VERSION,
  kind: 'AgoraProject',
  namespace: NAMESPACE,
  name: PROJECT,
  spec: {
    appId: APP_ID,
    credentialsSecretRef: { name: 'agora' },
    location: 'Global',
    homeRegion: 'eu-central-1',
    limits: { mixedResolution: 'Nested' },
    compatibility: {
      idleTimeoutKey: 'idleTimeout',
      emptyAudioOptions: 'Object',
      sendConverterUser: false,
      storageInUpdate: 'WhenChanged',
    },
    notifications: { recordingSecretRef: { name: 'hooks' }, mediaPushSecretRef: { name: 'hooks' } },
    suspend: false,
    ...spec,
  } satisfies ProjectSpec,
});

const COMMON = {
  projectRef: { name: PROJECT },
  restartPolicy: 'Always',
  // The simulation looks for mistakes, not for patience.
  maxStartsPerHour: 60,
  priority: 0,
  deletionPolicy: 'Stop',
  suspend: false,
  desiredState: 'Running',
} as const;

export const recording = (name: string, spec: Partial<RecordingSpec> = {}): Declared => ({
  apiVersion: API_VERSION,
  kind: 'WebPageRecording',
  namespace: NAMESPACE,
  name,
  spec: {
    ...COMMON,
    region: 'eu',
    regionPolicy: 'Required',
    url: `https://stage.example.com/${name}`,
    audioProfile: 1,
    videoWidth: 1280,
    videoHeight: 720,
    videoFps: 15,
    maxRecordingHour: 6,
    avFileType: ['hls'],
    storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
    ...spec,
  } satisfies RecordingSpec,
});

export const converter = (name: string, spec: Partial<ConverterSpec> = {}): Declared => ({
  apiVersion: API_VERSION,
  kind: 'RtmpConverter',
  namespace: NAMESPACE,
  name,
  spec: {
    ...COMMON,
    region: 'eu',
    ...(spec.redundancy === undefined ? { rtmpUrlFrom: { secretKeyRef: { name: 'cdn', key: 'url' } } } : {}),
    idleTimeout: 300,
    transcodeOptions: {
      rtcChannel: 'show68',
      media: 'AudioVideo',
      audioOptions: {},
      videoOptions: { canvas: { width: 1280, height: 720 }, bitrate: 1500, layout: [], layoutType: 0 },
    },
    conflictPolicy: 'Fail',
    replaceAfter: 'Strikes',
    updateStrategy: 'StopFirst',
    ...spec,
  } satisfies ConverterSpec,
});

const CONFLICT_POLICIES = ['Fail', 'Fail', 'Adopt', 'Replace'] as const;

const SIZES = [
  [640, 360],
  [1280, 720],
  [1920, 1080],
] as const;

export function randomRecording(name: string, dice: Dice): Declared {
  const [videoWidth, videoHeight] = dice.pick(SIZES.slice(0, dice.chance(0.2) ? 3 : 2));
  const region = dice.pick(['eu', 'na'] as const);
  const storage = region === 'eu' ? 'EU_CENTRAL_1' : 'US_EAST_1';
  return recording(name, {
    region,
    videoWidth,
    videoHeight,
    videoFps: dice.pick([15, 30]),
    url: `https://stage.example.com/${name}?v=${dice.whole(1, 3)}`,
    maxRecordingHour: dice.pick([1, 2, 6]),
    restartPolicy: dice.pick(['Always', 'Always', 'OnFailure', 'Never'] as const),
    desiredState: dice.pick(['Running', 'Running', 'Running', 'OnHold', 'Stopped'] as const),
    priority: dice.pick([0, 0, 10]),
    storage: { vendor: 'AmazonS3', region: storage, bucket: 'talks', credentialsSecretRef: { name: 's3' } },
    ...(dice.chance(0.3) ? { publish: { rtmpUrl: `rtmp://cdn.example.com/live/${name}-${dice.whole(1, 2)}` } } : {}),
    ...(dice.chance(0.3) ? { readyTimeout: 20 } : {}),
    ...(dice.chance(0.5) ? { pageWatch: randomPageWatch(dice) } : {}),
  });
}

const randomPageWatch = (dice: Dice): PageWatch => ({
  // Twice the readyTimeout and ten seconds more, as the schema asks.
  readyWithinSeconds: dice.pick([50, 90]),
  heartbeatSeconds: dice.pick([5, 15, 30]),
  ...(dice.chance(0.5) ? { staleAfterSeconds: dice.pick([60, 120]) } : {}),
  elements: ['#stage', 'video.main'],
  media: dice.chance(0.7),
  tokenIn: dice.pick(['Query', 'Fragment'] as const),
});

/** The query parameter by which the CDN takes the priority of a Standby (MP-9). */
export const PRIORITY_PARAMETER = 'priority';

/** MP-8 to MP-10, each to addresses of its own; an edit may turn one mode into another. */
function randomRedundancy(name: string, dice: Dice): Partial<ConverterSpec> {
  const place = `rtmp://cdn.example.com/live/${name}`;
  const isolation = dice.chance(0.3);
  if (dice.chance(0.5)) {
    const priorities = dice.pick(isolation ? [2, 3] : [2, 3, 4]);
    return {
      rtmpUrl: place,
      updateStrategy: 'StopFirst',
      redundancy: { mode: 'Standby', isolation, priorityParameter: PRIORITY_PARAMETER, priorities },
    };
  }
  const outputs = ['a', 'b', 'c'].slice(0, dice.whole(2, 3)).map((each) => ({
    name: each,
    // One of them may be where the Standby was.
    rtmpUrl: each === 'a' ? place : `${place}-${each}${dice.whole(1, 2)}`,
  }));
  return {
    redundancy: { mode: 'Parallel', isolation, outputs, ...(dice.chance(0.5) ? { minReady: 1 } : {}) },
  };
}

/** `redundant` decides apart from all else whether it is (MP-8, MP-9). */
export function randomConverter(name: string, dice: Dice, redundant?: Dice): Declared {
  const [width, height] = dice.pick(SIZES.slice(0, dice.chance(0.2) ? 3 : 2));
  return converter(name, {
    region: dice.pick(['eu', 'na'] as const),
    idleTimeout: dice.pick([300, 600]),
    updateStrategy: dice.pick(['StopFirst', 'Overlap'] as const),
    replaceAfter: dice.pick(['Strikes', 'MigrationWindow'] as const),
    // By name, since what was adopted once stays adopted when the policy changes.
    conflictPolicy: CONFLICT_POLICIES[Number(name.split('-').at(-1)) % CONFLICT_POLICIES.length] ?? 'Fail',
    desiredState: dice.pick(['Running', 'Running', 'Running', 'Stopped'] as const),
    restartPolicy: dice.pick(['Always', 'Always', 'Never'] as const),
    priority: dice.pick([0, 0, 10]),
    transcodeOptions: {
      rtcChannel: dice.pick(['show68', 'show69']),
      media: 'AudioVideo',
      audioOptions: { bitrate: dice.pick([48, 64]) },
      videoOptions: { canvas: { width, height }, bitrate: dice.pick([1200, 1500]), layout: [], layoutType: 0 },
    },
    ...(redundant?.chance(0.5) === true ? randomRedundancy(name, redundant) : {}),
  });
}

import type { ConverterRow, Failure, FailureKind } from '../../../src/agora/answer.ts';
import type { Instant } from '../../../src/core/time.ts';
import { timestamp } from '../../../src/core/time.ts';
import type { ConverterResource } from '../../../src/kinds/converter/situation.ts';
import type { ConverterSpec, ConverterStatus, VideoOptions } from '../../../src/kinds/converter/types.ts';
import type { ProjectSpec } from '../../../src/kinds/project/types.ts';

export const APP_ID = '0123456789abcdef0123456789abcdef';
/** A whole minute, so that waits are easily read. */
export const T0: Instant = Date.parse('2026-12-01T09:00:00.000Z');

export const VIDEO: VideoOptions = {
  canvas: { width: 640, height: 360 },
  layout: [{ rtcStreamUid: 7, region: { xPos: 0, yPos: 0, zIndex: 0, width: 640, height: 360 } }],
  bitrate: 800,
};

export const converterSpec = (spec: Partial<ConverterSpec> = {}): ConverterSpec => ({
  projectRef: { name: 'live' },
  region: 'eu',
  ...(spec.redundancy?.mode === 'Parallel' ? {} : { rtmpUrl: 'rtmp://cdn.example.com/live/key' }),
  idleTimeout: 300,
  transcodeOptions: { rtcChannel: 'show68', media: 'AudioVideo', audioOptions: {}, videoOptions: VIDEO },
  conflictPolicy: 'Fail',
  replaceAfter: 'Strikes',
  updateStrategy: 'StopFirst',
  desiredState: 'Running',
  restartPolicy: 'Always',
  maxStartsPerHour: 12,
  priority: 0,
  deletionPolicy: 'Stop',
  suspend: false,
  ...spec,
});

/** MP-8: outputs of these names, each with an address of its own. */
export function parallel(names: readonly string[], spec: Partial<ConverterSpec> = {}): Partial<ConverterSpec> {
  const outputs = names.map((name) => ({ name, rtmpUrl: `rtmp://${name}.example.com/live/key` }));
  const redundancy = { mode: 'Parallel' as const, isolation: false, outputs };
  return { redundancy, ...spec };
}

/** MP-9: one address, priorities 1 to this. */
export const standby = (priorities: number, spec: Partial<ConverterSpec> = {}): Partial<ConverterSpec> => ({
  redundancy: { mode: 'Standby', isolation: false, priorityParameter: 'priority', priorities },
  ...spec,
});

export function converter(spec: Partial<ConverterSpec> = {}, status?: ConverterStatus): ConverterResource {
  return {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'RtmpConverter',
    metadata: {
      namespace: 'media',
      name: 'vertical',
      uid: 'uid-vertical',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: timestamp(T0),
      finalizers: ['agora-reconciler.dev/task'],
    },
    spec: converterSpec(spec),
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

const EFFECT_MAYBE: readonly FailureKind[] = ['lost', 'gateway-timeout', 'server', 'unreadable'];

export const failure = (kind: FailureKind, message: string = kind): Omit<Failure, 'sentAt'> => ({
  ok: false,
  kind,
  effect: EFFECT_MAYBE.includes(kind) ? 'maybe' : 'none',
  message,
  ids: { requestId: 'request' },
});

export const row = (shown: Partial<ConverterRow> & { readonly id: string }): ConverterRow => ({
  name: 'show68_vertical',
  rtcChannel: 'show68',
  rtmpUrl: 'rtmp://cdn.example.com/live/key',
  state: 'running',
  createTs: Math.floor(T0 / 1_000),
  updateTs: Math.floor(T0 / 1_000),
  ...shown,
});

import type { KindName } from '../../../src/core/resource.ts';

/** One row: a manifest, made from a valid one by setting fields, and what must become of it. */
export interface Case {
  readonly title: string;
  readonly kind: KindName;
  /** By dotted path; `undefined` removes the field. */
  readonly set: Readonly<Record<string, unknown>>;
  /** The field that is refused; absent for a manifest that is accepted. */
  readonly refused?: string;
  /** The declaration in force before, made from the valid one in the same way. */
  readonly old?: Readonly<Record<string, unknown>>;
}

export type Json = Readonly<Record<string, unknown>>;

export const manifest = ({ kind, set }: Pick<Case, 'kind' | 'set'>): Json => assign(VALID[kind], set);

/** Sets fields by dotted path in a copy. */
function assign(value: Json, set: Readonly<Record<string, unknown>>): Json {
  let result = value;
  for (const [path, member] of Object.entries(set)) result = put(result, path.split('.'), member);
  return result;
}

function put(value: unknown, [name = '', ...rest]: readonly string[], member: unknown): Json {
  const map: Json = typeof value === 'object' && value !== null ? { ...value } : {};
  const { [name]: inner, ...others } = map;
  if (rest.length > 0) return { ...map, [name]: put(inner, rest, member) };
  return member === undefined ? others : { ...map, [name]: member };
}

const head = (kind: KindName, name: string): Json => ({
  apiVersion: 'agora-reconciler.dev/v1alpha1',
  kind,
  metadata: { name, namespace: 'media' },
});

export const VALID: Readonly<Record<KindName, Json>> = {
  AgoraProject: {
    ...head('AgoraProject', 'live'),
    spec: { appId: '0123456789abcdef0123456789abcdef', credentialsSecretRef: { name: 'agora' } },
  },
  WebPageRecording: {
    ...head('WebPageRecording', 'keynote'),
    spec: {
      projectRef: { name: 'live' },
      region: 'eu',
      url: 'https://stage.example.com/keynote',
      audioProfile: 1,
      videoWidth: 1280,
      videoHeight: 720,
      maxRecordingHour: 4,
      storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
    },
  },
  RtmpConverter: {
    ...head('RtmpConverter', 'horizontal'),
    spec: {
      projectRef: { name: 'live' },
      region: 'eu',
      rtmpUrl: 'rtmp://cdn.example.com/live/show68',
      transcodeOptions: {
        rtcChannel: 'show68',
        media: 'AudioVideo',
        videoOptions: {
          canvas: { width: 1280, height: 720 },
          layout: [{ rtcStreamUid: 1, region: { xPos: 0, yPos: 0, zIndex: 0, width: 1280, height: 720 } }],
          bitrate: 2000,
        },
      },
    },
  },
};

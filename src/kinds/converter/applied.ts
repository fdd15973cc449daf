import type { Body } from '../../agora/api.ts';
import { keyedHash } from '../../core/hash.ts';
import type { ProjectSpec } from '../project/types.ts';
import { channelOf } from './name.ts';
import { valueAt } from './request.ts';
import type { ConverterSpec } from './types.ts';

const VIDEO = 'transcodeOptions.videoOptions';
const AUDIO = 'transcodeOptions.audioOptions';

/** What Agora's update takes (C.6), as the paths of its field mask; everything else re-creates.  (MP-25) */
export const UPDATABLE: readonly string[] = [
  'rtmpUrl',
  'jitterBufferSizeMs',
  `${AUDIO}.rtcStreamUids`,
  `${AUDIO}.volumes`,
  `${VIDEO}.canvas`,
  `${VIDEO}.layout`,
  `${VIDEO}.vertical`,
  `${VIDEO}.defaultPlaceholderImageUrl`,
  `${VIDEO}.bitrate`,
  `${VIDEO}.frameRate`,
  `${VIDEO}.gop`,
  `${VIDEO}.seiOptions`,
];

/** The user that an entry claimed in the ledger (MP-17), sent or not; another one is claimed by the next create. */
export const CLAIMED_USER = 'claimed user';

/** Of a member of a Standby (MP-9): the address without its priority, hashed as `rtmpUrl` is, so that others compare. */
export const ADDRESS = 'address';

/** What `applied` knows and no update sends. */
export const NOT_SENT: readonly string[] = [CLAIMED_USER, ADDRESS];

/**
 * Path → the value wished for, Agora's own defaults filled in: to declare what already holds is no change. `converter`
 * is the wire's form, so that what the encoder adds (MP-23) is compared as well.
 */
export function wishedValues(
  spec: ConverterSpec,
  converter: unknown,
  context: { readonly name: string; readonly compatibility: ProjectSpec['compatibility'] },
): Readonly<Record<string, unknown>> {
  const at = (path: string): unknown => valueAt(converter, path);
  const withVideo = at(VIDEO) !== undefined;
  const withAudio = spec.transcodeOptions !== undefined && spec.transcodeOptions.media !== 'VideoOnly';
  const audio = (name: string, byDefault: unknown): unknown =>
    withAudio ? (at(`${AUDIO}.${name}`) ?? byDefault) : undefined;
  const video = (name: string, byDefault: unknown): unknown =>
    withVideo ? (at(`${VIDEO}.${name}`) ?? byDefault) : undefined;
  const frameRate = video('frameRate', 15);
  return {
    ...Object.fromEntries(UPDATABLE.map((path) => [path, at(path)])),
    jitterBufferSizeMs: spec.jitterBufferSizeMs ?? 1_000,
    [`${VIDEO}.frameRate`]: frameRate,
    [`${VIDEO}.gop`]: video('gop', typeof frameRate === 'number' ? 2 * frameRate : undefined),
    // From here on a change re-creates.
    name: context.name,
    region: spec.region,
    regionHintIp: spec.regionHintIp,
    idleTimeout: spec.idleTimeout,
    user: context.compatibility.sendConverterUser ? spec.user : undefined,
    [CLAIMED_USER]: spec.user,
    'transcodeOptions.rtcChannel': channelOf(spec),
    'transcodeOptions.media': spec.transcodeOptions?.media ?? 'Raw',
    'transcodeOptions.sei': spec.transcodeOptions?.sei !== undefined,
    'rawOptions.rtcStreamUid': spec.rawOptions?.rtcStreamUid,
    [`${AUDIO}.codecProfile`]: audio('codecProfile', 'LC-AAC'),
    [`${AUDIO}.sampleRate`]: audio('sampleRate', 48_000),
    [`${AUDIO}.bitrate`]: audio('bitrate', 48),
    [`${AUDIO}.audioChannels`]: audio('audioChannels', 1),
    [`${VIDEO}.codec`]: video('codec', 'H.264'),
    [`${VIDEO}.codecProfile`]: video('codecProfile', at(`${VIDEO}.codec`) === 'H.265' ? 'main' : 'high'),
    [`${VIDEO}.layoutType`]: video('layoutType', 0),
  };
}

/** The hash that `applied` keeps of a value: keyed, so that it tells nothing of a stream key (design §4). */
export const hashOf = (uid: string, path: string, value: unknown): string => keyedHash(uid, [path, value]);

export const hashesOf = (uid: string, values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([path, value]) => [path, hashOf(uid, path, value)]));

/** The part of a create body that the hashes speak of. */
export const converterIn = (body: Body): unknown => body['converter'];

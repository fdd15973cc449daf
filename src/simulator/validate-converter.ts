import { isObject, type Json } from './json.ts';
import {
  anyObject,
  arrayOf,
  boolean,
  integer,
  number,
  object,
  oneOf,
  orNull,
  type Problem,
  type Rule,
  text,
  together,
} from './schema.ts';
import type { Switches } from './switches.ts';
import { CHANNEL_NAME, RTMP_URL } from './validate-recording.ts';

const channel = text({ pattern: CHANNEL_NAME });
const rtcUid = integer(1, 4_294_967_295);
const imageUrl = text({ pattern: /^https?:\/\/\S+$/ });

const region = object({
  required: {
    xPos: number(-100_000, 100_000),
    yPos: number(-100_000, 100_000),
    zIndex: number(0, 100),
    width: number(0, 100_000),
    height: number(0, 100_000),
  },
});
const streamView = object({
  required: { rtcStreamUid: rtcUid, region },
  optional: { fillMode: oneOf('fill', 'fit'), placeholderImageUrl: imageUrl },
});
const imageView = object({ required: { imageUrl, region }, optional: { fillMode: oneOf('fill', 'fit') } });
const view: Rule = (value, path) => (isObject(value) && 'imageUrl' in value ? imageView : streamView)(value, path);

const audioOptions = object(
  {
    optional: {
      codecProfile: oneOf('LC-AAC', 'HE-AAC'),
      sampleRate: oneOf(32_000, 44_100, 48_000),
      bitrate: number(32, 128),
      audioChannels: oneOf(1, 2),
      rtcStreamUids: arrayOf(rtcUid),
      volumes: arrayOf(object({ required: { rtcStreamUid: rtcUid }, optional: { volume: number(0, 200) } })),
    },
  },
  together('volumes', 'uids that are in rtcStreamUids', ({ volumes, rtcStreamUids }) => {
    if (!Array.isArray(volumes)) return true;
    const listed = Array.isArray(rtcStreamUids) ? rtcStreamUids : [];
    return volumes.every((each) => isObject(each) && listed.includes(each['rtcStreamUid']));
  }),
);

const isTiny = (canvas: unknown): boolean => isObject(canvas) && canvas['width'] === 16 && canvas['height'] === 16;
/** 66 to 1920 a side, or exactly 16x16, which carries SEI beside audio only. */
const canvas: Rule = (value, path) =>
  object({
    required: isTiny(value)
      ? { width: oneOf(16), height: oneOf(16) }
      : { width: integer(66, 1920), height: integer(66, 1920) },
    optional: { color: integer(0, 16_777_215) },
  })(value, path);

const videoOptions = object(
  {
    required: { canvas },
    optional: {
      layoutType: oneOf(0, 1),
      layout: arrayOf(view),
      vertical: object({
        optional: { maxResolutionUid: rtcUid, fillMode: oneOf('fill', 'fit'), refreshIntervalSec: number(1, 3_600) },
      }),
      defaultPlaceholderImageUrl: imageUrl,
      bitrate: number(1, 10_000),
      frameRate: number(1, 30),
      gop: number(1, 100_000),
      codec: oneOf('H.264', 'H.265'),
      codecProfile: oneOf('high', 'High', 'baseline', 'main'),
      seiOptions: object({
        optional: {
          source: object({
            optional: {
              metadata: boolean,
              datastream: boolean,
              customized: object({ optional: { prefixForAgoraSei: text({ max: 32 }), payload: text({ max: 4096 }) } }),
            },
          }),
          sink: object({ optional: { type: integer(0, 255) } }),
        },
      }),
    },
  },
  together('bitrate', 'a bitrate', ({ canvas: size, bitrate }) => bitrate !== undefined || isTiny(size)),
  together('layout', 'a layout', ({ layoutType, layout }) => layoutType === 1 || layout !== undefined),
  together(
    'codecProfile',
    'main, with H.265',
    ({ codec, codecProfile }) => codec !== 'H.265' || codecProfile === undefined || codecProfile === 'main',
  ),
);

/** The rules of a whole converter, as Create takes it and as an update must leave it (reference C.2). */
export function converterRule(switches: Switches): Rule {
  const user: Record<string, Rule> =
    switches.converterUser === 'accept' ? { uid: rtcUid, account: text({ min: 1 }) } : {};
  const idle = switches.idleTimeoutRange === 'beta' ? number(5, 600) : number(1, Number.MAX_SAFE_INTEGER);
  const transcodeOptions = object(
    { required: { rtcChannel: channel }, optional: { audioOptions: orNull(audioOptions), videoOptions, ...user } },
    together(
      'audioOptions',
      'audioOptions, videoOptions or both',
      (value) =>
        switches.emptyTranscode === 'video-only' ||
        value['audioOptions'] !== undefined ||
        value['videoOptions'] !== undefined,
    ),
  );
  return object(
    {
      required: { rtmpUrl: text({ pattern: RTMP_URL, max: 1024 }) },
      optional: {
        name: text({ pattern: /^[A-Za-z0-9_-]{0,64}$/ }),
        idleTimeOut: idle,
        idleTimeout: idle,
        jitterBufferSizeMs: integer(0, 1000),
        transcodeOptions,
        rawOptions: object({ required: { rtcChannel: channel, rtcStreamUid: rtcUid }, optional: user }),
      },
    },
    together(
      'idleTimeout',
      'one of its two spellings',
      (value) => value['idleTimeOut'] === undefined || value['idleTimeout'] === undefined,
    ),
    together(
      'transcodeOptions',
      'exactly one of transcodeOptions and rawOptions',
      (value) => (value['transcodeOptions'] === undefined) !== (value['rawOptions'] === undefined),
    ),
  );
}

export const createBody = (switches: Switches): Rule => object({ required: { converter: converterRule(switches) } });
export const updateBody: Rule = object({ required: { converter: anyObject, fields: text({ min: 1 }) } });

/** Agora names the field in its own words; the path is given from `converter` on. */
export const converterReason = (path: string): string =>
  `Invalid parameter: ${path.replace(/^converter\.(?=.)/, '') || 'body'}. Replace and retry.`;

export const reasonOf = ({ path }: Problem): string => converterReason(path);

export type ConverterKind = 'raw' | 'audio' | 'video' | 'audio-video';

/** Which of the kinds that no update can change. */
export function kindOf(converter: Json): ConverterKind {
  const options = converter['transcodeOptions'];
  if (!isObject(options)) return 'raw';
  const audio = options['audioOptions'] !== undefined;
  const video = options['videoOptions'] !== undefined;
  return audio ? (video ? 'audio-video' : 'audio') : 'video';
}

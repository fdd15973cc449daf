import type { Body } from '../../agora/api.ts';
import { type Secret } from '../../core/secret.ts';
import type { ProjectSpec } from '../project/types.ts';
import { reveal } from '../reference.ts';
import type { AudioOnlySei, ConverterSpec, TranscodeOptions } from './types.ts';

type Compatibility = ProjectSpec['compatibility'];

/** Reference C.2: the whole body of a create. */
export function createBody(
  spec: ConverterSpec,
  task: { readonly name: string; readonly rtmpUrl: Secret | string },
  compatibility: Compatibility,
): Body {
  return { converter: converterOf(spec, task, compatibility) };
}

/** Reference C.6: exactly the changed paths; one that is no longer declared is named in the mask alone, which clears it. */
export function updateBody(
  spec: ConverterSpec,
  task: { readonly name: string; readonly rtmpUrl: Secret | string },
  paths: readonly string[],
  compatibility: Compatibility,
): Body {
  const whole = converterOf(spec, task, compatibility);
  const converter = paths.reduce<Body>((body, path) => withValue(body, path.split('.'), valueAt(whole, path)), {});
  return { converter, fields: paths.join(',') };
}

/** The value at a path of a body; undefined where there is none. */
export function valueAt(body: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (isBody(value) ? value[name] : undefined), body);
}

function converterOf(
  spec: ConverterSpec,
  task: { readonly name: string; readonly rtmpUrl: Secret | string },
  compatibility: Compatibility,
): Body {
  return defined({
    name: task.name,
    rtmpUrl: reveal(task.rtmpUrl),
    // C.10: the table and the samples spell it differently.
    [compatibility.idleTimeoutKey]: spec.idleTimeout,
    jitterBufferSizeMs: spec.jitterBufferSizeMs,
    // MP-17: the published body has no such field.
    ...(compatibility.sendConverterUser ? { uid: spec.user?.uid, account: spec.user?.account } : {}),
    transcodeOptions:
      spec.transcodeOptions === undefined ? undefined : transcoded(spec.transcodeOptions, compatibility),
    rawOptions: spec.rawOptions,
  });
}

/** MP-20: video only has no audioOptions, audio only no videoOptions, both have both. */
function transcoded(options: TranscodeOptions, compatibility: Compatibility): Body {
  const { rtcChannel, media, audioOptions, videoOptions, sei } = options;
  return defined({
    rtcChannel,
    audioOptions: media === 'VideoOnly' ? undefined : audioOf(audioOptions, compatibility),
    videoOptions: media === 'AudioOnly' ? (sei === undefined ? undefined : seiVideo(sei)) : videoOptions,
  });
}

/** MP-20: `{}` by the reference, null by the best practices, where nothing is set. */
function audioOf(options: TranscodeOptions['audioOptions'], compatibility: Compatibility): unknown {
  if (options !== undefined && Object.keys(options).length > 0) return options;
  return compatibility.emptyAudioOptions === 'Null' ? null : {};
}

/** MP-23: the smallest video there is carries the SEI data; its layout names the user whose data it is. */
function seiVideo(sei: AudioOnlySei): Body {
  const { userUid, ...seiOptions } = sei;
  return {
    canvas: { width: 16, height: 16 },
    layout: [{ rtcStreamUid: userUid, region: { xPos: 0, yPos: 0, zIndex: 0, width: 16, height: 16 } }],
    bitrate: 1,
    seiOptions,
  };
}

function withValue(body: Body, [name, ...rest]: readonly string[], value: unknown): Body {
  if (name === undefined || value === undefined) return body;
  if (rest.length === 0) return { ...body, [name]: value };
  const inner = body[name];
  return { ...body, [name]: withValue(isBody(inner) ? inner : {}, rest, value) };
}

const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);

const defined = (members: Body): Body =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

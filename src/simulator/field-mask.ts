import { isObject, type Json } from './json.ts';

/** What an update can never change (reference C.6, MP-25), and what it can change only in its parts. */
const FIXED = [
  'name',
  'idleTimeOut',
  'idleTimeout',
  'transcodeOptions.rtcChannel',
  'transcodeOptions.audioOptions.codecProfile',
  'transcodeOptions.audioOptions.sampleRate',
  'transcodeOptions.audioOptions.bitrate',
  'transcodeOptions.audioOptions.audioChannels',
  'transcodeOptions.videoOptions.codec',
  'transcodeOptions.videoOptions.codecProfile',
];
const NOT_AS_A_WHOLE = ['transcodeOptions', 'transcodeOptions.audioOptions', 'rawOptions'];

export type Masked = { readonly ok: true; readonly config: Json } | { readonly ok: false; readonly path: string };

/**
 * Applies a protobuf FieldMask: each path of the mask takes the body's value, arrays as a whole; a path that the body
 * leaves out is cleared; what the mask does not name stays. Refused are fixed fields, and everything but `rtmpUrl`
 * for raw converters and for those with the vertical layout.
 */
export function applyMask(config: Json, body: Json, fields: string): Masked {
  const onlyAddress = isObject(config['rawOptions']) || hasVerticalLayout(config);
  let changed = config;
  for (const path of fields.split(',').map((each) => each.trim())) {
    const fixed = FIXED.includes(path) || FIXED.some((each) => path.startsWith(`${each}.`));
    if (path === '' || fixed || NOT_AS_A_WHOLE.includes(path) || path.startsWith('rawOptions.'))
      return { ok: false, path: path || 'fields' };
    if (onlyAddress && path !== 'rtmpUrl') return { ok: false, path };
    const names = path.split('.');
    changed = replaced(changed, names, valueAt(body, names));
  }
  const moved = FIXED.find(
    (path) => JSON.stringify(valueAt(changed, path.split('.'))) !== JSON.stringify(valueAt(config, path.split('.'))),
  );
  return moved === undefined ? { ok: true, config: changed } : { ok: false, path: moved };
}

function hasVerticalLayout(config: Json): boolean {
  return valueAt(config, ['transcodeOptions', 'videoOptions', 'layoutType']) === 1;
}

const valueAt = (value: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>((at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined), value);

function replaced(value: Json, [name, ...rest]: readonly string[], next: unknown): Json {
  if (name === undefined) return value;
  const { [name]: before, ...others } = value;
  if (rest.length > 0) return { ...value, [name]: replaced(isObject(before) ? before : {}, rest, next) };
  return next === undefined ? others : { ...others, [name]: next };
}

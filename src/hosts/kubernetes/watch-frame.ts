import { ApiError, member, statusOf } from './api-error.ts';

/** Something else than a frame of a watch. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

export interface WatchFrame {
  readonly type: unknown;
  readonly object: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Absent: it is no frame of ours. */
  readonly version: string | undefined;
}

/** One line of a watch; throws an ERROR frame as the answer that it is. */
export function parseFrame(line: string, path: string): WatchFrame {
  let frame: { readonly type?: unknown; readonly object?: unknown };
  try {
    frame = member(JSON.parse(line));
  } catch {
    // Not the error itself: it quotes the text.
    throw new BadFrame(`a frame of ${path} is no JSON`);
  }
  const { type, object } = frame;
  if (type === 'ERROR') throw new ApiError(`watch of ${path}`, { status: statusOf(object).code ?? 500, body: object });
  const metadata = member(member(object)['metadata']);
  return { type, object, metadata, version: textOf(metadata['resourceVersion']) };
}

const CHANGED = '{"type":"MODIFIED",';
const VERSION = '"resourceVersion":"';

/**
 * The version of a changed object, without reading the frame: most frames of a rollout are of our own writes. Within a
 * text of the object its quotes would be escaped, so that the name can only be that of a field; undefined where in doubt.
 */
export function changedVersion(line: string): string | undefined {
  if (!line.startsWith(CHANGED)) return undefined;
  const from = line.indexOf(VERSION);
  // Another one elsewhere, as in a reference to an object: which is the object's own?
  if (from < 0 || line.includes(VERSION, from + VERSION.length)) return undefined;
  return line.slice(from + VERSION.length, line.indexOf('"', from + VERSION.length));
}

/** The bookmark after the last of a streamed list. */
export const endsInitialEvents = ({ metadata }: WatchFrame): boolean =>
  member(metadata['annotations'])['k8s.io/initial-events-end'] === 'true';

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

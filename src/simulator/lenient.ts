import { isObject, type Json } from './json.ts';

/**
 * Turns what the official clients send beside the documents (reference A.5) into the documented form, so that the
 * strict rules need no exceptions: `VideoBitrate`, enums that are empty text, uids as text.
 */
export function documentedForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(documentedForm);
  if (!isObject(value)) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => !(member === '' && EMPTY_MEANS_ABSENT.has(name)))
    .map(
      ([name, member]) =>
        [RENAMED.get(name) ?? name, UIDS.has(name) ? numbers(member) : documentedForm(member)] as const,
    );
  return Object.fromEntries(members);
}

const RENAMED: ReadonlyMap<string, string> = new Map([['VideoBitrate', 'videoBitrate']]);
const EMPTY_MEANS_ABSENT: ReadonlySet<string> = new Set([
  'errorHandlePolicy',
  'apiVersion',
  'sse',
  'tag',
  'endpoint',
  'stsToken',
  'region',
]);
/** Fields of Media Push; a recording's `uid` is text by the documents. */
const UIDS: ReadonlySet<string> = new Set(['rtcStreamUid', 'rtcStreamUids', 'maxResolutionUid']);

function numbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbers);
  return typeof value === 'string' && /^[0-9]{1,10}$/.test(value) ? Number(value) : value;
}

/** An update without `fields`, or with it inside `converter`: the mask is what the body holds. */
export function withFields(body: unknown): unknown {
  if (!isObject(body) || !isObject(body['converter']) || body['fields'] !== undefined) return body;
  const { fields: inner, ...converter } = body['converter'];
  return { converter, fields: typeof inner === 'string' ? inner : updatable(converter).join(',') };
}

/** Paths of the body but the channel's name, which the community's middleware repeats in every update. */
function updatable(converter: Json): string[] {
  return Object.entries(converter).flatMap(([name, member]) =>
    name === 'transcodeOptions' && isObject(member)
      ? paths(member, name, 2).filter((path) => path !== 'transcodeOptions.rtcChannel')
      : [name],
  );
}

function paths(value: Json, prefix: string, depth: number): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const path = `${prefix}.${name}`;
    return depth > 1 && isObject(member) && Object.keys(member).length > 0 ? paths(member, path, depth - 1) : [path];
  });
}

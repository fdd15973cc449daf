import type { Product } from './limits.ts';
import { type Area, isArea } from './sizes.ts';

export const CALL_NAMES = [
  'acquire',
  'start',
  'query',
  'updateRecording',
  'stop',
  'ncsIp',
  'create',
  'get',
  'updateConverter',
  'deleteConverter',
  'list',
  'listChannel',
] as const;
export type CallName = (typeof CALL_NAMES)[number];

export interface AcquireRoute {
  readonly call: 'acquire';
  readonly appId: string;
}
export interface StartRoute {
  readonly call: 'start';
  readonly appId: string;
  readonly resourceId: string;
}
export interface RecordingRoute {
  readonly call: 'query' | 'updateRecording' | 'stop';
  readonly appId: string;
  readonly resourceId: string;
  readonly sid: string;
}
export interface CreateRoute {
  readonly call: 'create';
  readonly appId: string;
  /** Undefined: a path without a region, which only a lenient cloud takes. */
  readonly area: string | undefined;
}
export interface ConverterRoute {
  readonly call: 'get' | 'updateConverter' | 'deleteConverter';
  readonly appId: string;
  readonly area: string | undefined;
  readonly converterId: string;
  readonly sequence: string | undefined;
}
export interface ListRoute {
  readonly call: 'list' | 'listChannel';
  readonly appId: string;
  /** Only converters of this channel. */
  readonly channel: string | undefined;
  readonly cursor: string | undefined;
}

/** A request whose method and path are those of an endpoint (reference B.1, C.1). */
export type Route =
  | { readonly call: 'ncsIp' }
  | AcquireRoute
  | StartRoute
  | RecordingRoute
  | CreateRoute
  | ConverterRoute
  | ListRoute;

export function routeOf(method: string, url: URL): Route | undefined {
  const segments: string[] = [];
  for (const raw of url.pathname.split('/').slice(1)) {
    const segment = decoded(raw);
    if (segment === undefined || segment === '') return undefined;
    segments.push(segment);
  }
  const [version, second, third] = segments;
  if (second === 'ncs')
    return (version === 'v1' || version === 'v2') && third === 'ip' && segments.length === 3 && method === 'GET'
      ? { call: 'ncsIp' }
      : undefined;
  if (version === 'v1' && second === 'apps') return recordingRoute(method, segments.slice(2));
  if (version === 'v1') return converterRoute(method, undefined, segments.slice(1), url);
  return second === 'v1' ? converterRoute(method, version, segments.slice(2), url) : undefined;
}

/** `{appId}/cloud_recording/…` */
function recordingRoute(method: string, [appId, service, ...rest]: readonly string[]): Route | undefined {
  if (appId === undefined || service !== 'cloud_recording') return undefined;
  const [first, resourceId, third, fourth, fifth, sixth, seventh] = rest;
  if (first === 'acquire') return method === 'POST' && rest.length === 1 ? { call: 'acquire', appId } : undefined;
  if (first !== 'resourceid' || resourceId === undefined) return undefined;
  if (third === 'mode') {
    return method === 'POST' && fourth === 'web' && fifth === 'start' && rest.length === 5
      ? { call: 'start', appId, resourceId }
      : undefined;
  }
  if (third !== 'sid' || fourth === undefined || fifth !== 'mode' || sixth !== 'web' || rest.length !== 7)
    return undefined;
  const handle = { appId, resourceId, sid: fourth };
  if (method === 'GET') return seventh === 'query' ? { call: 'query', ...handle } : undefined;
  if (method !== 'POST') return undefined;
  if (seventh === 'update') return { call: 'updateRecording', ...handle };
  return seventh === 'stop' ? { call: 'stop', ...handle } : undefined;
}

/** `projects/{appId}/…` */
function converterRoute(
  method: string,
  area: string | undefined,
  [projects, appId, ...rest]: readonly string[],
  url: URL,
): Route | undefined {
  if (projects !== 'projects' || appId === undefined) return undefined;
  const cursor = url.searchParams.get('cursor') ?? undefined;
  if (area === undefined && rest[0] === 'channels') {
    const [, channel, last] = rest;
    return method === 'GET' && channel !== undefined && last === 'rtmp-converters' && rest.length === 3
      ? { call: 'listChannel', appId, channel, cursor }
      : undefined;
  }
  const [collection, converterId] = rest;
  if (collection !== 'rtmp-converters' || rest.length > 2) return undefined;
  if (converterId === undefined) {
    if (method === 'GET') return area === undefined ? { call: 'list', appId, channel: undefined, cursor } : undefined;
    return method === 'POST' ? { call: 'create', appId, area } : undefined;
  }
  const call =
    method === 'GET'
      ? 'get'
      : method === 'PATCH'
        ? 'updateConverter'
        : method === 'DELETE'
          ? 'deleteConverter'
          : undefined;
  if (call === undefined) return undefined;
  return { call, appId, area, converterId, sequence: url.searchParams.get('sequence') ?? undefined };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

export function productOf(call: CallName): Product | undefined {
  switch (call) {
    case 'ncsIp':
      return undefined;
    case 'acquire':
    case 'start':
    case 'query':
    case 'updateRecording':
    case 'stop':
      return 'recording';
    default:
      return 'converter';
  }
}

/** The area of a converter's path; a lenient cloud takes a path without one. */
export const areaOf = (segment: string | undefined, fallback: Area): Area | undefined =>
  segment === undefined ? fallback : isArea(segment) ? segment : undefined;

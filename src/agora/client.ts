import type { Clock } from '../core/clock.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../core/http.ts';
import type { Answer, CallIds, Failure } from './answer.ts';
import type { AgoraApi, Body, Call, ConverterHandle, RecordingHandle } from './api.ts';
import { type AgoraValueOf, CALLS, type CallName } from './calls.ts';
import type { Domains, Route } from './domain-book.ts';
import { classifyAnswer, isSuccess, mayHaveEffect } from './errors.ts';
import { parseJson } from './json.ts';
import { classifyNetworkError } from './network-errors.ts';
import { PARSERS } from './parse.ts';
import { basicToken, redacted, secretsOf } from './redact.ts';

export interface AgoraApiOptions {
  readonly transport: Transport;
  readonly domains: Domains;
  readonly clock: Clock;
}

interface Request {
  readonly method: HttpRequest['method'];
  /** Encoded, with its query; secrets go into bodies only. */
  readonly path: string;
  readonly body?: Body;
}

/** The typed endpoints of `api.ts` over a transport. It tries once; repeating is for `decide`.  (B.1, C.1, design §7) */
export function createAgoraApi(options: AgoraApiOptions): AgoraApi {
  const send = <Name extends CallName>(name: Name, call: Call, request: Request): Promise<Answer<AgoraValueOf<Name>>> =>
    exchange(options, name, call, request);
  const post = (path: string, body: Body): Request => ({ method: 'POST', path, body });

  return {
    acquire: (call, body) => send('acquire', call, post(`${recordings(call)}/acquire`, body)),
    start: (call, { resourceId }, body) =>
      send('start', call, post(encode`${raw(recordings(call))}/resourceid/${resourceId}/mode/web/start`, body)),
    query: (call, handle) => send('query', call, { method: 'GET', path: `${recording(call, handle)}/query` }),
    updateRecording: (call, handle, body) =>
      send('updateRecording', call, post(`${recording(call, handle)}/update`, body)),
    stop: (call, handle, body) => send('stop', call, post(`${recording(call, handle)}/stop`, body)),
    create: (call, region, body, { regionHintIp }) =>
      send('create', call, post(encode`/${region}${raw(converters(call))}${raw(query({ regionHintIp }))}`, body)),
    get: (call, handle) => send('get', call, { method: 'GET', path: converter(call, handle) }),
    updateConverter: (call, handle, sequence, body) =>
      send('updateConverter', call, {
        method: 'PATCH',
        path: converter(call, handle) + query({ sequence: String(sequence) }),
        body,
      }),
    deleteConverter: (call, handle) =>
      send('deleteConverter', call, { method: 'DELETE', path: converter(call, handle) }),
    list: (call, cursor) => send('list', call, { method: 'GET', path: converters(call) + query({ cursor }) }),
  };
}

async function exchange<Name extends CallName>(
  { transport, domains, clock }: AgoraApiOptions,
  name: Name,
  call: Call,
  request: Request,
): Promise<Answer<AgoraValueOf<Name>>> {
  const { deadlineMs, maxAnswerBytes } = CALLS[name];
  const sentAt = clock.now();
  const failed = (
    failure: Pick<Failure, 'kind' | 'effect'> & { readonly text: string } & Partial<Failure>,
  ): Failure => {
    const { text, ...rest } = failure;
    const message = redacted(text, secretsOf(call.credentials, request.body));
    return { ids: { requestId: call.requestId }, ...rest, ok: false, message, sentAt };
  };
  if (call.signal.aborted) return failed({ kind: 'refused', effect: 'none', text: 'given up before it was sent' });

  const route = domains.choose(call.appId, name, sentAt);
  const http = { ...httpRequest(route, call, request), maxAnswerBytes };
  const deadline = clock.deadline(deadlineMs, call.signal);
  let answer: HttpAnswer;
  try {
    answer = await transport(http, deadline.signal);
  } catch (error) {
    const { kind, code } = classifyNetworkError(error);
    // Giving up is ours: it says nothing of the domain. A body that is too long came from a domain that works.
    if (kind === 'unreadable') domains.answered(call.appId, route, clock.now());
    else if (!call.signal.aborted) domains.failed(call.appId, route, kind === 'dns' ? 'dns' : 'network', clock.now());
    const mayHaveActed = mayHaveEffect(name) && (kind === 'lost' || kind === 'unreadable');
    const what = kind === 'unreadable' ? 'unusable answer' : 'no answer';
    return failed({ kind, effect: mayHaveActed ? 'maybe' : 'none', text: `${what} from ${route.host}: ${code}` });
  } finally {
    deadline.end();
  }

  domains.answered(call.appId, route, clock.now());
  const ids = idsOf(call.requestId, answer);
  const body = parseJson(answer.body);
  const { status } = answer;
  if (!isSuccess(name, status, body)) return failed({ ...classifyAnswer(name, status, answer.body), status, ids });
  const value = PARSERS[name](body);
  if (value !== undefined) return { ok: true, value, ids, sentAt };
  const effect = mayHaveEffect(name) ? 'maybe' : 'none';
  return failed({ kind: 'unreadable', effect, status, ids, text: `the answer to ${name} lacks what it must carry` });
}

const httpRequest = (route: Route, call: Call, { method, path, body }: Request): HttpRequest => ({
  method,
  url: route.baseUrl + path,
  headers: {
    accept: 'application/json',
    authorization: `Basic ${basicToken(call.credentials)}`,
    'content-type': 'application/json',
    'x-request-id': call.requestId,
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

/** MP-16. The server may answer with our ID, one of its own, or none. */
function idsOf(requestId: string, { headers }: HttpAnswer): CallIds {
  const header = (name: string): string | undefined => headers[name]?.slice(0, 128) || undefined;
  const agoraRequestId = header('x-request-id');
  const customRequestId = header('x-custom-request-id');
  const resourceId = header('x-resource-id');
  return {
    requestId,
    ...(agoraRequestId === undefined || agoraRequestId === requestId ? {} : { agoraRequestId }),
    ...(customRequestId === undefined ? {} : { customRequestId }),
    ...(resourceId === undefined ? {} : { resourceId }),
  };
}

const recordings = (call: Call): string => encode`/v1/apps/${call.appId}/cloud_recording`;

const recording = (call: Call, { resourceId, sid }: RecordingHandle): string =>
  encode`${raw(recordings(call))}/resourceid/${resourceId}/sid/${sid}/mode/web`;

const converters = (call: Call): string => encode`/v1/projects/${call.appId}/rtmp-converters`;

const converter = (call: Call, { region, converterId }: ConverterHandle): string =>
  encode`/${region}${raw(converters(call))}/${converterId}`;

interface Raw {
  readonly encoded: string;
}

const raw = (encoded: string): Raw => ({ encoded });

/** A path whose parts are percent-encoded, but for those that are one already. */
function encode(texts: TemplateStringsArray, ...parts: readonly (string | Raw)[]): string {
  const encoded = parts.map((part) =>
    typeof part === 'string' ? encodeURIComponent(part.toWellFormed()) : part.encoded,
  );
  return texts.map((text, index) => text + (encoded[index] ?? '')).join('');
}

function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

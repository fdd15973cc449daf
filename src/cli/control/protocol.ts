import type { Key, KindName, Resource } from '../../core/resource.ts';
import type { Timestamp } from '../../core/time.ts';
import type { ServiceHealth } from '../../kinds/context.ts';
import type { LaneStats } from '../../limits/lane.ts';
import type { Explanation } from '../../plan/explanation.ts';
import type { SupportCase } from '../../plan/support.ts';

/*
 * What commands ask a running `watch` over the socket in its state directory, or a running `controller` with
 * `POST /control` at its health address: one line of JSON, answered by one line.
 *
 *   → {"version":1,"ask":"explain","key":"RtmpConverter/media/vertical"}
 *   ← {"version":1,"ok":true,"answer":{…}}      or      {"version":1,"ok":false,"error":{"code":"not-found","message":"…"}}
 */

/** Of the HTTP server that a controller answers probes with. */
export const CONTROL_PATH = '/control';
/** Grows when an older party could not understand a newer one. */
export const PROTOCOL_VERSION = 1;
/** A request names a key at most. */
export const MAX_REQUEST_BYTES = 16_384;
/** Ten thousand resources with their statuses. */
export const MAX_ANSWER_BYTES = 128 * 1_024 * 1_024;
/** Real milliseconds, whatever clock the run is on. */
export const REQUEST_TIMEOUT_MS = 5_000;
export const ANSWER_TIMEOUT_MS = 15_000;
export const MAX_CONNECTIONS = 32;

export interface Asks {
  readonly get: {
    readonly request: { readonly kinds: readonly KindName[]; readonly namespace?: string; readonly name?: string };
    /** Without what may hold a key. */
    readonly answer: { readonly at: Timestamp; readonly resources: readonly Resource[] };
  };
  readonly explain: { readonly request: { readonly key: Key }; readonly answer: Explanation };
  readonly support: { readonly request: { readonly key: Key }; readonly answer: SupportCase };
  readonly prune: {
    /** `confirm`: the digest of the list that a person has seen; nothing else is confirmed. */
    readonly request: { readonly confirm?: string };
    readonly answer: PruneAnswer;
  };
  readonly stats: { readonly request: object; readonly answer: StatsAnswer };
  readonly plan: { readonly request: object; readonly answer: PlanMemory };
}

export type Ask = keyof Asks;
export const ASKS: readonly Ask[] = ['get', 'explain', 'support', 'prune', 'stats', 'plan'];

export interface PruneAnswer {
  readonly result: 'listed' | 'confirmed' | 'differs';
  /** The removals that are held back; empty where none is. */
  readonly held: readonly Key[];
  readonly digest: string;
}

export interface StatsAnswer {
  readonly at: Timestamp;
  readonly pid: number;
  readonly passes: number;
  /** Keys that wait for a worker. */
  readonly waiting: number;
  readonly lanes: readonly (LaneStats & { readonly appId: string; readonly limit: string })[];
  readonly slots: readonly SlotUse[];
  /** Of a controller in a cluster that watches these only. */
  readonly namespaces?: readonly string[];
}

export interface SlotUse {
  readonly appId: string;
  /** `recording/eu/HD`, `converter`. */
  readonly id: string;
  readonly held: number;
  readonly limit: number;
  readonly waiting: number;
}

/** What of a controller's memory no status holds, for `plan`. */
export interface PlanMemory {
  readonly at: Timestamp;
  readonly appIds: readonly {
    readonly appId: string;
    /** Converters that are not ours. */
    readonly foreign: number;
    readonly slots: readonly Omit<SlotUse, 'appId'>[];
    readonly health: { readonly recording: ServiceHealth; readonly converter: ServiceHealth };
  }[];
}

export type Request = { readonly [Each in Ask]: { readonly ask: Each } & Asks[Each]['request'] }[Ask];

/** `standby`: another replica leads, and only it knows. */
export type ControlErrorCode = 'bad-request' | 'version' | 'not-found' | 'standby' | 'failed';

/** An answer that is no answer; the message is for the user of the command. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;
  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const requestLine = (request: Request): string =>
  `${JSON.stringify({ version: PROTOCOL_VERSION, ...request })}\n`;
export const answerLine = (answer: unknown): string =>
  `${JSON.stringify({ version: PROTOCOL_VERSION, ok: true, answer })}\n`;
export const errorLine = ({ code, message }: Pick<ControlError, 'code' | 'message'>): string =>
  `${JSON.stringify({ version: PROTOCOL_VERSION, ok: false, error: { code, message } })}\n`;

/** Reads a request line of anybody who may open the socket; throws a `ControlError` for what is none. */
export function parseRequest(line: string): Request {
  const fields = objectOf(line);
  if (fields === undefined) throw new ControlError('bad-request', 'the request is no JSON object');
  checkVersion(fields);
  const { ask, key, confirm, namespace, name, kinds } = fields;
  if (!ASKS.some((each) => each === ask)) throw new ControlError('bad-request', 'the request asks for nothing known');
  for (const text of [key, confirm, namespace, name])
    if (text !== undefined && typeof text !== 'string')
      throw new ControlError('bad-request', 'a field of the request is no text');
  if ((ask === 'explain' || ask === 'support') && !(typeof key === 'string' && /^[A-Za-z]+\/[^/]+\/[^/]+$/.test(key)))
    throw new ControlError('bad-request', 'key has to be Kind/namespace/name');
  if (ask === 'get' && !(Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string')))
    throw new ControlError('bad-request', 'kinds has to be a list of texts');
  return fields as unknown as Request;
}

/** Reads an answer line of our own controller; throws a `ControlError` where it is an error. */
export function parseAnswer(line: string): unknown {
  const fields = objectOf(line);
  if (fields === undefined) throw new ControlError('failed', 'the controller’s answer is no JSON object');
  checkVersion(fields);
  if (fields['ok'] === true) return fields['answer'];
  const { code, message } = (fields['error'] ?? {}) as { readonly code?: ControlErrorCode; readonly message?: string };
  throw new ControlError(code ?? 'failed', message ?? 'the controller refused to answer');
}

function checkVersion(fields: Readonly<Record<string, unknown>>): void {
  if (fields['version'] === PROTOCOL_VERSION) return;
  throw new ControlError(
    'version',
    'the command and the running controller are of different versions; use the same one for both',
  );
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

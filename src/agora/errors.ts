import type { Effect, FailureKind } from './answer.ts';
import { CALLS, type CallName } from './calls.ts';
import { asHandle, asNumber, asObject, asText, parseJson } from './json.ts';

/** What an HTTP answer that is no success means. Its text is Agora's, not yet redacted. */
export interface Verdict {
  readonly kind: FailureKind;
  readonly effect: Effect;
  readonly code?: number;
  readonly text: string;
  readonly sid?: string;
}

/** One line of the table; every condition that it names must hold. The first line that fits decides. */
interface Row {
  readonly calls?: readonly CallName[];
  readonly code?: number | readonly number[];
  readonly status?: number | readonly [from: number, to: number];
  readonly text?: RegExp;
  readonly kind: FailureKind;
  readonly effect: Effect;
}

/**
 * The body's code, of Cloud Recording only, before the HTTP status; then the text of those statuses that have several
 * meanings; then the status. 5xx may have had an effect unless the code says that nothing began.
 * (WR-6, MP-26, B.8, C.8, design §7)
 */
const CODES: readonly Row[] = [
  { code: [2, 8, 109, 110, 1013, 1028], kind: 'parameter', effect: 'none' },
  // It lives: somebody's start had an effect, and that was ours.
  { code: 7, kind: 'already-started', effect: 'maybe' },
  { code: 49, kind: 'stopping', effect: 'none' },
  // A synchronous stop whose uploads took longer than 20 s (B.7).
  { code: 50, kind: 'server', effect: 'maybe' },
  { code: 53, kind: 'task-conflict', effect: 'none' },
  // The older meaning on acquire, "not enabled", came with 4xx; with 5xx it is the newer "request timeout".
  { code: 62, calls: ['acquire'], status: [200, 499], kind: 'entitlement', effect: 'none' },
  { code: 62, kind: 'server', effect: 'maybe' },
  { code: 65, kind: 'jitter', effect: 'maybe' },
  { code: 400, text: /invalid_appid|appid is invalid/i, kind: 'entitlement', effect: 'none' },
  { code: 400, kind: 'parameter', effect: 'none' },
  { code: 401, status: 401, kind: 'credential', effect: 'none' },
  { code: 401, kind: 'parameter', effect: 'none' },
  { code: 404, kind: 'not-found', effect: 'none' },
  { code: 405, kind: 'account', effect: 'none' },
  { code: 406, kind: 'quota', effect: 'none' },
  { code: [432, 1001, 1003], kind: 'handle-invalid', effect: 'none' },
  { code: 433, kind: 'handle-expired', effect: 'none' },
  { code: 435, kind: 'no-data', effect: 'maybe' },
  { code: 500, kind: 'server', effect: 'maybe' },
  // "Service is exiting" to who asks for a task; to acquire it is "no worker manager available".
  { code: 501, calls: ['query', 'updateRecording', 'stop'], kind: 'stopping', effect: 'none' },
  { code: 501, kind: 'server', effect: 'maybe' },
  { code: 502, kind: 'no-worker', effect: 'none' },
  { code: 504, calls: ['acquire'], kind: 'server', effect: 'none' },
  { code: 504, kind: 'gateway-timeout', effect: 'maybe' },
];

const WITH_HANDLE: readonly CallName[] = [
  'query',
  'updateRecording',
  'stop',
  'get',
  'updateConverter',
  'deleteConverter',
];

const TEXTS_AND_STATUSES: readonly Row[] = [
  // Success-ish without its code: the code's meaning, since only start answers so.
  { status: 201, calls: ['start'], kind: 'already-started', effect: 'maybe' },
  { status: [200, 299], kind: 'unreadable', effect: 'maybe' },
  { status: 400, text: /appid is invalid|invalid_appid/i, kind: 'entitlement', effect: 'none' },
  { status: 400, text: /no_active_status/i, kind: 'account', effect: 'none' },
  { status: 400, text: /vendor_over_load/i, kind: 'quota', effect: 'none' },
  { status: 401, kind: 'credential', effect: 'none' },
  { status: 403, kind: 'entitlement', effect: 'none' },
  { status: 404, text: /no route matched/i, kind: 'no-route', effect: 'none' },
  { status: 404, text: /failed to find worker|not found and destroyed/i, kind: 'not-found', effect: 'none' },
  // A page of some gateway says nothing of a task.
  { status: 404, text: /<html|<!doctype/i, kind: 'no-route', effect: 'none' },
  { status: 404, calls: WITH_HANDLE, kind: 'not-found', effect: 'none' },
  { status: [404, 405], kind: 'no-route', effect: 'none' },
  { status: 408, kind: 'server', effect: 'none' },
  { status: 409, calls: ['create'], kind: 'name-taken', effect: 'none' },
  { status: 429, text: /quota/i, kind: 'quota', effect: 'none' },
  { status: 429, text: /no available resource/i, kind: 'no-resources', effect: 'none' },
  { status: 429, kind: 'throttle', effect: 'none' },
  { status: [400, 499], kind: 'parameter', effect: 'none' },
  { status: 504, kind: 'gateway-timeout', effect: 'maybe' },
  // A redirect (3xx) comes from something between us and Agora.
  { status: [100, 599], kind: 'server', effect: 'maybe' },
];

/** Whether the answer is of those that the reference lists as success: 200 alone for a recording, 2xx for a converter. */
export function isSuccess(call: CallName, status: number, body: unknown): boolean {
  if (CALLS[call].service === 'converter') return status >= 200 && status <= 299;
  return status === 200 && codeOf(body) === undefined;
}

/** The meaning of an answer that is no success, or whose success could not be read. */
export function classifyAnswer(call: CallName, status: number, bodyText: string): Verdict {
  const body = parseJson(bodyText);
  const code = codeOf(body);
  const text = textOf(body) ?? (body === undefined ? asText(bodyText.trim()) : undefined) ?? `HTTP ${status}`;
  const rows =
    CALLS[call].service === 'recording' && code !== undefined ? [...CODES, ...TEXTS_AND_STATUSES] : TEXTS_AND_STATUSES;
  const row = rows.find((candidate) => fits(candidate, { call, status, code, text })) ?? OUTSIDE;
  const sid = row.kind === 'already-started' ? asHandle(asObject(body)?.['sid']) : undefined;
  return {
    kind: row.kind,
    effect: mayHaveEffect(call) ? row.effect : 'none',
    ...(code === undefined ? {} : { code }),
    text,
    ...(sid === undefined ? {} : { sid }),
  };
}

/** Looks change nothing; an acquired handle that nobody starts runs nothing and expires by itself. */
export const mayHaveEffect = (call: CallName): boolean => call !== 'acquire' && !CALLS[call].look;

/** A status that HTTP does not have. */
const OUTSIDE: Row = { kind: 'server', effect: 'maybe' };

interface Seen {
  readonly call: CallName;
  readonly status: number;
  readonly code: number | undefined;
  readonly text: string;
}

function fits(row: Row, seen: Seen): boolean {
  const codes = typeof row.code === 'number' ? [row.code] : row.code;
  if (codes !== undefined && (seen.code === undefined || !codes.includes(seen.code))) return false;
  const [from, to] = typeof row.status === 'number' ? [row.status, row.status] : (row.status ?? [0, Infinity]);
  if (seen.status < from || seen.status > to) return false;
  return (row.calls?.includes(seen.call) ?? true) && (row.text?.test(seen.text) ?? true);
}

/** The code of an error envelope; 0 and 200 say that all is well. */
function codeOf(body: unknown): number | undefined {
  const code = asNumber(asObject(body)?.['code']);
  return code === 0 || code === 200 ? undefined : code;
}

/** `{message}` from the gateway, `{code, reason}` from the recording service, `{reason}` from Media Push in practice. */
function textOf(body: unknown): string | undefined {
  const envelope = asObject(body);
  return asText(envelope?.['reason']) ?? asText(envelope?.['message']) ?? asText(envelope?.['error']);
}

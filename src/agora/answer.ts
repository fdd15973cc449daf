import type { Instant } from '../core/time.ts';

/**
 * What a failed answer means, decided once in `errors.ts` (design §7). The body's code decides before the HTTP status.
 *
 * - `parameter`: Agora refuses the request; a person must change it (40x, code 2, 401 invalid_channel_name, 1013 …).
 * - `credential` 401; `entitlement` 403, invalid_appid, appid is invalid; `account` no_active_status: the project's state.
 * - `quota`: 406, "Resources quota exceeded": the believed limit is wrong. `no-resources`: "No available resources".
 * - `throttle`: 429 by rate.
 * - `jitter`: body code 65. `server`: 5xx (and 62, 500 …). `gateway-timeout`: 504, outcome to be looked up.
 * - `no-worker`: body code 502, failed to allocate: nothing began.
 * - `already-started`: 201/7. `task-conflict`: 53. `stopping`: 49, and 501 on query. `no-data`: 206/435 on stop.
 * - `handle-expired`: 433. `handle-invalid`: 432, 1001, 1003.
 * - `not-found`: 404 of the service; `no-route`: 404 of the gateway, a mistake of ours, never "gone".
 * - `name-taken`: 409.
 * - `dns`, `refused` (refused, unreachable, TLS: it was never sent), `lost` (no answer after it was sent, or timed out).
 */
export type FailureKind =
  | 'parameter'
  | 'credential'
  | 'entitlement'
  | 'account'
  | 'quota'
  | 'no-resources'
  | 'throttle'
  | 'jitter'
  | 'server'
  | 'gateway-timeout'
  | 'no-worker'
  | 'already-started'
  | 'task-conflict'
  | 'stopping'
  | 'no-data'
  | 'handle-expired'
  | 'handle-invalid'
  | 'not-found'
  | 'no-route'
  | 'name-taken'
  | 'dns'
  | 'refused'
  | 'lost'
  /** 2xx whose body cannot be read: treated as `maybe`. */
  | 'unreadable';

/** Could the call have had an effect although it failed? */
export type Effect = 'none' | 'maybe';

/** What Agora's support asks for (MP-16). */
export interface CallIds {
  /** Ours, sent as X-Request-ID. */
  readonly requestId: string;
  /** The response's X-Request-ID where it differs, its X-Custom-Request-ID and its X-Resource-ID. */
  readonly agoraRequestId?: string;
  readonly customRequestId?: string;
  readonly resourceId?: string;
}

export interface Failure {
  readonly ok: false;
  readonly kind: FailureKind;
  readonly effect: Effect;
  readonly status?: number;
  readonly code?: number;
  /** Agora's text or the network's error code, redacted and at most 300 characters. */
  readonly message: string;
  readonly ids: CallIds;
  /** When the request was sent: looks count only if they began after what they are to disprove. */
  readonly sentAt: Instant;
  /** 201/7 that carries the sid after all (B.9, UNSURE). */
  readonly sid?: string;
}

export interface Success<Value> {
  readonly ok: true;
  readonly value: Value;
  readonly ids: CallIds;
  readonly sentAt: Instant;
}

export type Answer<Value> = Success<Value> | Failure;

/** The answer of any call, told apart by `value.call`. */
export type AgoraAnswer = Answer<AgoraValue>;

export type AgoraValue =
  | { readonly call: 'acquire'; readonly resourceId: string }
  | { readonly call: 'start'; readonly sid: string }
  | RecordingState
  | { readonly call: 'updateRecording' }
  | { readonly call: 'stop'; readonly uploadingStatus?: string; readonly files: readonly string[] }
  | ConverterCreated
  | ConverterState
  | { readonly call: 'updateConverter'; readonly updateTs?: number }
  | { readonly call: 'deleteConverter' }
  | ConverterPage;

export interface RecordingState {
  readonly call: 'query';
  /** B.5: 0–8, 20; 4 or 5 is running. */
  readonly status: number;
  readonly onhold?: boolean;
  readonly recorderState?: string;
  readonly publishStatus?: string;
}

export interface ConverterCreated {
  readonly call: 'create';
  readonly id: string;
  readonly createTs?: number;
  readonly updateTs?: number;
  readonly state: ConverterStateName;
}

/** Unknown values are `unknown`, never `failed` (C.4). Beta names: idle → connecting, recovering → connecting, failure → failed. */
export type ConverterStateName = 'connecting' | 'running' | 'failed' | 'unknown';

export interface ConverterState {
  readonly call: 'get';
  readonly name?: string;
  readonly state: ConverterStateName;
  readonly createTs?: number;
  readonly updateTs?: number;
  readonly rtmpUrl?: string;
  readonly idleTimeout?: number;
  readonly rtcChannel?: string;
}

export interface ConverterRow {
  readonly id: string;
  readonly name: string;
  readonly rtcChannel?: string;
  readonly rtmpUrl?: string;
  readonly state: ConverterStateName;
  /** Seconds since the epoch. */
  readonly createTs?: number;
  readonly updateTs?: number;
}

export interface ConverterPage {
  readonly call: 'list';
  readonly rows: readonly ConverterRow[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

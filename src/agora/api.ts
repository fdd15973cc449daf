import type { Secret } from '../core/secret.ts';
import type { Region } from '../limits/slot.ts';
import type { AgoraValue, Answer } from './answer.ts';

export interface AgoraCredentials {
  readonly customerId: Secret;
  readonly customerSecret: Secret;
}

/** What every call needs besides its own parameters. */
export interface Call {
  readonly appId: string;
  readonly credentials: AgoraCredentials;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

type Value<Name extends AgoraValue['call']> = Extract<AgoraValue, { call: Name }>;

/** The JSON that goes to Agora, made by a kind's `request.ts`; it holds secrets in clear, so it is never logged. */
export type Body = Readonly<Record<string, unknown>>;

/**
 * Typed endpoints of both products (reference B.1, C.1): exactly one HTTP attempt each, the answer classified and
 * never thrown. Deadlines: 30 s for stop, 15 s for everything else.
 */
export interface AgoraApi {
  acquire(call: Call, body: Body): Promise<Answer<Value<'acquire'>>>;
  start(call: Call, handle: { readonly resourceId: string }, body: Body): Promise<Answer<Value<'start'>>>;
  query(call: Call, handle: RecordingHandle): Promise<Answer<Value<'query'>>>;
  updateRecording(call: Call, handle: RecordingHandle, body: Body): Promise<Answer<Value<'updateRecording'>>>;
  stop(call: Call, handle: RecordingHandle, body: Body): Promise<Answer<Value<'stop'>>>;
  create(
    call: Call,
    region: Region,
    body: Body,
    options: { readonly regionHintIp?: string },
  ): Promise<Answer<Value<'create'>>>;
  get(call: Call, handle: ConverterHandle): Promise<Answer<Value<'get'>>>;
  updateConverter(
    call: Call,
    handle: ConverterHandle,
    sequence: number,
    body: Body,
  ): Promise<Answer<Value<'updateConverter'>>>;
  deleteConverter(call: Call, handle: ConverterHandle): Promise<Answer<Value<'deleteConverter'>>>;
  list(call: Call, cursor: string | undefined): Promise<Answer<Value<'list'>>>;
}

export interface RecordingHandle {
  readonly resourceId: string;
  readonly sid: string;
}

export interface ConverterHandle {
  readonly region: Region;
  readonly converterId: string;
}

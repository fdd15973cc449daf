import type { Failure } from '../agora/answer.ts';
import { type Instant, timestamp } from '../core/time.ts';
import type { LastError } from './task.ts';

/** What the status keeps of a failed call: all that Agora's support asks for (MP-16), no body, no address. */
export function lastErrorOf(call: string, failure: Failure, now: Instant): LastError {
  const { ids } = failure;
  return {
    kind: failure.kind,
    call,
    message: failure.message,
    requestId: ids.requestId,
    at: timestamp(now),
    ...(failure.status === undefined ? {} : { httpStatus: failure.status }),
    ...(failure.code === undefined ? {} : { code: failure.code }),
    ...(ids.agoraRequestId === undefined ? {} : { agoraRequestId: ids.agoraRequestId }),
    ...(ids.customRequestId === undefined ? {} : { customRequestId: ids.customRequestId }),
    ...(ids.resourceId === undefined ? {} : { resourceId: ids.resourceId }),
  };
}

/** Failures that say nothing about the call itself: it never reached Agora, or only came too early (design §5.3). */
export const isNetwork = (failure: Failure): boolean => failure.kind === 'dns' || failure.kind === 'refused';
/** Refusals by load: 429 by rate, no resources. They pass; they count towards nothing. */
export const isLoad = (failure: Failure): boolean => failure.kind === 'throttle' || failure.kind === 'no-resources';
/** The project's state, not the resource's (design §5.3). */
export const isProjects = (failure: Failure): boolean =>
  failure.kind === 'credential' || failure.kind === 'entitlement' || failure.kind === 'account';

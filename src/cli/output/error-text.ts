import type { Timestamp } from '../../core/time.ts';
import type { LastError } from '../../kinds/task.ts';
import { span } from './age.ts';

/** A failed call for people, with every ID that Agora's support asks for (MP-16). */
export function errorText(error: LastError, now: Timestamp): string {
  const { call, kind, httpStatus, code, message, at } = error;
  const status = httpStatus === undefined ? '' : ` HTTP ${httpStatus}`;
  const inBody = code === undefined ? '' : ` code ${code}`;
  const age = span(Math.max(0, Date.parse(now) - Date.parse(at)));
  const ids = requestIds(error).map(([name, value]) => `${name} ${value}`);
  return `${call}: ${kind}${status}${inBody}, ${age} ago: ${message}; ${ids.join(', ')}`;
}

export function requestIds(error: LastError): readonly (readonly [string, string])[] {
  const ids: readonly (readonly [string, string | undefined])[] = [
    ['X-Request-ID', error.requestId],
    ['X-Request-ID answered', error.agoraRequestId],
    ['X-Custom-Request-ID', error.customRequestId],
    ['X-Resource-ID', error.resourceId],
  ];
  return ids.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

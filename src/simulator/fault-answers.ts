import { coded, gateway, PUSH_TEXTS, type Reply, WRONG_CREDENTIALS, worded } from './answers.ts';
import type { CallFault } from './fault-rules.ts';
import { type CallName, productOf } from './routes.ts';
import type { Switches } from './switches.ts';

/**
 * The answer that a fault gives to a call, in the words of the product (reference B.8, C.8). Undefined: the fault
 * gives no answer of its own (lost ones, latency) or has none for this call.
 */
export function faultReply(fault: CallFault, call: CallName, switches: Switches): Reply | undefined {
  const recording = productOf(call) !== 'converter';
  const push = (status: number, text: string): Reply => worded(status, text, switches.errorKey);
  switch (fault.kind) {
    case 'lost-answer':
    case 'lost-request':
    case 'latency':
      return undefined;
    case 'not-completed':
      return recording && call !== 'acquire'
        ? coded(206, 65, 'request not completed')
        : push(504, PUSH_TEXTS.gatewayTimeout);
    case 'request-timeout':
      if (!recording) return push(504, PUSH_TEXTS.gatewayTimeout);
      if (call === 'acquire') return coded(500, 504, 'allocate_timeout');
      return coded(call === 'start' ? 500 : 504, 62, 'request timeout');
    case 'gateway-timeout':
      return recording ? coded(504, 62, 'request timeout') : push(504, PUSH_TEXTS.gatewayTimeout);
    case 'no-worker':
      if (!recording) return push(429, PUSH_TEXTS.noResources);
      return call === 'acquire'
        ? coded(500, 501, 'no_worker_manager_available')
        : coded(500, 502, 'Failed to allocate worker');
    case 'server-error':
      return serverError(fault.status ?? 500, recording, push);
    case 'rate-limited':
      return rateLimited(call, switches);
    case 'quota':
      return recording ? coded(400, 406, 'vendor_over_load') : push(429, PUSH_TEXTS.quota);
    case 'no-resources':
      return recording ? coded(500, 502, 'Failed to allocate worker') : push(429, PUSH_TEXTS.noResources);
    case 'revoked-credentials':
      return WRONG_CREDENTIALS;
    case 'not-enabled':
    case 'list-refused':
      return recording ? coded(400, 400, 'invalid_appid') : push(403, PUSH_TEXTS.notEnabled);
    case 'suspended':
      return recording ? coded(400, 405, 'no_active_status') : push(403, PUSH_TEXTS.notEnabled);
  }
}

/** 429 by rate: Cloud Recording's gateway and Media Push use different words. */
export const rateLimited = (call: CallName, switches: Switches): Reply =>
  productOf(call) === 'converter'
    ? worded(429, PUSH_TEXTS.rate, switches.errorKey)
    : gateway(429, 'API rate limit exceeded');

function serverError(
  status: 500 | 501 | 503,
  recording: boolean,
  push: (status: number, text: string) => Reply,
): Reply {
  if (recording)
    return status === 500
      ? coded(500, 500, 'internal_error')
      : gateway(status, status === 501 ? 'Not Implemented' : 'Service Unavailable');
  return push(status, { 500: PUSH_TEXTS.internal, 501: PUSH_TEXTS.notImplemented, 503: PUSH_TEXTS.overloaded }[status]);
}

/** Whether the call is carried out although the fault gives its own answer. */
export const hasSideEffect = (fault: CallFault): boolean =>
  fault.kind === 'lost-answer' || ('sideEffect' in fault && (fault.sideEffect ?? false));

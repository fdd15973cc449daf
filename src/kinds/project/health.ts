import type { AgoraAnswer, FailureKind } from '../../agora/answer.ts';
import type { Instant } from '../../core/time.ts';
import type { ServiceHealth } from '../context.ts';
import { FAILURE_COUNTS_MS, PROBE_MS, UNREACHABLE_MS } from './timing.ts';

const PROJECTS: readonly FailureKind[] = ['credential', 'entitlement', 'account'];
const API_TROUBLE: readonly FailureKind[] = [
  'jitter',
  'server',
  'gateway-timeout',
  'dns',
  'refused',
  'lost',
  'unreadable',
];

/**
 * What one more answer tells of a service under an App ID (design §5.3): a refusal of the project, trouble of the API,
 * or that it works. A 429 tells neither.
 */
export function noteAnswer(health: ServiceHealth, answer: AgoraAnswer, now: Instant): ServiceHealth {
  if (!answer.ok && PROJECTS.includes(answer.kind)) {
    const refused = { kind: answer.kind, message: answer.message, at: now, probeAt: now + PROBE_MS };
    return { ...health, refused };
  }
  if (!answer.ok && API_TROUBLE.includes(answer.kind)) {
    return { ...health, failingSince: health.failingSince ?? answer.sentAt, failedAt: answer.sentAt };
  }
  if (!answer.ok && answer.kind === 'throttle') return health;
  return { lastGoodAt: Math.max(answer.sentAt, health.lastGoodAt ?? 0) };
}

/** Since when a service is out of reach: every call has failed for a while, and the last one not long ago. */
export function unreachableSince(health: ServiceHealth, now: Instant): Instant | undefined {
  const { failingSince, failedAt } = health;
  if (failingSince === undefined || failedAt === undefined) return undefined;
  return now >= failingSince + UNREACHABLE_MS && now < failedAt + FAILURE_COUNTS_MS ? failingSince : undefined;
}

/** When time alone changes that. */
export const reachChangesAt = ({ failingSince, failedAt }: ServiceHealth): readonly Instant[] =>
  failingSince === undefined || failedAt === undefined
    ? []
    : [failingSince + UNREACHABLE_MS, failedAt + FAILURE_COUNTS_MS];

/** The latest calls failed for the API's own reasons, and not long ago: that a task is silent tells nothing of it now. */
export const inTrouble = ({ failingSince, failedAt }: ServiceHealth, now: Instant): boolean =>
  failingSince !== undefined && failedAt !== undefined && now < failedAt + FAILURE_COUNTS_MS;

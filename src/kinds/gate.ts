import type { Verdict } from '../core/conditions.ts';
import type { Instant } from '../core/time.ts';
import type { Service } from '../limits/slot.ts';
import type { Context } from './context.ts';

/** Why no call may be made now although one is due; `until` is when to ask again (absent: an event wakes it). */
export interface Closed {
  readonly verdict: Verdict;
  readonly until?: Instant;
}

/** Project, credentials and the API's state, before any call (design §5.3). Undefined: the way is free. */
export function closedGate(projectName: string, service: Service, context: Context, now: Instant): Closed | undefined {
  const { project } = context;
  if (project === undefined)
    return { verdict: waiting('DependencyNotReady', `AgoraProject ${projectName} does not exist`) };
  if (project.credentials === undefined) {
    const { name } = project.spec.credentialsSecretRef;
    return {
      verdict: waiting('DependencyNotReady', `Secret ${name} lacks customerId or customerSecret, or does not exist`),
    };
  }
  const refused = context.health[service].refused;
  if (refused !== undefined && now < refused.probeAt) {
    return {
      verdict: waiting('ProjectNotUsable', `Agora refuses project ${projectName}: ${refused.message}`),
      until: refused.probeAt,
    };
  }
  return undefined;
}

export const waiting = (reason: Verdict['reason'], message: string): Verdict => ({
  ready: 'False',
  reason,
  message,
  progress: 'Reconciling',
});
export const stalled = (reason: Verdict['reason'], message: string): Verdict => ({
  ready: 'False',
  reason,
  message,
  progress: 'Stalled',
});
export const settled = (reason: Verdict['reason'], message: string): Verdict => ({
  ready: 'True',
  reason,
  message,
  progress: 'Settled',
});

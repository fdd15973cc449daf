import type { AgoraAnswer } from '../agora/answer.ts';
import type { Clock } from '../core/clock.ts';
import { type Key, keyOf, type Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { ActionBase } from '../kinds/kind.ts';
import { noteAnswer } from '../kinds/project/health.ts';
import type { ProjectObservation } from '../kinds/project/observation.ts';
import { PROBE_MS } from '../kinds/project/timing.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { RateLimit, Service } from '../limits/slot.ts';
import type { Memory } from './memory.ts';

export const serviceOf = (limit: RateLimit): Service => (limit === 'recording' ? 'recording' : 'converter');

/** What every answer means besides its own resource: the API's health, the lane's pace, the believed limits. */
export interface Answers {
  note(key: Key, action: ActionBase, answer: AgoraAnswer): void;
  /** Keeps what others read of an observation: the list sweep. */
  observed(resource: Resource, observation: unknown): void;
  /** In the tick of the send: only one probe at a time goes through while a project is refused (design §5.3). */
  admit(action: ActionBase, now: Instant): boolean;
  /** The credentials of a project changed: whatever was refused may be tried again. */
  credentialsChanged(appId: string): void;
}

export function createAnswers(parts: {
  readonly memory: Memory;
  readonly ledger: Ledger;
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** `members`: everything under an App ID is to be looked at, since calls are refused, or are not any more. */
  readonly wakeAppId: (appId: string, whom: 'project' | 'members') => void;
  readonly counted: (action: ActionBase, answer: AgoraAnswer) => void;
}): Answers {
  const { memory, ledger, lanes, clock, wakeAppId, counted } = parts;

  function noteHealth(action: ActionBase, answer: AgoraAnswer): void {
    const service = serviceOf(action.limit);
    const before = memory.health(action.appId)[service];
    // A refusal of List alone says nothing of the service: observation falls back to Gets (design §5.6).
    if (action.type === 'list' && !answer.ok && answer.kind === 'entitlement') return;
    const after = noteAnswer(before, answer, clock.now());
    if (after === before) return;
    memory.setHealth(action.appId, service, after);
    const flipped = (before.refused === undefined) !== (after.refused === undefined);
    const failing = (before.failingSince === undefined) !== (after.failingSince === undefined);
    if (flipped) wakeAppId(action.appId, 'members');
    else if (failing) wakeAppId(action.appId, 'project');
  }

  return {
    note(key, action, answer) {
      counted(action, answer);
      noteHealth(action, answer);
      if (!answer.ok && answer.kind === 'throttle') lanes.throttled(action.appId, action.limit);
      if (action.slot === undefined) return;
      if (!answer.ok && answer.kind === 'quota') ledger.quotaRefused(key, action.slot, clock.now());
      if (answer.ok && (answer.value.call === 'start' || answer.value.call === 'create')) ledger.quotaOk(action.slot);
    },
    observed(resource, observation) {
      if (resource.kind !== 'AgoraProject') return;
      const { sweep } = observation as ProjectObservation;
      const { appId } = resource.spec as ProjectSpec;
      const before = memory.sweep(appId);
      if (sweep === before || (sweep.begunAt ?? 0) < (before.begunAt ?? 0)) return;
      memory.setSweep(appId, sweep);
      ledger.foreign(
        appId,
        [...sweep.rows.keys()].filter((id) => memory.ownerOf(id, keyOf(resource)) === undefined).length,
      );
    },
    admit(action, now) {
      const service = serviceOf(action.limit);
      const health = memory.health(action.appId)[service];
      if (health.refused === undefined) return true;
      if (now < health.refused.probeAt) return false;
      memory.setHealth(action.appId, service, { ...health, refused: { ...health.refused, probeAt: now + PROBE_MS } });
      return true;
    },
    credentialsChanged(appId) {
      for (const service of ['recording', 'converter'] as const) {
        const { refused: _refused, ...rest } = memory.health(appId)[service];
        memory.setHealth(appId, service, rest);
      }
      wakeAppId(appId, 'members');
    },
  };
}

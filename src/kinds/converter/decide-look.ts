import { type Instant, instant } from '../../core/time.ts';
import { waiting } from '../gate.ts';
import { rowOf, sweepFor } from './rows.ts';
import type { CurrentNeed, Situation } from './situation.ts';
import { AUDIT_MS, confirmDueAt, doubtDueAt, FALLBACK_LOOK_MS, nextPhase, SWEEP_STALE_MS } from './timing.ts';
import { toldLookAt } from './told.ts';
import type { ConverterTask } from './types.ts';

/**
 * When the next Get of a task that shows no strike is due (design §5.6). While the sweeps show it running and unchanged
 * it is a slow audit only. A notice calls for one at once (MP-28).
 */
export function nextLook(situation: Situation, task: ConverterTask): Instant {
  const regular = regularLook(situation, task);
  return Math.min(regular, toldLookAt(situation.observation, task) ?? regular);
}

function regularLook(situation: Situation, task: ConverterTask): Instant {
  const { resource, observation, now } = situation;
  const { uid } = resource.metadata;
  const look = observation.looks[task.attempt];
  if (look?.doubts !== undefined) return doubtDueAt(uid, task, look.doubts);
  if (task.phase === 'Confirming') {
    return confirmDueAt(look?.answeredAt ?? instant(task.startedAt) ?? observation.knownSince, look?.waiting ?? 0);
  }
  const last = look?.sentAt ?? observation.knownSince;
  const audit = nextPhase(uid, 'audit', AUDIT_MS, last);
  return Math.min(
    audit,
    sweepLook(situation, task) ?? nextPhase(uid, 'look', FALLBACK_LOOK_MS, Math.max(last, now - FALLBACK_LOOK_MS)),
  );
}

/** What the sweeps say of when to look; undefined where there are none that could. */
function sweepLook({ context, observation, now }: Situation, task: ConverterTask): Instant | undefined {
  const sweep = sweepFor(task, context);
  const begunAt = sweep.begunAt;
  if (sweep.refused || now > (begunAt ?? observation.knownSince) + SWEEP_STALE_MS) return undefined;
  if (begunAt === undefined) return Number.POSITIVE_INFINITY;
  const look = observation.looks[task.attempt];
  if ((look?.sentAt ?? 0) >= begunAt) return Number.POSITIVE_INFINITY;
  const row = rowOf(task, context);
  // Absence is never a verdict, and counts only for a task whose last good answer is older than the sweep.
  if (row === undefined) return (instant(task.startedAt) ?? 0) < begunAt ? now : Number.POSITIVE_INFINITY;
  const known = Math.max(task.updateTs ?? Number.POSITIVE_INFINITY, look?.rowUpdateTs ?? 0);
  const changed = row.updateTs !== undefined && row.updateTs > known;
  return changed || row.state === 'connecting' || row.state === 'failed' ? now : Number.POSITIVE_INFINITY;
}

/** A Get has no effect, so that it needs no intent. */
export function getCall(
  task: ConverterTask,
  converterId: string,
  request?: string,
): CurrentNeed & { readonly do: 'call' } {
  const { appId, region, attempt } = task;
  return {
    do: 'call',
    action: {
      type: 'get',
      limit: 'converter-get',
      class: 'query',
      appId,
      region,
      attempt,
      converterId,
      ...(request === undefined ? {} : { request }),
    },
    verdict: waiting('Confirming', `converter ${task.name} is looked at`),
  };
}

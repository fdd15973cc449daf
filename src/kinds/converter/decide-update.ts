import { type Instant, instant, timestamp } from '../../core/time.ts';
import { waiting } from '../gate.ts';
import { retryAt } from '../task.ts';
import { ADDRESS } from './applied.ts';
import { maskOf } from './changes.ts';
import { claimingOf, claimsOf, refusedNow } from './claim.ts';
import { getCall } from './decide-look.ts';
import type { Desired } from './desired.ts';
import { admittedTo, betterClass, slotOf } from './held.ts';
import { type CurrentNeed, type Situation, until } from './situation.ts';
import { replaced } from './tidy.ts';
import { LOOK_LADDER, UPDATE_SPACING_MS } from './timing.ts';
import type { ConverterTask } from './types.ts';

/** A change in place: exactly the changed paths, under a number that was never used (MP-24, MP-25, C.6). */
export function decideUpdate(
  situation: Situation,
  task: ConverterTask,
  change: { readonly converterId: string; readonly desired: Desired; readonly paths: readonly string[] },
): CurrentNeed {
  const { resource, status, now } = situation;
  const { converterId, desired } = change;
  const paths = maskOf(change.paths, resource.spec);
  const verdict = waiting(
    'Updating',
    `changed in place: ${paths.length === 0 ? 'the class it is counted in' : paths.join(', ')}`,
  );
  // A better class is claimed before, a lesser one let go after the change (design §6).
  const better = betterClass(task.class, desired.slot.class);
  const needsSlot = better !== task.class;
  const slot = { ...slotOf(task), class: better };
  const refused = needsSlot ? refusedNow(situation, 'change', slot) : undefined;
  if (refused !== undefined) return refused;
  const due = updateDueAt(situation, task);
  if (now < due) return until(due, verdict);

  const sequence = nextSequence(task, now);
  const place = paths.includes('rtmpUrl') && (task.applied[ADDRESS] ?? desired.applied[ADDRESS]) !== undefined;
  const carried = place ? [...paths, ADDRESS] : paths;
  const open = Object.fromEntries(carried.map((path) => [path, '']));
  const hashes: Readonly<Record<string, string>> = { ...desired.applied, [ADDRESS]: desired.place };
  const pending = Object.fromEntries(carried.map((path) => [path, hashes[path] ?? '']));
  const next: ConverterTask = { ...task, class: better, sequence, applied: { ...task.applied, ...open }, pending };
  const updating: ConverterTask = paths.length === 0 ? { ...task, class: better } : next;
  const admission = admittedTo(status.admission, slot, timestamp(now));
  const after = { ...replaced(status, task.attempt, updating), admission };
  const claim = needsSlot ? { claims: claimsOf(situation, after) } : {};
  const claiming = needsSlot ? { claiming: claimingOf(situation, 'change') } : {};
  const { appId, region, attempt } = task;
  if (paths.length === 0) {
    // Only the counting changes (a raw converter's capacityClass): no update, but the slot is claimed with a look.
    const look = getCall(task, converterId);
    const settled = {
      ...after,
      tasks: (after.tasks ?? []).map((entry) =>
        entry.attempt === attempt ? { ...entry, class: desired.slot.class } : entry,
      ),
    };
    if (!needsSlot) return { do: 'wait', until: now, status: settled, verdict };
    return { ...look, action: { ...look.action, ...claiming }, ...claim, status: after, verdict };
  }
  return {
    do: 'call',
    action: {
      type: 'update',
      limit: 'converter-update',
      class: 'update',
      appId,
      region,
      attempt,
      converterId,
      sequence,
      paths,
      ...claiming,
    },
    intent: { attempt, call: 'update' },
    ...claim,
    status: after,
    verdict,
  };
}

/**
 * MP-24: from 0 for our own creates, then always more than the last one reserved. Where the last one is not known (an
 * adopted task) it is the time in whole seconds, as it is once a number has proved too low.
 */
export function nextSequence(task: Pick<ConverterTask, 'sequence' | 'adopted'>, now: Instant): number {
  if (task.sequence !== undefined) return task.sequence + 1;
  return task.adopted === true ? epochSeconds(now) : 0;
}

export const epochSeconds = (now: Instant): number => Math.floor(now / 1_000);

/** Numbers from here on are times: one that is too low is not jumped over again. */
export const isEpoch = (sequence: number): boolean => sequence >= 1_000_000_000;

function updateDueAt({ observation }: Situation, task: ConverterTask): Instant {
  const spaced =
    Math.max(observation.updatedAt ?? observation.knownSince, instant(task.startedAt) ?? 0) + UPDATE_SPACING_MS;
  return observation.update === undefined ? spaced : Math.max(spaced, retryAt(observation.update, LOOK_LADDER));
}

import { timestamp } from '../../core/time.ts';
import { waiting } from '../gate.ts';
import { isFull, tasksOf } from '../task.ts';
import { isLive } from './changes.ts';
import { claimingOf, claimsOf, refusedNow } from './claim.ts';
import { createNew, spaced } from './decide-attempt.ts';
import { deleteCall } from './decide-stopping.ts';
import type { Desired } from './desired.ts';
import { admittedTo, sameSlot, slotOf, transition } from './held.ts';
import { freeName } from './name.ts';
import { type CurrentNeed, type Situation, until } from './situation.ts';
import { retired } from './tidy.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/** A status keeps a reason of 1,024 characters. */
const MOST_NAMED = 5;

interface Replacement {
  readonly converterId: string;
  readonly desired: Desired;
  readonly changes: readonly { readonly path: string; readonly why: string }[];
}

/** A change that cannot be made in place: the old one first, or the new one beside it (`updateStrategy`, MP-25). */
export function decideReplace(situation: Situation, task: ConverterTask, replacement: Replacement): CurrentNeed {
  const { resource, status } = situation;
  const beside = tasksOf<ConverterTask>(status).some((other) => other !== task && isLive(other));
  const overlap = resource.spec.updateStrategy === 'Overlap' && !beside && !isFull(status, resource.member?.room);
  if (!overlap) return stopFirst(situation, task, replacement, '');
  if (!declined(situation, 'overlap', replacement.desired)) {
    const taken = tasksOf<ConverterTask>(status).map((entry) => entry.name);
    const name = freeName(replacement.desired.baseName, taken);
    return spaced(situation) ?? createNew(situation, replacement.desired, { name, asking: 'overlap' });
  }
  return stopFirst(
    situation,
    task,
    replacement,
    '; no slot is free for both at once (Overlap), so the old one is stopped first',
  );
}

/** The ledger said no to this for this very declaration. */
function declined({ observation }: Situation, asking: 'overlap' | 'change', desired: Desired): boolean {
  const { refusal } = observation;
  if (refusal === undefined || refusal.inputs !== desired.inputs) return false;
  if (asking === 'change')
    return refusal.asking === 'swap' || (refusal.asking === 'change' && refusal.refusal.why === 'excluded');
  return refusal.refusal.why !== 'not-synced';
}

/**
 * The new one's slot is claimed before the old one is touched, which runs on until it is granted; where both together fit
 * no limit at all, the new one takes the place of the old (design §6).
 */
function stopFirst(
  situation: Situation,
  task: ConverterTask,
  { converterId, desired, changes }: Replacement,
  note: string,
): CurrentNeed {
  const { status, now, observation } = situation;
  const named = changes.slice(0, MOST_NAMED).map((change) => change.path);
  const paths = named.length < changes.length ? `${named.join(', ')} and others` : named.join(', ');
  const reason = `${paths} cannot be changed in place: ${changes[0]?.why ?? ''}`;
  const verdict = waiting('Replacing', `${reason}${note}`);
  const old = slotOf(task);
  const swap = declined(situation, 'change', desired);
  const asking = swap ? 'swap' : 'change';
  const claiming = !sameSlot(old, desired.slot);
  if (claiming) {
    const refused = refusedNow(situation, asking, desired.slot);
    if (refused !== undefined) return refused;
  }
  // The refusal of an Overlap is said for a moment before the old one is touched.
  if (observation.refusal?.at === now) return until(now + 1_000, verdict);
  const slots = swap ? [desired.slot] : transition(old, desired.slot);
  const admission = slots.flatMap((slot) => admittedTo(status.admission, slot, timestamp(now)));
  const stopping = retired(status, task, reason, now);
  const after: ConverterStatus = { ...stopping, admission };
  const call = deleteCall(situation, task, converterId);
  if (!claiming) return { ...call, status: after, verdict };
  return {
    ...call,
    action: { ...call.action, claiming: claimingOf(situation, asking) },
    claims: claimsOf(situation, after),
    status: after,
    verdict,
  };
}

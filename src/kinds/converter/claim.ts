import type { Slot } from '../../limits/slot.ts';
import { stalled, waiting } from '../gate.ts';
import type { ClaimRequest } from '../kind.ts';
import type { Asking, Claiming } from './action.ts';
import { askingSince, held } from './held.ts';
import { type CurrentNeed, nothing, type Situation } from './situation.ts';
import type { ConverterStatus } from './types.ts';

/** All that would be held after a step that leaves `after`; its place in the queue is that of its first request. */
export const claimsOf = ({ resource, status, now }: Situation, after: ConverterStatus): ClaimRequest => ({
  claims: held({ ...resource, status: after }),
  priority: resource.spec.priority,
  since: askingSince(status, now),
});

/** What the ledger's refusal of a step has to bring back. */
export const claimingOf = ({ wished, status }: Situation, asking: Asking): Claiming => ({
  asking,
  inputs: wished.ok ? wished.desired.inputs : '',
  before: status,
});

/** What the ledger's refusal of this very instant means; undefined where it was not asked, or not for this. */
export function refusedNow({ observation, now }: Situation, asking: Asking, slot: Slot): CurrentNeed | undefined {
  const { refusal } = observation;
  if (refusal === undefined || refusal.at !== now || refusal.asking !== asking) return undefined;
  const { refusal: why } = refusal;
  switch (why.why) {
    case 'wait':
      return nothing(waiting('WaitingForSlot', `waits for ${why.limit}`));
    case 'excluded':
      return nothing(
        stalled(
          'LimitExcludes',
          `${why.limit} leaves no room for a ${slot.class} converter in ${slot.region}, even in an empty account; raise spec.limits of the project if Agora raised yours`,
        ),
      );
    case 'name':
      return nothing(stalled('NameConflict', `${why.name} belongs to ${why.owner}; choose another name or user`));
    case 'not-synced':
      return nothing(waiting('Pending', 'the controller is still reading what exists'));
  }
}

import type { RecordingAction } from './action.ts';
import { sameSlot } from './held.ts';
import { replace } from './outcome.ts';
import type { RecordingStatus } from './types.ts';

/** The step is not made: the entry and the admission are as they were before it. */
export function withdraw(status: RecordingStatus, action: RecordingAction): RecordingStatus {
  if (action.type === 'acquire' || action.type === 'query') return status;
  const next = replace(status, action.was);
  if (action.type === 'update' || action.admits === undefined) return next;
  const { admits } = action;
  const { admission = [], ...rest } = next;
  const others = admission.filter((slot) => !sameSlot(slot, admits));
  return others.length === 0 ? rest : { ...rest, admission: others };
}

import { setConditions, type Verdict } from '../../core/conditions.ts';
import type { Resource } from '../../core/resource.ts';
import type { Instant } from '../../core/time.ts';
import { admissionOf } from './held.ts';
import type { Situation } from './situation.ts';
import type { ConverterSpec, ConverterStatus } from './types.ts';

/** What follows from the entries and the verdict: what is held, and whether there is a place in the queue. */
export function concluded({ wish }: Situation, status: ConverterStatus, verdict: Verdict): ConverterStatus {
  const wanted = wish.want === 'running' && verdict.progress !== 'Stalled';
  const { admission: _admission, queue, ...rest } = status;
  const admission = admissionOf(status, wanted);
  const queued = verdict.reason === 'WaitingForSlot' ? queue : undefined;
  return {
    ...rest,
    ...(admission === undefined ? {} : { admission }),
    ...(queued === undefined ? {} : { queue: queued }),
  };
}

/** The status with its conditions, for the declaration as it is. */
export function withConditions(
  { metadata }: Pick<Resource<ConverterSpec>, 'metadata'>,
  status: ConverterStatus,
  verdict: Verdict,
  now: Instant,
): ConverterStatus {
  const { generation } = metadata;
  const further = { Admitted: admitted(verdict, status.admission !== undefined), ...verdict.further };
  return {
    ...status,
    observedGeneration: generation,
    conditions: setConditions(status.conditions, { ...verdict, further }, { generation, now }),
  };
}

function admitted(
  verdict: Verdict,
  hasSlot: boolean,
): { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string } {
  if (hasSlot) return { status: 'True', reason: 'SlotHeld', message: 'a slot is held' };
  if (verdict.reason === 'WaitingForSlot') return { status: 'False', reason: 'SlotAwaited', message: verdict.message };
  return { status: 'False', reason: 'NoSlotNeeded', message: 'no slot is held' };
}

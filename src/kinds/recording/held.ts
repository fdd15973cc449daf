import type { Resource } from '../../core/resource.ts';
import { classify } from '../../limits/resolution.ts';
import type { Claims, Slot } from '../../limits/slot.ts';
import { type Admission, mayLive, tasksOf } from '../task.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from './types.ts';

export const slotOf = (task: Pick<RecordingTask, 'appId' | 'region' | 'class'>): Slot => ({
  appId: task.appId,
  service: 'recording',
  region: task.region,
  class: task.class,
});

export const sameSlot = (a: Omit<Slot, 'service'>, b: Omit<Slot, 'service'>): boolean =>
  a.appId === b.appId && a.region === b.region && a.class === b.class;

/** The slot that the declaration asks for. */
export const wishedSlot = (spec: RecordingSpec, appId: string): Slot => ({
  appId,
  service: 'recording',
  region: spec.region,
  class: classify(spec.videoWidth, spec.videoHeight),
});

/**
 * What the status says is held (design §6): the admission, which restarts and recovery keep, and one slot more for each
 * entry beside it that may run besides the next attempt.
 */
export function held(resource: Resource<RecordingSpec, RecordingStatus>): Claims {
  const { status } = resource;
  const admitted: readonly Slot[] = (status?.admission ?? []).map(({ since: _since, ...slot }) => slot);
  const beside = tasksOf<RecordingTask>(status).filter(isBeside);
  return { slots: [...admitted, ...beside.map(slotOf)], names: [] };
}

/** `Unknown`, or known again after it was given up: its slot may long have gone to its successor. */
const isBeside = (task: RecordingTask): boolean =>
  task.phase === 'Unknown' || (task.phase === 'Stopping' && (task.lostAt !== undefined || task.beside === true));

/** The admission after the entries changed: what no entry may use any more is let go, but for `keep`. */
export function admissionFor(status: RecordingStatus, keep: Slot | undefined): readonly Admission[] | undefined {
  const live = tasksOf<RecordingTask>(status).filter((task) => mayLive(task) && !isBeside(task));
  const still = (status.admission ?? []).filter(
    (slot) => (keep !== undefined && sameSlot(slot, keep)) || live.some((task) => sameSlot(slot, task)),
  );
  return still.length === 0 ? undefined : still;
}

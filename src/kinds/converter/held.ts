import { instant, timestamp } from '../../core/time.ts';
import type { Claims, ResolutionClass, Slot } from '../../limits/slot.ts';
import { type Admission, mayLive, tasksOf } from '../task.ts';
import { CLAIMED_USER, hashOf } from './applied.ts';
import { currentOf } from './changes.ts';
import { nameClaim, userClaim } from './name.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

export const slotOf = (task: Pick<ConverterTask, 'appId' | 'region' | 'class'>): Slot => ({
  appId: task.appId,
  service: 'converter',
  region: task.region,
  class: task.class,
});

export const sameSlot = (a: Omit<Slot, 'service'>, b: Omit<Slot, 'service'>): boolean =>
  a.appId === b.appId && a.region === b.region && a.class === b.class;

/**
 * What the status says is held (design §6): the admission, which restarts, recovery and StopFirst keep, and one slot
 * more for each entry that may live besides: `Unknown` ones, the outgoing one of an Overlap, and one that is stopping
 * under another name or in another region. One that is stopping under the *same* name shares the slot: Agora refuses a
 * second task of that name.
 */
export function held({ status, spec, metadata }: Pick<ConverterResource, 'status' | 'spec' | 'metadata'>): Claims {
  const tasks = tasksOf<ConverterTask>(status).filter(holds);
  const admission = status?.admission ?? [];
  const main = mainOf(tasks);
  const admitted: readonly Slot[] = admission.map(({ since: _since, ...slot }) => slot);
  const own = admitted.length === 0 && main !== undefined ? [slotOf(main)] : admitted;
  const besides = tasks.filter((task) => task !== main && isBesides(task, main)).map(slotOf);
  const slots = [...own, ...besides];
  // Between a task and its replacement the name is that of the last one.
  const last = tasksOf<ConverterTask>(status).at(-1);
  const named = tasks.length === 0 && admission.length > 0 && last !== undefined ? [last] : tasks;
  const names = new Set(named.map((task) => nameClaim(task.appId, task.name)));
  const claimed = named.find((task) => task.applied[CLAIMED_USER] === hashOf(metadata.uid, CLAIMED_USER, spec.user));
  const user = claimed === undefined ? undefined : userClaim(claimed.appId, spec);
  return { slots, names: user === undefined ? [...names] : [...names, user] };
}

/** A create that the quota refused began nothing and waits for a slot like everybody (design §6). */
const holds = (task: ConverterTask): boolean =>
  mayLive(task) && !(task.phase === 'Starting' && task.failures?.kind === 'quota' && task.mayHaveEffect !== true);

/** The one that the admission is for: the newest live one, else the newest that is being stopped. */
const mainOf = (tasks: readonly ConverterTask[]): ConverterTask | undefined =>
  currentOf({ observedGeneration: 0, conditions: [], tasks }) ??
  tasks.filter((task) => task.phase === 'Stopping').reduce<ConverterTask | undefined>(later, undefined);

const later = (a: ConverterTask | undefined, b: ConverterTask): ConverterTask =>
  a !== undefined && a.attempt > b.attempt ? a : b;

const isBesides = (task: ConverterTask, main: ConverterTask | undefined): boolean =>
  task.phase !== 'Stopping' || main === undefined || task.name !== main.name || task.region !== main.region;

/**
 * The admission that follows from the entries: that of the live one; while the old one of a replacement is stopped, what
 * was claimed for both; nothing where nothing is wanted and nothing may live.
 */
export function admissionOf(status: ConverterStatus, wanted: boolean): readonly Admission[] | undefined {
  const tasks = tasksOf<ConverterTask>(status);
  const old = status.admission ?? [];
  const main = currentOf(status);
  if (main !== undefined && !holds(main)) return undefined;
  if (main !== undefined) return admittedTo(old, slotOf(main), main.startedAt ?? timestamp(0));
  const still = wanted ? old : old.filter((slot) => tasks.some((task) => mayLive(task) && sameSlot(slot, task)));
  return still.length === 0 ? undefined : still;
}

/** The entry of a slot: the one that there is, so that its `since` stays. */
export const admittedTo = (old: readonly Admission[] | undefined, slot: Slot, since: string): readonly Admission[] => [
  old?.find((admitted) => sameSlot(admitted, slot)) ?? { ...slot, since },
];

const RANK: Readonly<Record<ResolutionClass, number>> = { SD: 0, HD: 1, FHD: 2 };

export const betterClass = (a: ResolutionClass, b: ResolutionClass): ResolutionClass => (RANK[a] >= RANK[b] ? a : b);

/**
 * What is held from before the old task is stopped until the new one begins. Within a region they never run both, so
 * that the better class is enough; regions are counted apart.
 */
export function transition(old: Slot, next: Slot): readonly Slot[] {
  if (old.appId !== next.appId || old.region !== next.region) return [old, next];
  return [{ ...next, class: betterClass(old.class, next.class) }];
}

/** Since when the resource asks for a slot: its place among equals. */
export const askingSince = (status: ConverterStatus, otherwise: number): number =>
  instant(status.queue?.since) ?? otherwise;

/**
 * Is a create of this resource unresolved, so that the list is to be read every five seconds (design §5.6)? A create
 * that is on the wire, whose outcome is open, or whose name was refused.
 */
export const isUnresolved = (status: ConverterStatus | undefined): boolean =>
  tasksOf<ConverterTask>(status).some(
    (task) =>
      task.converterId === undefined &&
      mayLive(task) &&
      (task.mayHaveEffect === true || task.intent !== undefined || task.failures?.kind === 'name-taken'),
  );

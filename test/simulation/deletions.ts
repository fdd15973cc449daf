import { deletionRequested, type Key, keyOf, type Resource } from '../../src/core/resource.ts';
import type { MemoryHost } from '../../src/hosts/memory/host.ts';
import { type TaskStatus, tasksOf } from '../../src/kinds/task.ts';
import type { Doing } from './doings.ts';
import { randomConverter, randomRecording } from './manifests.ts';

/** Long enough for the call that follows a write to be on its way, or over. */
const LATEST_MS = 200;
/** While the call is on its way, mostly. */
const LATEST_VANISHING_MS = 40;
const LONGEST_ABSENCE_MS = 120_000;

/**
 * Somebody deletes resources at the worst moments: right before a write of ours, right after it, and while the call that
 * follows it is on its way; and declares some of them again, mostly while the old ones still go.
 */
export function deletedAtWrites(
  host: MemoryHost,
  {
    dice,
    redundant,
    goesOn,
    say,
    vanished,
  }: Pick<Doing, 'dice' | 'redundant' | 'say'> & {
    readonly goesOn: () => boolean;
    /** Told of resources that went at once, finalizer or not, while their first call was under way. Absent: none does. */
    readonly vanished?: (resource: Resource) => void;
  },
): MemoryHost {
  const rate = dice.pick([0, 0.01, 0.05, 0.1]);
  const remove = async (key: Key): Promise<void> => {
    const resource = host.get(key);
    if (!goesOn() || resource === undefined || deletionRequested(resource)) return;
    say(`delete ${key} at a write`);
    if (dice.chance(0.7)) setTimeout(() => void declareAgain(resource), dice.whole(0, LONGEST_ABSENCE_MS));
    await host.remove(key);
  };
  const vanish = async (key: Key): Promise<void> => {
    await remove(key);
    const left = host.get(key);
    if (left === undefined || !deletionRequested(left) || !isFirstCall(left)) return;
    say(`${key} vanishes`);
    vanished?.(left);
    await host.setFinalizer(left, 'absent');
  };
  const declareAgain = async ({ kind, metadata: { name } }: Resource): Promise<void> => {
    if (!goesOn()) return;
    say(`declare ${kind} ${name} again`);
    await host.declare(kind === 'RtmpConverter' ? randomConverter(name, dice, redundant) : randomRecording(name, dice));
  };
  const around = async <Value>(resource: Resource, write: () => Promise<Value>): Promise<Value> => {
    if (resource.kind === 'AgoraProject' || !dice.chance(rate)) return write();
    const key = keyOf(resource);
    if (dice.chance(0.3)) await remove(key);
    else setTimeout(() => void remove(key), dice.whole(0, LATEST_MS));
    return write();
  };
  return {
    ...host,
    writeStatus(resource, status) {
      if (vanished !== undefined && rate > 0 && isFirstCall({ ...resource, status }) && dice.chance(0.2))
        setTimeout(() => void vanish(keyOf(resource)), dice.whole(0, LATEST_VANISHING_MS));
      return around(resource, () => host.writeStatus(resource, status));
    },
    setFinalizer: (resource, finalizer) => around(resource, () => host.setFinalizer(resource, finalizer)),
  };
}

/** As an API server that began to delete it before it had a finalizer (ADR 0039). */
function isFirstCall({ status }: Resource): boolean {
  const [task, ...others] = tasksOf(status as TaskStatus | undefined);
  return others.length === 0 && (task?.intent?.call === 'start' || task?.intent?.call === 'create');
}

import type { Resource } from '../core/resource.ts';
import { type Instant, instant } from '../core/time.ts';
import { type TaskStatus, tasksOf } from './task.ts';

/** Known ends of the slots that a resource holds, for the queue's estimates: of recordings, the latest. */
export function endsOf(resource: Resource): readonly (Instant | undefined)[] {
  if (resource.kind !== 'WebPageRecording') return [];
  const { schedule } = resource.spec as { readonly schedule?: { readonly stopAt?: string } };
  const stopAt = instant(schedule?.stopAt);
  return tasksOf(resource.status as TaskStatus | undefined).map((task) => {
    const endsAt = instant(task.endsAt);
    return stopAt === undefined || endsAt === undefined ? (stopAt ?? endsAt) : Math.min(stopAt, endsAt);
  });
}

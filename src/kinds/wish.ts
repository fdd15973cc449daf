import { deletionRequested, type Resource } from '../core/resource.ts';
import { type Instant, instant } from '../core/time.ts';
import type { Context } from './context.ts';
import type { TaskSpec, TaskStatus } from './task.ts';

/** What is to be true now, in the order of design §5.7: deleted, suspended, stopped or outside its window, running. */
export type Wish =
  | { readonly want: 'gone' }
  /** No call at all. */
  | { readonly want: 'suspended'; readonly by: 'resource' | 'project' }
  | { readonly want: 'nothing'; readonly why: 'Stopped' | 'Completed' | 'WindowMissed' | 'TaskEnded' }
  | { readonly want: 'nothing'; readonly why: 'Scheduled'; readonly until: Instant }
  | { readonly want: 'running'; readonly onHold: boolean; readonly until?: Instant };

export function wishOf(resource: Resource<TaskSpec, TaskStatus>, context: Context, now: Instant): Wish {
  const { spec, status, metadata } = resource;
  if (deletionRequested(resource)) return { want: 'gone' };
  if (spec.suspend) return { want: 'suspended', by: 'resource' };
  if (context.project?.spec.suspend === true) return { want: 'suspended', by: 'project' };
  if (spec.desiredState === 'Stopped') return { want: 'nothing', why: 'Stopped' };
  const startAt = instant(spec.schedule?.startAt);
  const stopAt = instant(spec.schedule?.stopAt);
  if (stopAt !== undefined && now >= stopAt) {
    const ranAt = instant(status?.lastRanAt);
    return { want: 'nothing', why: ranAt !== undefined && ranAt >= (startAt ?? 0) ? 'Completed' : 'WindowMissed' };
  }
  if (startAt !== undefined && now < startAt) return { want: 'nothing', why: 'Scheduled', until: startAt };
  if (status?.completedGeneration === metadata.generation) {
    return { want: 'nothing', why: status.completedReason === 'TaskEnded' ? 'TaskEnded' : 'Completed' };
  }
  return {
    want: 'running',
    onHold: spec.desiredState === 'OnHold',
    ...(stopAt === undefined ? {} : { until: stopAt }),
  };
}

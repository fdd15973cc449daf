import type { Resource, StatusBase } from '../core/resource.ts';
import type { Intent } from '../kinds/task.ts';
import { type TaskBase, type TaskStatus, tasksOf, withTask } from '../kinds/task.ts';

/** The status with an intent put into the entry of `attempt`, so that it is written before the call is sent. */
export function withIntent(status: StatusBase, attempt: number, intent: Intent): StatusBase {
  const tasks = status as TaskStatus;
  const task = tasksOf(tasks).find((entry) => entry.attempt === attempt);
  if (task === undefined)
    throw new Error(`decided a ${intent.call} for attempt ${attempt}, which is not in the status`);
  return withTask<TaskBase, TaskStatus>(tasks, attempt, { ...task, intent });
}

/** Is the call whose answer we hold still the one that this object waits for? */
export const carriesIntent = (resource: Resource, attempt: number, requestId: string): boolean =>
  tasksOf(resource.status as TaskStatus | undefined).find((entry) => entry.attempt === attempt)?.intent?.requestId ===
  requestId;

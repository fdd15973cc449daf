import type { TaskBase, TaskStatus } from './task.ts';

/**
 * A reconcile was requested (annotation): what blocks a start is forgotten and the request is noted, so that it is
 * honoured once (design §4, conventions).
 */
export function acknowledge<Status extends TaskStatus<TaskBase>>(
  status: Status,
  requested: string | undefined,
): Status {
  if (requested === undefined || requested === status.lastHandledReconcileAt) return status;
  const next: Status = { ...status, lastHandledReconcileAt: requested };
  const { blocked: _blocked, ...unblocked } = next;
  const restarts = status.restarts === undefined ? {} : { restarts: { ...status.restarts, inRow: 0, lastStarts: [] } };
  return { ...(unblocked as Status), ...restarts };
}

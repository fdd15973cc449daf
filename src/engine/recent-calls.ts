import { KIND_NAMES } from '../core/resource.ts';
import { type Instant, instant, minutes } from '../core/time.ts';
import type { ResourceHost } from '../hosts/host.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';

/** App IDs under which a status shows a call so young that it may stand in the same window as our first (design §6). */
export function recentlyCalled(host: ResourceHost, now: Instant): ReadonlySet<string> {
  const appIds = new Set<string>();
  for (const kind of KIND_NAMES) {
    for (const resource of host.list(kind)) {
      for (const task of tasksOf(resource.status as TaskStatus | undefined)) {
        const calledAt = [task.intent?.at, task.failures?.lastAt, task.startedAt].map((at) => instant(at) ?? 0);
        if (Math.max(...calledAt) > now - minutes(1)) appIds.add(task.appId);
      }
    }
  }
  return appIds;
}

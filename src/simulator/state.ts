import type { Cloud } from './cloud.ts';
import type { Product } from './limits.ts';
import { AREAS, SIZE_CLASSES } from './sizes.ts';

/** What is in use, as a person wants to see it: per App ID, region and class, with its limit. */
export function basicState(cloud: Cloud, now: number) {
  const live = cloud.liveTasks();
  const usage = cloud.appIds().map((appId) => {
    const limits = cloud.limits(appId);
    const rows = (['recording', 'converter'] satisfies Product[]).flatMap((product) =>
      AREAS.flatMap((area) =>
        SIZE_CLASSES.map((size) => ({
          product,
          area,
          class: size,
          used: live.filter(
            (task) => task.appId === appId && task.product === product && task.area === area && task.class === size,
          ).length,
          limit: limits?.[product][area][size],
        })),
      ),
    );
    return { appId, usage: rows.filter(({ used }) => used > 0) };
  });
  return {
    now,
    live: live.map(({ events: _events, ...task }) => task),
    projects: usage,
    calls: cloud.calls,
    switches: cloud.switches(),
    faults: cloud.faults(),
  };
}

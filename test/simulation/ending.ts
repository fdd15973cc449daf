import { keyOf } from '../../src/core/resource.ts';
import type { MemoryHost } from '../../src/hosts/memory/host.ts';
import type { Cloud } from '../../src/simulator/cloud.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { Timers } from './simulate.ts';
import { summary } from './words.ts';

const MINUTE = 60_000;

/** After everything was deleted nothing lives but what `leftBehind` lists (design §9). */
export async function deleteAll(
  host: MemoryHost,
  cloud: Cloud,
  timers: Timers,
  { isForeign, breach }: { readonly isForeign: (task: Task) => boolean; readonly breach: (line: string) => void },
): Promise<void> {
  for (const kind of ['WebPageRecording', 'RtmpConverter'] as const) {
    for (const resource of host.list(kind)) await host.remove(keyOf(resource));
  }
  await timers.tickAsync(20 * MINUTE);
  const left = host.list('AgoraProject').flatMap(
    (one) =>
      (
        (one.status ?? {}) as {
          leftBehind?: readonly { taskUid?: string; converterId?: string; taskName?: string }[];
        }
      ).leftBehind ?? [],
  );
  for (const kind of ['WebPageRecording', 'RtmpConverter'] as const) {
    for (const resource of host.list(kind))
      breach(`${keyOf(resource)} is not gone 20 minutes after its deletion: ${summary(resource.status)}`);
  }
  for (const task of cloud.liveTasks()) {
    if (isForeign(task)) continue;
    const known = left.some(
      (one) => one.taskUid === task.uid || one.converterId?.toLowerCase() === task.id || one.taskName === task.name,
    );
    if (!known) breach(`${task.product} ${task.name} ${task.id} lives after everything was deleted`);
  }
}

/** Limits, rates and sequences, of all that was ever sent. */
export function audit(cloud: Cloud, breach: (line: string) => void): void {
  const found = cloud.audit();
  for (const excess of found.limits.exceeded) breach(`a limit was exceeded: ${JSON.stringify(excess)}`);
  for (const rate of found.queries.exceeded) breach(`a query limit was exceeded: ${JSON.stringify(rate)}`);
  for (const one of found.sequences)
    if (!one.grows) breach(`sequences of ${one.name} do not grow: ${one.sent.join(', ')}`);
}

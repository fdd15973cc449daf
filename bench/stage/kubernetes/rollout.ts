import { converters, project, RAISED } from '../manifests.ts';
import type { Compiled } from './compiled.ts';
import { type Measured, startContender, startInstantCloud } from './measure.ts';
import { pause, stageCluster } from './stage.ts';
import { declareAll } from './workload.ts';

/** Who does the work: the baseline, the least that anybody has to do, ours as little as the baseline, or ours with all that the product does. */
export type Who = 'baseline' | 'floor' | 'minimal' | 'converter';

export const isOurs = (who: Who): boolean => who === 'minimal' || who === 'converter';

export interface Workload {
  /** Declared before the process begins. */
  readonly count: number;
  /** Besides those of the image. */
  readonly execArgv: readonly string[];
}

const WORKERS = 16;
const QUIET_MS = 3_000;

/** One rollout by one contender, on an API server and against a cloud that begin anew. */
export async function rollOut(compiled: Compiled, who: Who, { count, execArgv }: Workload): Promise<Measured> {
  const first = project(0, RAISED);
  const cluster = await stageCluster([first]);
  const cloud = await startInstantCloud(compiled.cloud);
  try {
    await declareAll(cluster.client, converters(count, 0));
    await pause(QUIET_MS);
    const contender = startContender(
      isOurs(who) ? compiled.ours : compiled[who === 'floor' ? 'floor' : 'baseline'],
      {
        kubeconfig: cluster.server.kubeconfig,
        namespace: first.namespace,
        endpoint: cloud.url,
        count,
        workers: WORKERS,
        kind: who === 'converter' ? 'converter' : 'minimal',
      },
      isOurs(who) ? [...compiled.flags, ...execArgv] : execArgv,
    );
    const measured = await contender.finished();
    await contender.stop();
    return measured;
  } finally {
    await cloud.stop();
    await cluster.stop();
  }
}

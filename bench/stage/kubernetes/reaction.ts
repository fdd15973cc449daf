import type { Declared } from '../../../src/hosts/declared.ts';
import { converters } from '../manifests.ts';
import { quantile } from '../report.ts';
import type { Compiled } from './compiled.ts';
import { type Contender, type InstantCloud, startContender, startInstantCloud } from './measure.ts';
import { pause, stageCluster } from './stage.ts';
import { create, declareAll } from './workload.ts';

/** From the answer to the create of a resource until the cloud hears of it. */
export interface Reaction {
  readonly p50: number;
  readonly p99: number;
}

export type Reactions = Readonly<Record<'baseline' | 'ours', Reaction>>;

const WARM = 2_000;
const EVERY_MS = 20;
const SETTLED_MS = 3_000;

interface Side {
  readonly declared: readonly Declared[];
  readonly cloud: InstantCloud;
  readonly contender: Contender;
  readonly answeredAt: Map<string, number>;
}

/**
 * Baseline and ours at once on one API server, each with a namespace and a cloud of its own, and a change for each in turn:
 * whatever else the machine does falls on both alike.
 */
export async function react(compiled: Compiled, changes: number): Promise<Reactions> {
  const cluster = await stageCluster([]);
  try {
    const begin = async (name: 'baseline' | 'ours'): Promise<Side> => {
      const declared = converters(WARM + changes, 0).map((one) => ({ ...one, namespace: name }));
      await cluster.namespace(name);
      await declareAll(cluster.client, declared.slice(0, WARM));
      const cloud = await startInstantCloud(compiled.cloud);
      const contender = startContender(
        compiled[name],
        {
          kubeconfig: cluster.server.kubeconfig,
          namespace: name,
          endpoint: cloud.url,
          count: WARM,
          workers: 16,
          kind: 'minimal',
        },
        name === 'ours' ? compiled.flags : [],
      );
      await contender.finished();
      return { declared: declared.slice(WARM), cloud, contender, answeredAt: new Map() };
    };
    const sides = { baseline: await begin('baseline'), ours: await begin('ours') };
    await pause(SETTLED_MS);
    for (let change = 0; change < changes; change += 1) {
      for (const { declared, answeredAt } of change % 2 === 0
        ? [sides.baseline, sides.ours]
        : [sides.ours, sides.baseline]) {
        const one = declared[change];
        if (one === undefined) continue;
        answeredAt.set(one.name, await create(cluster.client, one));
        await pause(EVERY_MS);
      }
    }
    await pause(SETTLED_MS);
    return { baseline: await endOf(sides.baseline), ours: await endOf(sides.ours) };
  } finally {
    await cluster.stop();
  }
}

async function endOf({ cloud, contender, answeredAt }: Side): Promise<Reaction> {
  const createdAt = await cloud.createdAt();
  await contender.stop();
  await cloud.stop();
  const took = [...answeredAt].map(([name, at]) => (createdAt[name] ?? Number.NaN) - at);
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

/** What a controller in a cluster makes of a watch that is cut without a word, and of an API server that is away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Declared } from '../src/hosts/declared.ts';
import { PLURALS } from '../src/hosts/kubernetes/kinds.ts';
import { whyNoServer } from '../test/kubernetes/api-server.ts';
import type { Cluster } from '../test/kubernetes/cluster.ts';
import { FaultProxy } from '../test/kubernetes/fault-proxy.ts';
import { compile } from './stage/kubernetes/compiled.ts';
import { machineMs } from './stage/kubernetes/contender.ts';
import { type InstantCloud, startContender, startInstantCloud } from './stage/kubernetes/measure.ts';
import { pause, stageCluster, until } from './stage/kubernetes/stage.ts';
import { declareAll } from './stage/kubernetes/workload.ts';
import { converters } from './stage/manifests.ts';
import { largest, report, show } from './stage/report.ts';

const BEFORE = 100;
const FROZEN_ROUNDS = 3;
const AWAY_MS = 20_000;
const MEANWHILE = 200;

async function measure(): Promise<void> {
  const compiled = compile();
  const cluster = await stageCluster([]);
  const proxy = await FaultProxy.start(cluster.server.kubeconfig);
  const cloud = await startInstantCloud(compiled.cloud);
  const folder = mkdtempSync(join(tmpdir(), 'agora-reconciler-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(proxy.access().server));
  const declared = converters(BEFORE + FROZEN_ROUNDS + MEANWHILE, 0);
  const namespace = declared[0]?.namespace ?? '';
  await declareAll(cluster.client, declared.slice(0, BEFORE));
  const contender = startContender(
    compiled.ours,
    {
      kubeconfig,
      namespace,
      endpoint: cloud.url,
      count: BEFORE,
      workers: 16,
      kind: 'minimal',
    },
    compiled.flags,
  );
  await contender.finished();

  const noticed: number[] = [];
  for (const one of declared.slice(BEFORE, BEFORE + FROZEN_ROUNDS)) {
    await pause(5_000);
    noticed.push(await afterFreeze({ cluster, proxy, cloud }, one));
  }
  const returned = await afterOutage({ cluster, proxy, cloud }, declared.slice(BEFORE + FROZEN_ROUNDS));
  await contender.stop();
  await cloud.stop();
  await proxy.stop();
  await cluster.stop();
  rmSync(folder, { recursive: true });
  compiled.remove();

  report(
    'kubernetes-faults: the minimal kind behind a proxy that misbehaves (real API server on loopback, real time)',
    [
      {
        what: `a watch cut without a word: from a change to its call, longest of ${FROZEN_ROUNDS}`,
        measured: largest(noticed) / 1_000,
        against: { kind: 'bound', value: 30, what: 'promised' },
        unit: 's',
      },
      {
        what: `${MEANWHILE} resources declared while the API server was away ${AWAY_MS / 1_000} s: from its return to the last call`,
        measured: returned.calledMs / 1_000,
        against: { kind: 'bound', value: 3, what: 'promised' },
        unit: 's',
      },
      {
        what: 'and to the last status written',
        measured: returned.writtenMs / 1_000,
        against: { kind: 'bound', value: 3, what: 'promised' },
        unit: 's',
      },
    ],
    [`each cut watch: ${noticed.map((ms) => `${show(ms / 1_000)} s`).join(', ')}`],
  );
}

interface Setting {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  readonly cloud: InstantCloud;
}

/** The connections stay, and nothing comes through any more. */
async function afterFreeze({ cluster, proxy, cloud }: Setting, one: Declared): Promise<number> {
  proxy.freezeWatches();
  const frozenAt = machineMs();
  await declareAll(cluster.client, [one]);
  await until('the call', async () => one.name in (await cloud.createdAt()), 120_000);
  return ((await cloud.createdAt())[one.name] ?? Number.NaN) - frozenAt;
}

/** Nobody is reached, and what is declared meanwhile is found on return. */
async function afterOutage({ cluster, proxy, cloud }: Setting, declared: readonly Declared[]) {
  const beganAt = machineMs();
  await proxy.shut();
  await declareAll(cluster.client, declared);
  await pause(Math.max(0, beganAt + AWAY_MS - machineMs()));
  const openedAt = machineMs();
  await proxy.open();
  const names = new Set(declared.map(({ name }) => name));
  await until('all statuses', async () => (await written(cluster, names)) === names.size, 120_000, 100);
  const writtenMs = machineMs() - openedAt;
  const createdAt = await cloud.createdAt();
  return { writtenMs, calledMs: largest([...names].map((name) => (createdAt[name] ?? Number.NaN) - openedAt)) };
}

async function written({ client }: Cluster, names: ReadonlySet<string>): Promise<number> {
  const { body } = await client.call('GET', `/apis/agora-reconciler.dev/v1alpha1/${PLURALS.RtmpConverter}`);
  const items = (body['items'] ?? []) as readonly {
    readonly metadata: { readonly name: string };
    readonly status?: { readonly observedGeneration?: number };
  }[];
  return items.filter(({ metadata, status }) => names.has(metadata.name) && status?.observedGeneration === 1).length;
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxy', cluster: { server } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'nobody' } }],
    'current-context': 'proxy',
  });
}

const reason = whyNoServer(process.env);
if (reason === undefined) await measure();
else console.log(`kubernetes-faults: not measured, ${reason}\n`);

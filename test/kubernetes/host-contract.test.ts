import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../../src/engine/clock.ts';
import { type KubernetesHost, openKubernetesHost } from '../../src/hosts/kubernetes/host.ts';
import { SILENT } from '../../src/observability/log.ts';
import { type HostHarness, hostContract } from '../hosts/contract.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';

const reason = whyNoServer(process.env);
let cluster: Cluster;

const open = (): Promise<KubernetesHost> =>
  openKubernetesHost({
    kubeconfig: cluster.server.kubeconfig,
    namespaces: 'all',
    clock: realClock(),
    random: Math.random,
    log: SILENT,
    instance: 'test',
    environment: {},
  });

async function harness(): Promise<HostHarness> {
  const host = await open();
  let count = 0;
  return {
    host,
    apply: async (declared) => void (await cluster.apply(declared)),
    remove: async (key) => void (await cluster.remove(key)),
    async touch(key) {
      count += 1;
      await cluster.patch(key, { metadata: { labels: { touched: String(count) } } });
    },
    setSecret: (namespace, name, values) => cluster.setSecret(namespace, name, values),
    async restart() {
      await host.close();
      return harness();
    },
    close: () => host.close(),
  };
}

if (reason === undefined) {
  beforeAll(async () => {
    cluster = await startCluster(process.env);
    await cluster.namespace('media');
  });
  afterAll(() => cluster?.stop());
  hostContract('kubernetes', async () => {
    await cluster.clear();
    return harness();
  });
} else it.skipIf(!process.env.CI)(`the host has an API server to test against (${reason})`, () => expect.fail(reason));

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime } from '../../src/cli/runtime.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import { createApi } from '../../src/hosts/kubernetes/api.ts';
import { createKubernetesHost } from '../../src/hosts/kubernetes/host.ts';
import { PLURALS } from '../../src/hosts/kubernetes/kinds.ts';
import { SILENT } from '../../src/observability/log.ts';
import { createCloud } from '../../src/simulator/cloud.ts';
import { project } from '../hosts/builders.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { FaultProxy } from './fault-proxy.ts';
import { idsIn, type Listed } from './listed.ts';
import { until } from './rehearsal.ts';

const reason = whyNoServer(process.env);
if (reason !== undefined && process.env['CI']) it('has an API server to test against', () => expect.fail(reason));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const NAMESPACE = 'away';
const APP_ID = '0123456789abcdef0123456789abcdef';
/** As many as a region takes of this size. */
const NEW = 20;

describe.skipIf(reason !== undefined)(`an API server that is away${reason === undefined ? '' : ` (${reason})`}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(process.env);
    await cluster.namespace(NAMESPACE);
    await cluster.setSecret(NAMESPACE, 'agora', { customerId: 'id', customerSecret: 'secret' });
  });
  beforeEach(async () => {
    await cluster.clear();
    await cluster.apply({ ...project(), namespace: NAMESPACE });
  });
  afterAll(() => cluster?.stop());

  it('for 20 s: all that is new runs within 3 s of its return, and nothing is listed anew', {
    timeout: 120_000,
    // The bound is a quiet machine's.
    retry: 2,
  }, async () => {
    const clock = realClock();
    const proxy = await FaultProxy.start(cluster.server.kubeconfig);
    const host = createKubernetesHost(
      { namespaces: [NAMESPACE], clock, random: Math.random, log: SILENT, instance: 'test', environment: {} },
      createApi({ access: proxy.access(), clock, userAgent: 'test' }),
    );
    const cloud = createCloud({
      clock,
      seed: '1',
      projects: [{ appId: APP_ID, customerId: 'id', customerSecret: 'secret' }],
    });
    const { engine } = createRuntime({ clock, host, transport: cloud.transport, log: SILENT, graceMs: () => 0 });
    const end = new AbortController();
    const ended = engine.run(end.signal);
    const lists = (): number => host.counts().reduce((sum, each) => sum + each.lists, 0);
    /** With a handle on record. */
    const running = async (): Promise<number> => {
      const path = `/apis/agora-reconciler.dev/v1alpha1/namespaces/${NAMESPACE}/${PLURALS.RtmpConverter}`;
      const { body } = await cluster.client.call('GET', path);
      return ((body['items'] ?? []) as readonly Listed[]).filter((each) => idsIn(each).length > 0).length;
    };
    try {
      await until('listed', async () => engine.hasListed(), Boolean);
      const before = lists();
      await proxy.shut();
      for (let index = 0; index < NEW; index += 1) await cluster.apply(small(`new-${index}`));
      await pause(20_000);
      expect(cloud.tasks()).toEqual([]);
      await proxy.open();
      const began = performance.now();
      await until('handled', running, (count) => count === NEW, { withinMs: 3_000 });
      console.log(`${NEW} new resources ran ${((performance.now() - began) / 1_000).toFixed(1)} s after the return`);
      expect(cloud.tasks()).toHaveLength(NEW);
      expect(lists()).toBe(before);
    } finally {
      end.abort();
      await ended;
      await host.close();
      await proxy.stop();
    }
  });
});

const small = (name: string): Declared => ({
  ...{ apiVersion: 'agora-reconciler.dev/v1alpha1', kind: 'RtmpConverter', namespace: NAMESPACE, name },
  spec: {
    projectRef: { name: 'live' },
    region: 'eu',
    rtmpUrl: `rtmp://live.example.com/app/${name}`,
    transcodeOptions: {
      rtcChannel: 'show68',
      media: 'AudioVideo',
      videoOptions: {
        canvas: { width: 640, height: 360 },
        layout: [{ rtcStreamUid: 1001, region: { xPos: 0, yPos: 0, zIndex: 1, width: 640, height: 360 } }],
        bitrate: 800,
        frameRate: 15,
      },
    },
  },
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Key, makeKey, type Resource, type StatusBase } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createApi } from '../../src/hosts/kubernetes/api.ts';
import {
  createKubernetesHost,
  type KubernetesHost,
  type KubernetesHostOptions,
} from '../../src/hosts/kubernetes/host.ts';
import { SILENT } from '../../src/observability/log.ts';
import { createDie } from '../../src/simulator/dice.ts';
import { key, recording, status } from '../hosts/builders.ts';
import { type Run, startRun } from '../hosts/contract.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { FaultProxy } from './fault-proxy.ts';
import { storm } from './storm/weather.ts';

const reason = whyNoServer(process.env);
/** Longer searches set it; the default keeps the suite within minutes. */
const SOAK_SECONDS = Number(process.env.SOAK_SECONDS ?? 30);

if (reason !== undefined && process.env.CI) it('has an API server to test against', () => expect.fail(reason));

describe.skipIf(reason !== undefined)(
  `the host behind a bad network${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let cluster: Cluster;
    let proxy: FaultProxy;
    let host: KubernetesHost;
    let run: Run;

    beforeAll(async () => {
      cluster = await startCluster(process.env);
      await cluster.namespace('media');
    });
    afterAll(() => cluster?.stop());
    beforeEach(async () => {
      await cluster.clear();
      proxy = await FaultProxy.start(cluster.server.kubeconfig);
    });
    afterEach(async () => {
      proxy.fault = () => 'none';
      await run.stop();
      await host.close();
      await proxy.stop();
    });

    async function start(given: Partial<KubernetesHostOptions> = {}): Promise<void> {
      const clock = realClock();
      const api = createApi({ access: proxy.access(), clock, userAgent: 'test' });
      host = createKubernetesHost(
        { namespaces: 'all', clock, random: Math.random, log: SILENT, instance: 'test', environment: {}, ...given },
        api,
      );
      run = startRun(host);
      await within(10_000, () => expect(run.synced).toBe(1));
    }
    const within = <Value>(ms: number, check: () => Value): Promise<Value> =>
      vi.waitFor(check, { timeout: ms, interval: 10 });

    it('notices a watch that is cut without a word within 30 s', { timeout: 60_000 }, async () => {
      await start();
      await cluster.apply(recording());
      await within(5_000, () => expect(host.get(key('keynote'))).toBeDefined());
      proxy.freezeWatches();
      const began = Date.now();
      await cluster.apply(recording({ name: 'second' }));
      await within(30_000, () => expect(run.told).toContain(key('second')));
      console.log(`a silently cut watch was noticed after ${((Date.now() - began) / 1_000).toFixed(1)} s`);
      expect(host.counts().reduce((sum, { cuts }) => sum + cuts, 0)).toBeGreaterThan(0);
    });

    it(`misses nothing in ${SOAK_SECONDS} s of faults`, { timeout: (SOAK_SECONDS + 60) * 1_000 }, async () => {
      // The same proportions as by default, so that a silent cut is survived several times a minute.
      await start({ timing: { silenceMs: 800, probeMs: 400, lagMs: 200 }, handlesDelayMs: 500 });
      const seed = process.env.SOAK_SEED ?? '1';
      const random = createDie(`${seed}/user`);
      const stopAt = Date.now() + SOAK_SECONDS * 1_000;
      const busy = (): boolean => Date.now() < stopAt;
      const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      // A user who creates, edits and deletes; past the proxy.
      const names = Array.from({ length: 30 }, (_, index) => `soak-${index}`);
      const there = new Set<string>();
      const user = async (): Promise<void> => {
        for (let edit = 0; busy(); edit += 1) {
          await pause(random() * 40);
          const name = names[Math.floor(random() * names.length)] ?? 'soak-0';
          const one = makeKey('WebPageRecording', 'media', name);
          const isThere = there.has(name);
          if (!isThere || random() < 0.8) await cluster.apply(recording({ name, annotations: { edit: String(edit) } }));
          else await cluster.remove(one);
          if (isThere && (await cluster.read(one)).status === 404) there.delete(name);
          else there.add(name);
        }
      };
      // Who works as the engine does: on what was told only, writing what it saw.
      const writer = new Worker(host, run);
      const work = writer.run();
      const weather = { proxy, die: createDie(`${seed}/weather`), goesOn: busy };
      const [faults] = await Promise.all([storm(weather), user()]);
      proxy.fault = () => 'none';
      const answers = await Promise.all(names.map((name) => cluster.read(makeKey('WebPageRecording', 'media', name))));
      const left = answers.filter(({ status: code }) => code === 200).length;
      await within(20_000, () => expect(host.list('WebPageRecording')).toHaveLength(left));
      await vi.waitFor(
        async () => {
          for (const name of names) {
            const one = makeKey('WebPageRecording', 'media', name);
            const { status: code, body } = await cluster.read(one);
            const annotations = (body.metadata as Resource['metadata'] | undefined)?.annotations;
            // Seen by who only looks at what it is told, and written by it.
            if (code === 404) expect(writer.seen.get(one)).toBeUndefined();
            else {
              expect(writer.seen.get(one)).toBe(annotations?.['edit']);
              expect((body.status as StatusBase).lastHandledReconcileAt).toBe(annotations?.['edit']);
            }
          }
        },
        { timeout: 20_000, interval: 200 },
      );
      writer.stop();
      await work;
      const counts = host.counts().find(({ watch }) => watch === 'WebPageRecording');
      console.log(
        `${JSON.stringify(faults)}, ${writer.written} statuses written, ${writer.conflicts} conflicts, ${JSON.stringify(counts)}`,
      );
      expect(counts?.handlerErrors).toBe(0);
      expect(host.health().filter(({ ok }) => !ok)).toEqual([]);
    });
  },
);

/** Looks at each key that was told, one after the other, and writes into the status which edit it saw. */
class Worker {
  readonly seen = new Map<Key, string | undefined>();
  written = 0;
  conflicts = 0;
  readonly #host: KubernetesHost;
  readonly #run: Run;
  #taken = 0;
  #again = new Set<Key>();
  #ended = false;

  constructor(host: KubernetesHost, run: Run) {
    this.#host = host;
    this.#run = run;
  }

  stop(): void {
    this.#ended = true;
  }

  async run(): Promise<void> {
    while (!this.#ended) {
      const keys = new Set([...this.#run.told.slice(this.#taken), ...this.#again]);
      this.#taken = this.#run.told.length;
      this.#again = new Set();
      await Promise.all([...keys].map((one) => this.#pass(one)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #pass(one: Key): Promise<void> {
    const resource = this.#host.get(one);
    const edit = resource?.metadata.annotations?.['edit'];
    this.seen.set(one, edit);
    if (resource === undefined || edit === undefined) return;
    if ((resource.status as StatusBase | undefined)?.lastHandledReconcileAt === edit) return;
    try {
      const { result } = await this.#host.writeStatus(resource, { ...status('Running'), lastHandledReconcileAt: edit });
      if (result === 'written') this.written += 1;
      if (result !== 'conflict') return;
      this.conflicts += 1;
      await this.#host.refresh(one);
      this.#again.add(one);
    } catch {
      this.#again.add(one);
    }
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Resource, StatusBase } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import { HANDLES } from '../../src/hosts/kubernetes/handles.ts';
import { type KubernetesHost, openKubernetesHost } from '../../src/hosts/kubernetes/host.ts';
import { objectPath } from '../../src/hosts/kubernetes/kinds.ts';
import { SILENT } from '../../src/observability/log.ts';
import { key, recording, status } from '../hosts/builders.ts';
import { type Run, startRun } from '../hosts/contract.ts';
import { kubectl } from './api-client.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';

const reason = whyNoServer(process.env);
if (reason !== undefined && process.env.CI) it('has an API server to test against', () => expect.fail(reason));

describe.skipIf(reason !== undefined)(
  `what is lost and taken over${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let cluster: Cluster;

    beforeAll(async () => {
      cluster = await startCluster(process.env);
      await cluster.namespace('media');
    });
    afterAll(() => cluster?.stop());

    const within = <Value>(ms: number, check: () => Value): Promise<Value> =>
      vi.waitFor(check, { timeout: ms, interval: 10 });

    describe('handles of a live task', () => {
      const task = {
        attempt: 4,
        member: 'main',
        phase: 'Running',
        appId: '0123456789abcdef0123456789abcdef',
        region: 'eu',
        class: 'HD',
        generation: 1,
        cname: 'keynote',
        uid: '17',
        resourceId: 'resource',
        sid: 'sid-1',
        applied: { url: '0123456789' },
      };
      const ready = status('Running', { lastAttempt: 4, tasks: [task] });
      const running: StatusBase = {
        ...ready,
        conditions: ready.conditions.map((one) => ({ ...one, status: 'True' as const })),
      };

      async function withHost(work: (host: KubernetesHost, run: Run) => Promise<void>): Promise<void> {
        const host = await openKubernetesHost({
          kubeconfig: cluster.server.kubeconfig,
          namespaces: ['media'],
          clock: realClock(),
          random: Math.random,
          log: SILENT,
          instance: 'test',
          environment: {},
          handlesDelayMs: 50,
        });
        const run = startRun(host);
        try {
          await within(10_000, () => expect(run.synced).toBe(1));
          await work(host, run);
        } finally {
          await run.stop();
          await host.close();
        }
      }
      const kept = (host: KubernetesHost): Resource => {
        const resource = host.get(key('keynote'));
        if (resource === undefined) throw new Error('not there');
        return resource;
      };
      async function taskRuns(host: KubernetesHost): Promise<void> {
        await cluster.apply(recording());
        await within(5_000, () => kept(host));
        const added = await host.setFinalizer(kept(host), 'present');
        if (added.result !== 'written') throw new Error(added.result);
        expect((await host.writeStatus(added.resource, running)).result).toBe('written');
        await vi.waitFor(async () => {
          const { body } = await cluster.read(key('keynote'));
          expect((body.metadata as Resource['metadata']).annotations).toHaveProperty([HANDLES]);
        });
      }
      const RESTORED = {
        lastAttempt: 4,
        tasks: [{ attempt: 4, phase: 'Confirming', sid: 'sid-1', resourceId: 'resource', generation: 1 }],
      };

      it('survive a backup and a restore without status, into a new object', async () => {
        await cluster.clear();
        await withHost(taskRuns);
        const path = objectPath('WebPageRecording', 'media', 'keynote');
        const { stdout } = await kubectl(cluster.server, ['get', 'wpr', 'keynote', '-n', 'media', '-o', 'json']);
        await cluster.clear();
        // As backup tools restore: no status, no uid, no version.
        const { status: _status, metadata, ...rest } = JSON.parse(stdout);
        const {
          uid: before,
          resourceVersion: _version,
          creationTimestamp: _at,
          generation: _generation,
          ...marks
        } = metadata;
        const body = { ...rest, metadata: marks };
        expect((await cluster.client.call('POST', path.slice(0, path.lastIndexOf('/')), body)).status).toBe(201);
        await withHost(async (host) => {
          expect(kept(host).metadata.uid).not.toBe(before);
          expect(kept(host).status).toMatchObject(RESTORED);
          // The restored status can be written as it is: the schema takes it.
          const written = await host.writeStatus(kept(host), {
            ...(kept(host).status as StatusBase),
            observedGeneration: 1,
          });
          expect(written.result).toBe('written');
          expect((await cluster.read(key('keynote'))).body['status']).toMatchObject(RESTORED);
        });
      });

      it('survive a status that somebody takes away', async () => {
        await cluster.clear();
        await withHost(async (host, run) => {
          await taskRuns(host);
          run.told.length = 0;
          await cluster.patch(key('keynote'), { status: null }, 'status');
          await within(5_000, () => expect(run.told).toContain(key('keynote')));
          expect(kept(host).status).toMatchObject(RESTORED);
        });
      });

      it('survive kubectl replace, which takes the annotation away and leaves the status', async () => {
        await cluster.clear();
        await withHost(async (host) => {
          await taskRuns(host);
          const { apiVersion, kind, spec } = kept(host);
          const manifest = JSON.stringify({
            apiVersion,
            kind,
            metadata: { namespace: 'media', name: 'keynote' },
            spec,
          });
          const replaced = await kubectl(cluster.server, ['replace', '-f', '-'], manifest);
          expect(replaced.stderr).toBe('');
          await vi.waitFor(async () => {
            const { body } = await cluster.read(key('keynote'));
            expect((body.metadata as Resource['metadata']).annotations).toHaveProperty([HANDLES]);
          });
          expect(kept(host).status).toMatchObject({ tasks: [{ sid: 'sid-1' }] });
        });
      });

      it('are not those of a copy under another name', async () => {
        await cluster.clear();
        await withHost(async (host) => {
          await taskRuns(host);
          const { body } = await cluster.read(key('keynote'));
          const { annotations } = body.metadata as Resource['metadata'];
          await cluster.apply(recording({ name: 'copy', ...(annotations === undefined ? {} : { annotations }) }));
          await within(5_000, () => expect(host.get(key('copy'))).toBeDefined());
          expect(host.get(key('copy'))?.status).not.toHaveProperty('tasks');
        });
      });

      it('are told with an event that kubectl shows', async () => {
        await cluster.clear();
        await withHost(async (host) => {
          await cluster.apply(recording());
          await within(5_000, () => kept(host));
          host.event(kept(host), { type: 'Normal', reason: 'TaskStarted', note: 'it runs' });
          await vi.waitFor(async () => {
            const { body } = await cluster.client.call('GET', '/apis/events.k8s.io/v1/namespaces/media/events');
            expect(body['items']).toEqual(
              expect.arrayContaining([
                expect.objectContaining({ reason: 'TaskStarted', note: 'it runs', type: 'Normal' }),
              ]),
            );
          });
        });
      });
    });

    it('a leader that is killed is followed within 20 s; one that ends in order, at once', {
      timeout: 60_000,
    }, async () => {
      const holders: ChildProcess[] = [];
      const stand = (identity: string): { readonly child: ChildProcess; said: string } => {
        const script = new URL('lease-holder.ts', import.meta.url).pathname;
        const child = spawn(process.execPath, [script, cluster.server.kubeconfig, identity], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const holder = { child, said: '' };
        child.stdout?.on('data', (chunk: Buffer) => {
          holder.said += chunk.toString();
        });
        holders.push(child);
        return holder;
      };
      try {
        const first = stand('first');
        await within(10_000, () => expect(first.said).toContain('leading'));
        const second = stand('second');
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        expect(second.said).toBe('');
        first.child.kill('SIGKILL');
        const began = Date.now();
        await within(20_000, () => expect(second.said).toContain('leading'));
        console.log(`the lease was taken over after ${((Date.now() - began) / 1_000).toFixed(1)} s`);
        const third = stand('third');
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        expect(third.said).toBe('');
        second.child.kill('SIGTERM');
        await within(4_000, () => expect(third.said).toContain('leading'));
        expect(second.said).toContain('released');
      } finally {
        for (const child of holders.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }
      }
    });
  },
);

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FINALIZER, type Key, type Resource, type StatusBase } from '../../src/core/resource.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import type { HostListener, ResourceHost } from '../../src/hosts/host.ts';
import { key, keyOfDeclared, project, recording, status } from './builders.ts';

/** A host with the hands of a user. Every act may take effect after its promise resolves: the suite waits. */
export interface HostHarness {
  readonly host: ResourceHost;
  apply(declared: Declared): Promise<void>;
  remove(key: Key): Promise<void>;
  setSecret(namespace: string, name: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** A write to the resource by somebody else, not to its declaration. */
  touch(key: Key): Promise<void>;
  /** The same host after the end of its process. */
  restart(): Promise<HostHarness>;
  close(): Promise<void>;
}

/** What every host promises to the engine. */
export function hostContract(title: string, open: () => Promise<HostHarness>): void {
  describe(`${title}: the contract of a host`, () => {
    let harness: HostHarness;
    let runs: Run[] = [];

    const start = async (): Promise<Run> => {
      const run = startRun(harness.host);
      runs.push(run);
      await eventually(() => expect(run.synced).toBe(1));
      return run;
    };
    const appeared = async (declared = recording()): Promise<Resource> => {
      await harness.apply(declared);
      return eventually(() => found(harness.host.get(keyOfDeclared(declared))));
    };

    beforeEach(async () => {
      harness = await open();
    });
    afterEach(async () => {
      for (const run of runs) await run.stop();
      runs = [];
      await harness.close();
    });

    it('tells each resource, then synced, once', async () => {
      await harness.apply(recording({ name: 'one' }));
      await harness.apply(recording({ name: 'two' }));
      const run = await start();
      expect([...new Set(run.toldBeforeSynced)].sort()).toEqual([key('one'), key('two')]);
      await harness.apply(recording({ name: 'three' }));
      await eventually(() => expect(run.told).toContain(key('three')));
      expect(run.synced).toBe(1);
    });

    it('tells nothing after its signal aborted', async () => {
      const run = await start();
      await run.stop();
      const told = run.told.length;
      await harness.apply(recording());
      const next = await start();
      await eventually(() => expect(next.told).toContain(key('keynote')));
      expect(run.told).toHaveLength(told);
    });

    it('knows a new resource with its spec and full metadata, and no status of ours', async () => {
      await start();
      const { metadata, spec, kind, apiVersion } = await appeared(recording({ labels: { team: 'live' } }));
      expect({ kind, apiVersion }).toEqual({
        kind: 'WebPageRecording',
        apiVersion: 'agora-reconciler.dev/v1alpha1',
      });
      expect(metadata).toMatchObject({ namespace: 'media', name: 'keynote', generation: 1, finalizers: [] });
      expect(metadata.labels).toEqual({ team: 'live' });
      expect(metadata.uid).not.toBe('');
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(Date.parse(metadata.creationTimestamp)).not.toBeNaN();
      expect(spec).toMatchObject(recording().spec as object);
    });

    it('lists one kind, always in the same order', async () => {
      await start();
      for (const name of ['b', 'c', 'a']) await appeared(recording({ name }));
      await appeared(project());
      const names = () => harness.host.list('WebPageRecording').map(({ metadata }) => metadata.name);
      expect(names()).toEqual(['a', 'b', 'c']);
      expect(harness.host.list('AgoraProject').map(({ metadata }) => metadata.name)).toEqual(['live']);
      expect(harness.host.list('RtmpConverter')).toEqual([]);
    });

    it('does not know what was never declared', async () => {
      await start();
      expect(harness.host.get(key('nobody'))).toBeUndefined();
      expect(await harness.host.refresh(key('nobody'))).toBeUndefined();
      expect(harness.host.secret('media', 'nobody', 'key')).toBeUndefined();
    });

    it('writes a status under the version that was read, and reads its own write', async () => {
      const run = await start();
      const before = await appeared();
      const written = await harness.host.writeStatus(before, status('Starting'));
      const after = harness.host.get(key('keynote'));
      expect(written).toMatchObject({ result: 'written', resource: { status: status('Starting') } });
      expect(after?.status).toMatchObject(status('Starting'));
      expect(after?.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
      expect(after?.metadata.generation).toBe(1);
      expect(after?.metadata.uid).toBe(before.metadata.uid);
      expect(after?.spec).toEqual(before.spec);
      expect(run.told).toContain(key('keynote'));
    });

    it('can write again with what the write returned', async () => {
      await start();
      const first = await harness.host.writeStatus(await appeared(), status('Starting'));
      if (first.result !== 'written') throw new Error(first.result);
      const second = await harness.host.writeStatus(first.resource, status('Running'));
      expect(second).toMatchObject({ result: 'written', resource: { status: status('Running') } });
    });

    it('refuses a status under an old version and writes nothing', async () => {
      await start();
      const before = await appeared();
      await harness.host.writeStatus(before, status('Starting'));
      expect(await harness.host.writeStatus(before, status('Running'))).toEqual({ result: 'conflict' });
      expect((await harness.host.refresh(key('keynote')))?.status).toMatchObject(status('Starting'));
    });

    it('lets one of several writes under the same version win', async () => {
      await start();
      const before = await appeared();
      const names = ['Starting', 'Running', 'Stopping', 'Stopped'];
      const results = await Promise.all(names.map((one) => harness.host.writeStatus(before, status(one))));
      expect(results.filter(({ result }) => result === 'written')).toHaveLength(1);
      expect(results.filter(({ result }) => result === 'conflict')).toHaveLength(names.length - 1);
      const won = names[results.findIndex(({ result }) => result === 'written')] ?? '';
      expect(harness.host.get(key('keynote'))?.status).toMatchObject(status(won));
    });

    it('meets a conflict after somebody else wrote; refresh brings what can be written under', async () => {
      await start();
      const before = await appeared();
      await harness.touch(key('keynote'));
      expect(await harness.host.writeStatus(before, status('Starting'))).toEqual({ result: 'conflict' });
      const fresh = found(await harness.host.refresh(key('keynote')));
      expect(await harness.host.writeStatus(fresh, status('Starting'))).toMatchObject({ result: 'written' });
    });

    it('counts a generation for a changed spec only, and keeps the status', async () => {
      const run = await start();
      await harness.host.writeStatus(await appeared(), status('Running'));
      run.told.length = 0;
      await harness.apply(recording({ spec: { url: 'https://stage.example.com/other' } }));
      const edited = await eventually(() => {
        const resource = found(harness.host.get(key('keynote')));
        expect(resource.metadata.generation).toBe(2);
        return resource;
      });
      expect(edited.spec).toMatchObject({ url: 'https://stage.example.com/other' });
      expect(edited.status).toMatchObject(status('Running'));
      await eventually(() => expect(run.told).toContain(key('keynote')));

      const annotations = { 'agora-reconciler.dev/reconcile-requested-at': '2026-01-01T00:00:00Z' };
      await harness.apply(recording({ annotations, spec: { url: 'https://stage.example.com/other' } }));
      const noted = await eventually(() => {
        const resource = found(harness.host.get(key('keynote')));
        expect(resource.metadata.annotations).toMatchObject(annotations);
        return resource;
      });
      expect(noted.metadata.generation).toBe(2);
      expect(noted.metadata.resourceVersion).not.toBe(edited.metadata.resourceVersion);
    });

    it('refuses a status that was decided before an edit', async () => {
      await start();
      const before = await appeared();
      await harness.apply(recording({ spec: { url: 'https://stage.example.com/other' } }));
      await eventually(() => expect(harness.host.get(key('keynote'))?.metadata.generation).toBe(2));
      expect(await harness.host.writeStatus(before, status('Starting'))).toEqual({ result: 'conflict' });
    });

    it('adds and removes our finalizer under the version, again and again', async () => {
      const run = await start();
      const before = await appeared();
      run.told.length = 0;
      const added = await harness.host.setFinalizer(before, 'present');
      if (added.result !== 'written') throw new Error(added.result);
      expect(added.resource.metadata.finalizers).toEqual([FINALIZER]);
      expect(added.resource.metadata.generation).toBe(1);
      await eventually(() => expect(run.told).toContain(key('keynote')));
      expect(await harness.host.setFinalizer(before, 'absent')).toEqual({ result: 'conflict' });
      expect(await harness.host.setFinalizer(added.resource, 'present')).toMatchObject({ result: 'written' });
      const removed = await harness.host.setFinalizer(found(await harness.host.refresh(key('keynote'))), 'absent');
      expect(removed).toMatchObject({ result: 'written', resource: { metadata: { finalizers: [] } } });
    });

    it('lets a deleted resource without a finalizer go at once', async () => {
      const run = await start();
      const before = await appeared();
      run.told.length = 0;
      await harness.remove(key('keynote'));
      await eventually(() => expect(harness.host.get(key('keynote'))).toBeUndefined());
      await eventually(() => expect(run.told).toContain(key('keynote')));
      expect(await harness.host.writeStatus(before, status('Running'))).toEqual({ result: 'gone' });
      expect(await harness.host.setFinalizer(before, 'present')).toEqual({ result: 'gone' });
      expect(await harness.host.refresh(key('keynote'))).toBeUndefined();
    });

    it('keeps a deleted resource, writable, until its finalizer is removed', async () => {
      const run = await start();
      await harness.host.setFinalizer(await appeared(), 'present');
      await harness.remove(key('keynote'));
      const deleting = await eventually(() => {
        const resource = found(harness.host.get(key('keynote')));
        expect(resource.metadata.deletionTimestamp).toBeDefined();
        return resource;
      });
      const written = await harness.host.writeStatus(deleting, status('Stopping'));
      if (written.result !== 'written') throw new Error(written.result);
      run.told.length = 0;
      expect((await harness.host.setFinalizer(written.resource, 'absent')).result).not.toBe('conflict');
      await eventually(() => expect(harness.host.get(key('keynote'))).toBeUndefined());
      await eventually(() => expect(run.told).toContain(key('keynote')));
    });

    it('takes a resource that is declared again after it went for another one', async () => {
      await start();
      const before = await appeared();
      await harness.host.writeStatus(before, status('Running'));
      await harness.remove(key('keynote'));
      await eventually(() => expect(harness.host.get(key('keynote'))).toBeUndefined());
      const after = await appeared();
      expect(after.metadata.uid).not.toBe(before.metadata.uid);
      expect(after.metadata.generation).toBe(1);
      expect(after.metadata.finalizers).toEqual([]);
      expect((after.status as StatusBase | undefined)?.observedGeneration ?? -1).toBe(-1);
      expect((await harness.host.writeStatus(before, status('Running'))).result).not.toBe('written');
    });

    it('serves the values of Secrets and tells when one changed', async () => {
      const run = await start();
      await harness.setSecret('media', 'cdn', { key: 'first', other: 'same' });
      await eventually(() => expect(harness.host.secret('media', 'cdn', 'key')?.reveal()).toBe('first'));
      await eventually(() => expect(run.secrets).toContain('media/cdn'));
      run.secrets.length = 0;
      await harness.setSecret('media', 'cdn', { key: 'second', other: 'same' });
      await eventually(() => expect(harness.host.secret('media', 'cdn', 'key')?.reveal()).toBe('second'));
      await eventually(() => expect(run.secrets).toContain('media/cdn'));
      expect(harness.host.secret('media', 'cdn', 'constructor')).toBeUndefined();
      expect(harness.host.secret('elsewhere', 'cdn', 'key')).toBeUndefined();
    });

    it('takes events without a word', async () => {
      await start();
      const resource = await appeared();
      expect(harness.host.event(resource, { type: 'Normal', reason: 'TaskStarted', note: 'it runs' })).toBeUndefined();
    });

    it('remembers uid, version, finalizer and status over the end of the process', async () => {
      await start();
      const added = await harness.host.setFinalizer(await appeared(), 'present');
      if (added.result !== 'written') throw new Error(added.result);
      await harness.host.writeStatus(added.resource, status('Running'));
      const before = found(harness.host.get(key('keynote')));
      for (const run of runs) await run.stop();
      harness = await harness.restart();
      await start();
      expect(harness.host.get(key('keynote'))).toEqual(before);
      expect(await harness.host.writeStatus(before, status('Stopped'))).toMatchObject({ result: 'written' });
    });
  });
}

export interface Run {
  readonly told: Key[];
  readonly toldBeforeSynced: Key[];
  readonly secrets: string[];
  readonly synced: number;
  stop(): Promise<void>;
}

/** Runs a host and writes down what it tells. */
export function startRun(host: ResourceHost): Run {
  const told: Key[] = [];
  const toldBeforeSynced: Key[] = [];
  const secrets: string[] = [];
  let synced = 0;
  const listener: HostListener = {
    changed(one) {
      told.push(one);
      if (synced === 0) toldBeforeSynced.push(one);
    },
    secretChanged: (namespace, name) => void secrets.push(`${namespace}/${name}`),
    synced: () => {
      synced += 1;
    },
  };
  const end = new AbortController();
  const running = host.run(listener, end.signal);
  return {
    told,
    toldBeforeSynced,
    secrets,
    get synced() {
      return synced;
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}

const eventually = <Value>(check: () => Value): Promise<Value> => vi.waitFor(check, { timeout: 5_000, interval: 5 });

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('not there');
  return value;
}

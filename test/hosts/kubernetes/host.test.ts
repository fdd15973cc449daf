import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FINALIZER, type Resource } from '../../../src/core/resource.ts';
import { HANDLES } from '../../../src/hosts/kubernetes/handles.ts';
import type { KubernetesHost } from '../../../src/hosts/kubernetes/host.ts';
import { key, project, recording, status } from '../builders.ts';
import { type Run, startRun } from '../contract.ts';
import { ManualClock } from '../manual-clock.ts';
import { openHost, pathOf, userOf } from './fixture.ts';
import { ApiStub, type Call } from './stub.ts';

const KEYNOTE = pathOf(key('keynote'));
const WATCHED = /watch=true/;

const eventually = <Value>(check: () => Value): Promise<Value> => vi.waitFor(check, { timeout: 5_000, interval: 2 });

const task = (phase = 'Running', rest: object = {}): object => ({
  attempt: 1,
  member: 'main',
  phase,
  appId: '0123456789abcdef0123456789abcdef',
  region: 'eu',
  class: 'HD',
  generation: 1,
  cname: 'keynote',
  uid: '17',
  resourceId: 'resource',
  sid: 'sid',
  applied: {},
  ...rest,
});

describe('the Kubernetes host', () => {
  let stub: ApiStub;
  let clock: ManualClock;
  let host: KubernetesHost;
  let run: Run | undefined;
  let user: ReturnType<typeof userOf>;

  beforeEach(async () => {
    stub = await ApiStub.start();
    clock = new ManualClock();
    host = openHost(stub, { clock });
    user = userOf(stub);
    run = undefined;
  });
  afterEach(async () => {
    stub.fate = () => 'answered';
    await run?.stop();
    await host.close();
    await stub.stop();
  });

  async function start(): Promise<Run> {
    const started = startRun(host);
    run = started;
    await eventually(() => expect(started.synced).toBe(1));
    return started;
  }
  const need = (name = 'keynote'): Resource => {
    const resource = host.get(key(name));
    if (resource === undefined) throw new Error('not there');
    return resource;
  };
  const appeared = async (): Promise<Resource> => {
    await user.apply(recording());
    return eventually(() => need());
  };
  const write = async (value: Parameters<KubernetesHost['writeStatus']>[1]): Promise<Resource> => {
    const result = await host.writeStatus(need(), value);
    if (result.result !== 'written') throw new Error(result.result);
    return result.resource;
  };
  const annotation = (): unknown => stub.get(KEYNOTE)?.metadata['annotations'];
  /** Lets the second record of the handles fall due. */
  async function handlesKept(): Promise<void> {
    for (let second = 0; second < 30; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('writes a status by one request, with nothing but the status in it', async () => {
    await start();
    await appeared();
    stub.calls.length = 0;
    await write(status('Starting'));
    const [call] = stub.calls.filter(({ method }) => method !== 'GET');
    expect(stub.writes()).toEqual([`PUT ${KEYNOTE}/status`]);
    expect(call?.body).not.toHaveProperty('spec');
    expect(call?.query.get('fieldManager')).toBe('agora-reconciler-controller');
  });

  it('has a few writes on their way at once, however many are to be done', async () => {
    await start();
    const names = Array.from({ length: 40 }, (_, index) => `keynote-${index}`);
    for (const name of names) await user.apply(recording({ name }));
    await eventually(() => expect(names.every((name) => host.get(key(name)) !== undefined)).toBe(true));
    stub.calls.length = 0;
    stub.fate = () => 'hanging';
    const writes = names.map((name) => host.writeStatus(need(name), status('Starting')));
    const outcomes = Promise.allSettled(writes);
    await eventually(() => expect(stub.writes()).toHaveLength(16));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stub.writes()).toHaveLength(16);
    stub.fate = () => 'answered';
    // The deadline of those that hang; of the others none has begun.
    clock.advance(15_000);
    const results = (await outcomes).map((outcome) => outcome.status);
    expect(results).toEqual([...Array(16).fill('rejected'), ...Array(24).fill('fulfilled')]);
  });

  it('leaves the finalizers of others where they are', async () => {
    await start();
    await appeared();
    stub.request('PATCH', KEYNOTE, { metadata: { finalizers: ['example.com/other'] } });
    await eventually(() => expect(need().metadata.finalizers).toEqual(['example.com/other']));
    expect((await host.setFinalizer(need(), 'present')).result).toBe('written');
    expect(stub.get(KEYNOTE)?.metadata.finalizers).toEqual(['example.com/other', FINALIZER]);
    expect((await host.setFinalizer(need(), 'absent')).result).toBe('written');
    expect(stub.get(KEYNOTE)?.metadata.finalizers).toEqual(['example.com/other']);
  });

  it('meets a write whose answer was lost as a conflict, and reads it past a watch that tells nothing', async () => {
    await start();
    const before = await appeared();
    stub.fate = ({ method }) => (method === 'PUT' ? 'lost' : 'answered');
    await expect(host.writeStatus(before, status('Starting'))).rejects.toThrow();
    stub.fate = () => 'answered';
    expect(await host.writeStatus(before, status('Running'))).toEqual({ result: 'conflict' });
    expect(await host.refresh(key('keynote'))).toMatchObject({ status: status('Starting') });
    expect(need().status).toMatchObject(status('Starting'));
  });

  it('takes no state that was known before for what a read answered', async () => {
    await start();
    await appeared();
    stub.fate = ({ method }) => (method === 'GET' ? { status: 200, reason: 'FromAProxy' } : 'answered');
    await expect(host.refresh(key('keynote'))).rejects.toThrow('holds no object');
  });

  it('tells a refused value from a conflict', async () => {
    await start();
    const before = await appeared();
    stub.fate = ({ method }) => (method === 'PUT' ? { status: 422, reason: 'Invalid', causes: 1 } : 'answered');
    await expect(host.writeStatus(before, status('Starting'))).rejects.toThrow('422 Invalid');
  });

  it('repeats a write that was throttled, after the time that the server asks for', async () => {
    await start();
    const before = await appeared();
    let refusals = 0;
    stub.fate = ({ method }) => {
      if (method !== 'PUT' || refusals > 1) return 'answered';
      refusals += 1;
      return { status: 429, reason: 'TooManyRequests' };
    };
    const written = host.writeStatus(before, status('Starting'));
    for (let second = 0; second < 2; second += 1) {
      // Besides the keeper of the handles.
      await eventually(() => expect(clock.sleeping().filter((ms) => ms === 1_000)).toHaveLength(2));
      clock.advance(1_000);
    }
    expect(await written).toMatchObject({ result: 'written' });
    expect(stub.writes()).toEqual(Array(3).fill(`PUT ${KEYNOTE}/status`));
  });

  it('reads its own write while the watch is behind, and is not taken back by an old list', async () => {
    await start();
    await appeared();
    await write(status('Running'));
    const version = need().metadata.resourceVersion;
    stub.request('PATCH', KEYNOTE, { metadata: { labels: { team: 'live' } } });
    await eventually(() => expect(need().metadata.labels).toEqual({ team: 'live' }));
    expect(need().status).toMatchObject(status('Running'));
    expect(Number(need().metadata.resourceVersion)).toBeGreaterThan(Number(version));
  });

  it('tells a deletion that no frame told, after a list', async () => {
    const told = await start();
    await appeared();
    // The watch ends, and before it can be resumed its versions are forgotten.
    stub.fate = (call) => (isWatch(call) ? { status: 503, reason: 'Unavailable' } : 'answered');
    stub.cutWatches();
    await user.remove(key('keynote'));
    stub.compact();
    told.told.length = 0;
    stub.fate = () => 'answered';
    await eventually(() => {
      clock.advance(500);
      expect(host.get(key('keynote'))).toBeUndefined();
    });
    expect(told.told).toContain(key('keynote'));
  });

  it('keeps its cache without a listener, so that a standby takes over without a list', async () => {
    await user.apply(recording());
    const standby = new AbortController();
    const watching = host.watch(standby.signal);
    await eventually(() => need());
    const lists = stub.calls.filter((call) => !isWatch(call) && call.path.endsWith('webpagerecordings')).length;
    const told = await start();
    expect(told.toldBeforeSynced).toEqual([key('keynote')]);
    expect(stub.calls.filter((call) => !isWatch(call) && call.path.endsWith('webpagerecordings'))).toHaveLength(lists);
    await told.stop();
    await user.apply(recording({ name: 'second' }));
    await eventually(() => need('second'));
    standby.abort();
    await watching;
  });

  it('is ready when all is listed and up to date, and says what is not', async () => {
    stub.fate = ({ path }) => (path.endsWith('rtmpconverters') ? { status: 403, reason: 'Forbidden' } : 'answered');
    const starting = startRun(host);
    run = starting;
    await eventually(() => {
      const checks = host.health();
      expect(checks.filter(({ ok }) => ok).map(({ name }) => name)).toEqual([
        'AgoraProject',
        'WebPageRecording',
        'Secrets',
      ]);
      expect(checks.find(({ name }) => name === 'RtmpConverter')?.message).toContain('403');
    });
    expect(starting.synced).toBe(0);
    stub.fate = () => 'answered';
    await eventually(() => {
      clock.advance(500);
      expect(starting.synced).toBe(1);
    });
    expect(host.health().every(({ ok }) => ok)).toBe(true);
  });

  describe('handles', () => {
    it('are recorded a second time once, late, and never again while nothing changes', async () => {
      await start();
      await appeared();
      await host.setFinalizer(need(), 'present');
      stub.calls.length = 0;
      await write(status('Starting', { tasks: [task('Starting', { sid: undefined })] }));
      await write(status('Confirming', { tasks: [task('Confirming')] }));
      await write(status('Running', { tasks: [task('Running')] }));
      expect(stub.writes()).toEqual(Array(3).fill(`PUT ${KEYNOTE}/status`));
      await handlesKept();
      await eventually(() => expect(annotation()).toHaveProperty([HANDLES]));
      expect(stub.writes()).toHaveLength(4);
      await handlesKept();
      await handlesKept();
      expect(stub.writes()).toHaveLength(4);
    });

    it('make no conflict for who decided before they were recorded', async () => {
      const told = await start();
      await appeared();
      const before = await write(status('Running', { tasks: [task()] }));
      told.told.length = 0;
      await handlesKept();
      await eventually(() => expect(need().metadata.resourceVersion).not.toBe(before.metadata.resourceVersion));
      expect(told.told).toEqual([]);
      expect(await host.writeStatus(before, status('Stopping', { tasks: [task('Stopping')] }))).toMatchObject({
        result: 'written',
      });
      expect(await host.writeStatus(before, status('Running'))).toEqual({ result: 'conflict' });
    });

    it('make a conflict for who decided before somebody else wrote', async () => {
      await start();
      await appeared();
      const before = await write(status('Running', { tasks: [task()] }));
      await handlesKept();
      await eventually(() => expect(annotation()).toHaveProperty([HANDLES]));
      await user.touch(key('keynote'));
      expect(await host.writeStatus(before, status('Stopped'))).toEqual({ result: 'conflict' });
    });

    it('are shown to nobody as an annotation', async () => {
      await start();
      await appeared();
      await write(status('Running', { tasks: [task()] }));
      await handlesKept();
      await eventually(() => expect(annotation()).toHaveProperty([HANDLES]));
      expect(need().metadata.annotations).toBeUndefined();
    });

    it('come back when the status is lost, and are taken away with the last task', async () => {
      await start();
      await appeared();
      await write(status('Running', { tasks: [task()] }));
      await handlesKept();
      await eventually(() => expect(annotation()).toHaveProperty([HANDLES]));
      stub.request('PUT', `${KEYNOTE}/status`, { metadata: {} });
      await eventually(() =>
        expect(need().status).toMatchObject({ observedGeneration: -1, tasks: [{ sid: 'sid', phase: 'Confirming' }] }),
      );
      await write(status('Stopped', { tasks: [] }));
      await handlesKept();
      await eventually(() => expect(annotation()).not.toHaveProperty([HANDLES]));
    });

    it('are recorded at the next start where the process ended before it could', async () => {
      const first = await start();
      await appeared();
      await write(status('Running', { tasks: [task()] }));
      await first.stop();
      expect(annotation()).toBeUndefined();
      await start();
      await handlesKept();
      await eventually(() => expect(annotation()).toHaveProperty([HANDLES]));
    });

    it('of a resource that is being deleted go with it', async () => {
      await start();
      await appeared();
      await host.setFinalizer(need(), 'present');
      await user.remove(key('keynote'));
      await eventually(() => expect(need().metadata.deletionTimestamp).toBeDefined());
      await write(status('Stopping', { tasks: [task('Stopping')] }));
      stub.calls.length = 0;
      await handlesKept();
      await host.refresh(key('keynote'));
      expect(stub.writes()).toEqual([]);
    });

    it('are not recorded by a standby', async () => {
      await user.apply(recording());
      stub.request('PUT', `${KEYNOTE}/status`, { metadata: {}, status: status('Running', { tasks: [task()] }) });
      const standby = new AbortController();
      const watching = host.watch(standby.signal);
      await eventually(() => need());
      stub.calls.length = 0;
      await handlesKept();
      expect(stub.writes()).toEqual([]);
      standby.abort();
      await watching;
    });
  });

  describe('Secrets', () => {
    const byName = ({ path, query }: Call) =>
      path.endsWith('/secrets') || (path.includes('/secrets') && query.has('watch'))
        ? ({ status: 403, reason: 'Forbidden' } as const)
        : 'answered';
    const reads = () => stub.calls.filter(({ path }) => path.endsWith('/secrets/agora')).length;

    it.each([
      ['watched', () => 'answered' as const],
      ['read by name', byName],
    ])('are known before anything is told that names them: %s', async (_, fate) => {
      stub.fate = fate;
      await user.setSecret('media', 'agora', { customerId: 'me' });
      await user.apply(project());
      const values: (string | undefined)[] = [];
      const end = new AbortController();
      const running = host.run(
        {
          changed: () => void values.push(host.secret('media', 'agora', 'customerId')?.reveal()),
          secretChanged: () => undefined,
          synced: () => undefined,
        },
        end.signal,
      );
      await eventually(() => expect(values).toEqual(['me']));
      end.abort();
      await running;
    });

    it('are known before a resource is told that came later, in a namespace of its own', async () => {
      await start();
      await user.setSecret('later', 'agora', { customerId: 'me' });
      const seen: (string | undefined)[] = [];
      const end = new AbortController();
      const running = host.run(
        {
          changed: () => void seen.push(host.secret('later', 'agora', 'customerId')?.reveal()),
          secretChanged: () => undefined,
          synced: () => undefined,
        },
        end.signal,
      );
      await eventually(() => expect(host.health()).not.toEqual([]));
      await user.apply({ ...project(), namespace: 'later' });
      await eventually(() => expect(seen).toEqual(['me']));
      end.abort();
      await running;
    });

    it('that are slow to come hold back what is told first, not what we write ourselves', async () => {
      const told = await start();
      stub.fate = ({ path }) => (path.endsWith('/secrets') ? 'hanging' : 'answered');
      await appeared();
      await host.refresh(key('keynote'));
      expect(told.told).toEqual([]);
      await write(status('Starting'));
      expect(told.told).toEqual([key('keynote')]);
    });

    it('that may only be read by name are read again once a minute, when somebody asks', async () => {
      stub.fate = byName;
      await user.setSecret('media', 'agora', { customerId: 'me' });
      await user.apply(project());
      const told = await start();
      expect(reads()).toBe(1);
      await user.setSecret('media', 'agora', { customerId: 'other' });
      for (let ask = 0; ask < 20; ask += 1) host.secret('media', 'agora', 'customerId');
      clock.advance(59_000);
      expect(host.secret('media', 'agora', 'customerId')?.reveal()).toBe('me');
      // Whatever was asked for before has long been answered when these are.
      for (let turn = 0; turn < 10; turn += 1) await host.refresh(key('keynote'));
      expect(reads()).toBe(1);
      clock.advance(2_000);
      for (let ask = 0; ask < 20; ask += 1) host.secret('media', 'agora', 'customerId');
      await eventually(() => expect(host.secret('media', 'agora', 'customerId')?.reveal()).toBe('other'));
      expect(told.secrets).toContain('media/agora');
      expect(reads()).toBe(2);
    });

    it('that are named before they are there are looked for soon, then once a minute when somebody asks', async () => {
      stub.fate = byName;
      await user.apply(project());
      const told = await start();
      expect(reads()).toBe(1);
      // Nobody asks meanwhile, as `kubectl apply -f` of a folder goes: resources first, Secrets last.
      for (const [seconds, total] of [
        [2, 2],
        [4, 3],
        [8, 4],
        [16, 5],
        [32, 6],
      ] as const) {
        await eventually(() => expect(clock.sleeping()).toContain(seconds * 1_000));
        clock.advance(seconds * 1_000 - 1);
        await host.refresh(key('keynote'));
        expect(reads()).toBe(total - 1);
        clock.advance(1);
        await eventually(() => expect(reads()).toBe(total));
      }
      for (let turn = 0; turn < 10; turn += 1) await host.refresh(key('keynote'));
      expect(clock.sleeping().filter((ms) => ms === 64_000)).toEqual([]);
      await user.setSecret('media', 'agora', { customerId: 'me' });
      clock.advance(60_000);
      await host.refresh(key('keynote'));
      expect(reads()).toBe(6);
      host.secret('media', 'agora', 'customerId');
      await eventually(() => expect(told.secrets).toContain('media/agora'));
      expect(reads()).toBe(7);
    });

    it('are forgotten when they are deleted', async () => {
      const told = await start();
      await user.setSecret('media', 'cdn', { key: 'value' });
      await eventually(() => expect(host.secret('media', 'cdn', 'key')?.reveal()).toBe('value'));
      told.secrets.length = 0;
      stub.request('DELETE', '/api/v1/namespaces/media/secrets/cdn');
      await eventually(() => expect(host.secret('media', 'cdn', 'key')).toBeUndefined());
      expect(told.secrets).toContain('media/cdn');
    });

    it('tell nothing when only their annotations change', async () => {
      const told = await start();
      await user.setSecret('media', 'cdn', { key: 'value' });
      await eventually(() => expect(host.secret('media', 'cdn', 'key')).toBeDefined());
      told.secrets.length = 0;
      stub.request('PATCH', '/api/v1/namespaces/media/secrets/cdn', { metadata: { annotations: { a: 'b' } } });
      await user.setSecret('media', 'other', { key: 'value' });
      await eventually(() => expect(told.secrets).toEqual(['media/other']));
    });
  });

  describe('events', () => {
    const EVENTS = '/apis/events.k8s.io/v1/namespaces/media/events';
    const posted = () =>
      stub.calls.filter(({ method, path }) => method === 'POST' && path === EVENTS).map(({ body }) => body);

    it('are written as events.k8s.io/v1, what repeats as a series of the first', async () => {
      await start();
      const resource = await appeared();
      const event = { type: 'Warning', reason: 'StartFailed', note: 'code 65' } as const;
      host.event(resource, event);
      host.event(resource, event);
      host.event(resource, { ...event, note: 'code 7' });
      await eventually(() => expect(posted()).toHaveLength(2));
      expect(posted()[0]).toMatchObject({
        eventTime: '2026-12-01T09:00:00.000000Z',
        reportingController: 'agora-reconciler.dev/controller',
        reportingInstance: 'test',
        action: 'StartFailed',
        reason: 'StartFailed',
        type: 'Warning',
        note: 'code 65',
        regarding: { kind: 'WebPageRecording', namespace: 'media', name: 'keynote', uid: resource.metadata.uid },
      });
      expect(stub.calls.find(({ method, path }) => method === 'PATCH' && path.startsWith(EVENTS))?.body).toMatchObject({
        series: { count: 2 },
      });
    });

    it('that wait when the process ends are written before it does', async () => {
      const running = await start();
      const resource = await appeared();
      let hangs = true;
      stub.fate = ({ path }) => {
        if (path !== EVENTS || !hangs) return 'answered';
        hangs = false;
        return 'hanging';
      };
      for (const note of ['one', 'two']) host.event(resource, { type: 'Normal', reason: 'TaskStopped', note });
      await eventually(() => expect(posted()).toHaveLength(1));
      await running.stop();
      expect(posted().map((body) => (body as { note: string }).note)).toEqual(['one', 'one', 'two']);
    });

    it('come at a pace where they are many, and are dropped without a word where they are refused', async () => {
      await start();
      const resource = await appeared();
      stub.fate = ({ path }) => (path === EVENTS ? { status: 403, reason: 'Forbidden' } : 'answered');
      for (let count = 0; count < 2_000; count += 1) {
        host.event(resource, { type: 'Normal', reason: 'TaskStarted', note: `number ${count}` });
      }
      await eventually(() => expect(posted().length).toBeGreaterThanOrEqual(50));
      // The rest follows at a pace that leaves the server to the statuses.
      expect(posted().length).toBeLessThan(80);
    });
  });

  const isWatch = ({ query }: Call): boolean => WATCHED.test(query.toString());
});

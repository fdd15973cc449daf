import { describe, expect, it } from 'vitest';
import type { ResourceHost, WriteResult } from '../../src/hosts/host.ts';
import type { RecordingStatus } from '../../src/kinds/recording/types.ts';
import { tasksOf } from '../../src/kinds/task.ts';
import { incarnate } from '../simulation/incarnation.ts';
import { converter, recording } from '../simulation/manifests.ts';
import { fakeTimers } from './world.ts';

const { setting, ended, timers } = fakeTimers();

it('a start is sent as it was decided upon, although an edit came on top of its intent, whose write was not answered', async () => {
  const { cloud, memory, common } = await setting();
  const key = await memory.declare(recording('talk', { url: 'https://stage.example.com/1' }));
  const task = () => tasksOf((memory.get(key)?.status ?? {}) as RecordingStatus).at(-1);
  let lost = 0;
  const host: ResourceHost = {
    ...memory,
    async writeStatus(resource, status): Promise<WriteResult> {
      const written = await memory.writeStatus(resource, status);
      if (lost > 0 || task()?.intent?.call !== 'start') return written;
      lost += 1;
      await memory.declare(recording('talk', { url: 'https://stage.example.com/2' }));
      throw new Error('the answer was lost');
    },
  };
  const sent: unknown[] = [];
  const life = incarnate({
    ...common,
    host,
    transport: (request, signal) => {
      if (request.url.endsWith('/start')) {
        const [, url] = /"url":"([^"]+)"/.exec(request.body ?? '') ?? [];
        sent.push([task()?.generation, url]);
      }
      return cloud.transport(request, signal);
    },
  });
  await timers().tickAsync(120_000);
  await ended(life);
  // Its generation says which declaration it was begun from.
  expect([lost, sent]).toEqual([1, [[2, 'https://stage.example.com/2']]]);
  expect(cloud.tasks()).toHaveLength(1);
  expect(task()).toMatchObject({ phase: 'Running', generation: 2 });
});

it('a handle that was found is on record before it is looked at, so that a label meanwhile does not take it away', async () => {
  const { cloud, memory, common } = await setting();
  const key = await memory.declare(converter('show'));
  const first = incarnate({
    ...common,
    transport: async (request, signal) => {
      const answer = await cloud.transport(request, signal);
      if (request.method === 'POST') first.crash();
      return answer;
    },
  });
  await timers().tickAsync(60_000);
  expect([first.crashed, cloud.liveTasks().length]).toEqual([true, 1]);
  let lists = 0;
  let labels = 0;
  const second = incarnate({
    ...common,
    number: 2,
    host: {
      ...memory,
      async writeStatus(resource, status) {
        // Out of reach until its name is known to be listed.
        if (lists === 0) throw new Error('away');
        return memory.writeStatus(resource, status);
      },
    },
    transport: async (request, signal) => {
      const answer = await cloud.transport(request, signal);
      if (request.url.endsWith('/rtmp-converters')) lists += 1;
      else if (request.method === 'GET') {
        labels += 1;
        await memory.touch(key);
      }
      return answer;
    },
  });
  await timers().tickAsync(60_000);
  expect(labels).toBeGreaterThan(0);
  const [live] = cloud.liveTasks();
  expect(memory.get(key)?.status).toMatchObject({ tasks: [{ phase: 'Running', converterId: live?.id }] });
  await memory.remove(key);
  await timers().tickAsync(60_000);
  await ended(second);
  expect([memory.get(key), cloud.liveTasks()]).toEqual([undefined, []]);
});

describe('MP-2 WR-5 an acquire that is refused for want of room gives its slot back, and is not repeated at once', () => {
  const NO_ROOM = { status: 400, headers: {}, body: '{"code":406,"reason":"vendor_over_load"}' };

  it.each([
    { case: 'the first one', failures: 0 },
    { case: 'one after another that was not answered', failures: 1 },
  ])('$case', async ({ failures }) => {
    const { memory, common } = await setting();
    const key = await memory.declare(recording('talk'));
    const status = (): RecordingStatus => memory.get(key)?.status as RecordingStatus;
    let acquires = 0;
    const life = incarnate({
      ...common,
      async transport(request) {
        if (!request.url.endsWith('/acquire')) return NO_ROOM;
        acquires += 1;
        if (acquires > failures) return NO_ROOM;
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      },
    });
    await timers().tickAsync(240_000);
    expect(acquires).toBe(failures + 1);
    expect(status()).not.toHaveProperty('admission');
    expect(status().conditions.find(({ type }) => type === 'Ready')?.reason).toBe('WaitingForSlot');
    await ended(life);
  });
});

describe('a look that was asked for is made once, although a label comes during each call', () => {
  it.each([
    { kind: 'a recording', declared: recording('talk') },
    { kind: 'a converter', declared: converter('show') },
  ])('$kind', async ({ declared }) => {
    const { cloud, memory, common } = await setting();
    const key = await memory.declare(declared);
    let looks = 0;
    const life = incarnate({
      ...common,
      transport: async (request, signal) => {
        const answer = await cloud.transport(request, signal);
        if (request.method === 'GET') {
          looks += 1;
          await memory.touch(key);
        }
        return answer;
      },
    });
    await timers().tickAsync(65_000);
    looks = 0;
    const annotations = { 'agora-reconciler.dev/reconcile-requested-at': 'now' };
    await memory.declare({ ...declared, annotations });
    await timers().tickAsync(2_000);
    await ended(life);
    expect(memory.get(key)?.status).toMatchObject({ lastHandledReconcileAt: 'now' });
    expect(looks).toBe(1);
  });
});

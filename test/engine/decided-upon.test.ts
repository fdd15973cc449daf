import { install } from '@sinonjs/fake-timers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { ResourceHost, WriteResult } from '../../src/hosts/host.ts';
import { createMemoryHost } from '../../src/hosts/memory/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { RecordingStatus } from '../../src/kinds/recording/types.ts';
import { tasksOf } from '../../src/kinds/task.ts';
import { createCloud } from '../../src/simulator/cloud.ts';
import { type Incarnation, incarnate } from '../simulation/incarnation.ts';
import { APP_ID, converter, NAMESPACE, project, recording } from '../simulation/manifests.ts';
import { FAKED } from '../simulation/simulate.ts';

let timers: ReturnType<typeof install>;
beforeEach(() => {
  timers = install({ now: Date.UTC(2026, 0, 1), toFake: [...FAKED] });
});
afterEach(() => timers.uninstall());

/** A cloud, and a host with a project and its secrets. */
async function setting() {
  const clock = realClock();
  const cloud = createCloud({
    clock,
    seed: '1',
    projects: [{ appId: APP_ID, customerId: 'id', customerSecret: 'secret' }],
  });
  const memory = createMemoryHost({ now: () => clock.now(), newUid: () => 'uid' });
  for (const [name, values] of [
    ['agora', { customerId: new Secret('id'), customerSecret: new Secret('secret') }],
    ['s3', { accessKey: new Secret('access'), secretKey: new Secret('secret') }],
    ['cdn', { url: new Secret('rtmp://cdn.example.com/live/key') }],
  ] as const)
    memory.setSecret({ namespace: NAMESPACE, name, values });
  await memory.declare(project({}));
  const common = { clock, host: memory, kinds: KINDS, number: 1, dies: () => false, transport: cloud.transport };
  return { cloud, memory, common };
}

async function ended(life: Incarnation): Promise<void> {
  const stopped = life.stop();
  await timers.tickAsync(60_000);
  await stopped;
}

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
  await timers.tickAsync(120_000);
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
  await timers.tickAsync(60_000);
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
  await timers.tickAsync(60_000);
  expect(labels).toBeGreaterThan(0);
  const [live] = cloud.liveTasks();
  expect(memory.get(key)?.status).toMatchObject({ tasks: [{ phase: 'Running', converterId: live?.id }] });
  await memory.remove(key);
  await timers.tickAsync(60_000);
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
    await timers.tickAsync(240_000);
    expect(acquires).toBe(failures + 1);
    expect(status()).not.toHaveProperty('admission');
    expect(status().conditions.find(({ type }) => type === 'Ready')?.reason).toBe('WaitingForSlot');
    await ended(life);
  });
});

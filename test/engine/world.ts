import { install } from '@sinonjs/fake-timers';
import { afterEach, beforeEach } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createMemoryHost } from '../../src/hosts/memory/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { createCloud } from '../../src/simulator/cloud.ts';
import type { Incarnation } from '../simulation/incarnation.ts';
import { APP_ID, NAMESPACE, project } from '../simulation/manifests.ts';
import { FAKED } from '../simulation/simulate.ts';

/** For tests of a whole engine on faked timers, which are installed around each test of the file. */
export function fakeTimers() {
  let timers: ReturnType<typeof install>;
  beforeEach(() => {
    timers = install({ now: Date.UTC(2026, 0, 1), toFake: [...FAKED] });
  });
  afterEach(() => timers.uninstall());
  return {
    timers: () => timers,
    setting,
    async ended(life: Incarnation): Promise<void> {
      const stopped = life.stop();
      await timers.tickAsync(60_000);
      await stopped;
    },
  };
}

/** A cloud, and a host with a project and its secrets. */
async function setting() {
  const clock = realClock();
  const cloud = createCloud({
    clock,
    seed: '1',
    projects: [{ appId: APP_ID, customerId: 'id', customerSecret: 'secret' }],
  });
  let uids = 0;
  const memory = createMemoryHost({ now: () => clock.now(), newUid: () => `uid-${(uids += 1)}` });
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

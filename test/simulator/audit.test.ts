import { describe, expect, it } from 'vitest';
import { withoutReplacement } from '../../src/simulator/audit.ts';
import { withoutPriority } from '../../src/simulator/standby.ts';
import { APP, rig, sized } from './rig.ts';

describe('the ledger of the cloud', () => {
  it('knows every task ever: who it was, when it lived, who ended it', async () => {
    const test = rig();
    const startedAt = test.clock.now();
    const handle = await test.record();
    await test.clock.pass(60_000);
    await test.stop(handle);
    expect(test.cloud.tasks()).toMatchObject([
      {
        product: 'recording',
        id: handle.sid,
        appId: APP,
        name: 'show',
        uid: '1',
        resourceId: handle.resourceId,
        area: 'na',
        class: 'HD',
        createdAt: startedAt,
        endedAt: startedAt + 61_000,
        endedBy: 'stop',
      },
    ]);
  });

  it('tells what lives beside what is listed, in whatever case', async () => {
    const test = rig();
    const [a, b] = [(await test.create()).body.converter.id, (await test.create()).body.converter.id];
    expect(test.cloud.audit({ listed: [a.toUpperCase()] }).unlisted?.map(({ id }) => id)).toEqual([b]);
    expect(test.cloud.audit({ listed: [a, b] }).unlisted).toEqual([]);
    expect(test.cloud.audit()).not.toHaveProperty('unlisted');
    expect(test.cloud.audit().live.map(({ id }) => id)).toEqual([a, b]);
  });

  it('finds two recordings of one cname that overlap, and not those that follow each other', async () => {
    const test = rig();
    const first = await test.record();
    await test.clock.pass(60_000);
    await test.stop(first);
    const second = await test.record({ uid: '2' });
    expect(test.cloud.audit().doubles).toEqual([]);
    await test.clock.pass(60_000);
    const from = test.clock.now();
    const third = await test.record({ uid: '3' });
    expect(test.cloud.audit().doubles).toEqual([
      { product: 'recording', appId: APP, name: 'show', ids: [second.sid, third.sid], from },
    ]);
    await test.stop(second);
    expect(test.cloud.audit().doubles).toMatchObject([{ ids: [second.sid, third.sid], until: from + 1_000 }]);
  });

  it('finds converters whose names have one stem, and unnamed ones of one channel and address', async () => {
    const test = rig();
    const make = async (name: string, channel = 'room') =>
      (await test.create({ ...sized(640, 360, channel), name })).body.converter.id;
    const [a, b] = [await make('show'), await make('show-r2')];
    await make('show-agora-isolate-1');
    await make('other');
    const [c, d] = [await make('', 'x'), await make('', 'x')];
    await make('', 'y');
    expect(test.cloud.audit().doubles.map(({ ids }) => ids)).toEqual([
      [a, b],
      [c, d],
    ]);
    expect(test.cloud.audit({ stem: (name) => name }).doubles).toHaveLength(1);
    // The address is a secret: nothing of the audit shows it.
    expect(JSON.stringify(test.cloud.audit())).not.toContain('cdn.example.com');
  });

  it.each([
    ['show', 'show'],
    ['show-r2', 'show'],
    ['show-r12-agora-isolate-3', 'show-agora-isolate-3'],
    ['show-right', 'show-right'],
    ['show-r2-x', 'show-r2-x'],
  ])('the stem of %s is %s', (name, stem) => {
    expect(withoutReplacement(name)).toBe(stem);
  });

  it('bills by size from start to end', async () => {
    const test = rig();
    await test.record({ web: { videoWidth: 1920, videoHeight: 1080 } });
    const { id } = (await test.create()).body.converter;
    await test.clock.pass(30 * 60_000);
    await test.patch(
      id,
      0,
      { transcodeOptions: { videoOptions: { canvas: { width: 1920, height: 1080 } } } },
      'transcodeOptions.videoOptions.canvas',
    );
    await test.clock.pass(15 * 60_000);
    expect(test.cloud.audit().minutes).toEqual({ recording: { HD: 0, FHD: 45 }, converter: { HD: 30, FHD: 15 } });
    expect(test.cloud.audit().started).toEqual({ recording: 1, converter: 1 });
  });

  it('tells whoever asks what begins and ends, and counts calls', async () => {
    const test = rig();
    const told: string[] = [];
    test.cloud.onTaskStart((task) => told.push(`+${task.name}`));
    const forget = test.cloud.onTaskEnd((task) => told.push(`-${task.name} ${task.endedBy}`));
    const first = (await test.create({ name: 'a' })).body.converter.id;
    const second = (await test.create({ name: 'b' })).body.converter.id;
    const before = test.cloud.liveTasks();
    expect(test.cloud.liveTasks()).toBe(before);
    await test.remove(first);
    forget();
    await test.remove(second);
    expect(told).toEqual(['+a', '+b', '-a delete']);
    expect(test.cloud.calls).toMatchObject({ create: 2, deleteConverter: 2, list: 0 });
  });
});

describe('MP-9 Standby: one address, one task at the priority that the CDN takes', () => {
  const at = (priority: number): string => `rtmp://cdn.example.com/live/key?a=1&priority=${priority}&b=2`;

  it.each([
    ['rtmp://cdn/live/key?priority=2', { target: 'rtmp://cdn/live/key', priority: 2 }],
    ['rtmp://cdn/live/key?a=1&priority=2&b=2', { target: 'rtmp://cdn/live/key&a=1&b=2', priority: 2 }],
    ['rtmp://cdn/live/key?mypriority=2', undefined],
    ['rtmp://cdn/live/key?priority=high', undefined],
    ['rtmp://cdn/live/key', undefined],
  ])('%s: %j', (address, expected) => {
    expect(withoutPriority(address, 'priority')).toEqual(expected);
  });

  it('finds two at the highest priority, for as long as nothing higher goes on', async () => {
    const test = rig();
    const make = async (name: string, priority: number) =>
      (await test.create({ name, rtmpUrl: at(priority) })).body.converter.id;
    const clashes = () => test.cloud.audit({ priorityParameter: 'priority' }).priorities;
    expect(test.cloud.audit()).not.toHaveProperty('priorities');
    const a = await make('a', 1);
    await make('b', 2);
    await make('c', 1);
    expect(clashes()).toEqual([]);
    await test.clock.pass(10_000);
    const d = await make('d', 2);
    const from = test.clock.now();
    expect(clashes()).toMatchObject([{ appId: APP, names: ['b', 'd'], priority: 2, from }]);
    await test.clock.pass(10_000);
    await test.patch(d, 0, { rtmpUrl: at(3) });
    await test.clock.pass(10_000);
    await test.remove(d);
    expect(clashes()).toMatchObject([{ names: ['b', 'd'], from, until: from + 10_000 }]);
    await test.remove(a);
    expect(JSON.stringify(clashes())).not.toContain('cdn.example.com');
  });

  it('equal priorities on other addresses, or one after the other, are none', async () => {
    const test = rig();
    const first = (await test.create({ name: 'a', rtmpUrl: at(1) })).body.converter.id;
    await test.create({ name: 'b', rtmpUrl: 'rtmp://cdn.example.com/live/other?priority=1' });
    await test.remove(first);
    await test.create({ name: 'a', rtmpUrl: at(1) });
    expect(test.cloud.audit({ priorityParameter: 'priority' }).priorities).toEqual([]);
  });
});

describe('at scale', () => {
  it('10,000 tasks cost a call no more than a few, and all states follow in their time', async () => {
    const test = rig({ switches: { enforceLimits: 'off' } });
    const url = `https://api.agora.io/cn/v1/projects/${APP}/rtmp-converters`;
    const headers = { authorization: `Basic ${btoa('id:secret')}`, 'content-type': 'application/json' };
    const body = JSON.stringify({
      converter: { rtmpUrl: 'rtmp://a/b', rawOptions: { rtcChannel: 'c', rtcStreamUid: 1 } },
    });
    const perCall = (calls: number, act: () => void): number => {
      const began = performance.now();
      for (let index = 0; index < calls; index++) act();
      return (performance.now() - began) / calls;
    };
    const create = () => test.cloud.handle({ method: 'POST', url, headers, body });
    const few = perCall(2_000, create);
    perCall(8_000, create);
    const many = perCall(2_000, create);
    expect(test.cloud.liveTasks()).toHaveLength(12_000);
    // A scan of all tasks for each call would make it some hundred times slower.
    expect(many).toBeLessThan(few * 10 + 0.2);
    await test.clock.pass(3_000);
    expect(test.cloud.tasks().every(({ events }) => events.at(-1)?.details['state'] === 'running')).toBe(true);
  });
});

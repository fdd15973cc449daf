import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/simulator/fault-rules.ts';
import { seededFaults } from '../../src/simulator/seeded-faults.ts';
import { APP, rig } from './rig.ts';

const withFaults = (...faults: FaultRule[]) => rig({ faults });
const live = (test: ReturnType<typeof rig>): number => test.cloud.liveTasks().length;

/** A call whose answer may never come: what it ends in when its sender gives up after 15 s. */
async function ends(test: ReturnType<typeof rig>, call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const work = call(test.clock.deadline(15_000, new AbortController().signal).signal).catch(
    (error: { name: string; code?: unknown }) => (typeof error.code === 'string' ? error.code : error.name),
  );
  return test.clock.run(work);
}

describe('lost requests and lost answers', () => {
  it.each([
    [{ kind: 'lost-answer' }, 'TimeoutError', 1],
    [{ kind: 'lost-answer', as: 'reset' }, 'ECONNRESET', 1],
    [{ kind: 'lost-request' }, 'TimeoutError', 0],
    [{ kind: 'lost-request', as: 'reset' }, 'ECONNRESET', 0],
  ] as const)('%j ends in %s with %s tasks', async (fault, end, tasks) => {
    const test = withFaults({ ...fault, match: { call: ['create'] } });
    const body = { converter: { rtmpUrl: 'rtmp://a/b', rawOptions: { rtcChannel: 'c', rtcStreamUid: 1 } } };
    const result = await ends(test, (signal) =>
      test.send('POST', `/cn/v1/projects/${APP}/rtmp-converters`, body, { signal }),
    );
    expect(result).toBe(end);
    expect(live(test)).toBe(tasks);
    // A request that was lost never arrived.
    expect(test.cloud.calls.create).toBe(tasks);
    expect(test.cloud.faults()).toMatchObject([{ hits: 1, active: true }]);
  });
});

describe('answers that faults give', () => {
  it.each([
    ['start', { kind: 'not-completed' }, 206, { code: 65 }, 0],
    ['start', { kind: 'not-completed', sideEffect: true }, 206, { code: 65 }, 1],
    ['start', { kind: 'request-timeout', sideEffect: true }, 500, { code: 62 }, 1],
    ['start', { kind: 'no-worker' }, 500, { code: 502 }, 0],
    ['start', { kind: 'server-error' }, 500, { code: 500 }, 0],
    ['start', { kind: 'server-error', status: 503 }, 503, {}, 0],
    ['start', { kind: 'rate-limited' }, 429, { message: 'API rate limit exceeded' }, 0],
    ['start', { kind: 'suspended' }, 400, { code: 405 }, 0],
    ['acquire', { kind: 'quota' }, 400, { code: 406 }, 0],
    ['acquire', { kind: 'request-timeout' }, 500, { code: 504 }, 0],
    ['acquire', { kind: 'no-worker' }, 500, { code: 501 }, 0],
    ['acquire', { kind: 'not-enabled' }, 400, { code: 400 }, 0],
    ['acquire', { kind: 'revoked-credentials' }, 401, {}, 0],
    ['query', { kind: 'not-completed' }, 206, { code: 65 }, 1],
    ['query', { kind: 'request-timeout' }, 504, { code: 62 }, 1],
    ['stop', { kind: 'gateway-timeout' }, 504, { code: 62 }, 1],
    ['stop', { kind: 'gateway-timeout', sideEffect: true }, 504, { code: 62 }, 0],
    [
      'create',
      { kind: 'gateway-timeout' },
      504,
      { reason: 'Gateway timeout. Check whether the resource is created. If not, create a new resource.' },
      0,
    ],
    ['create', { kind: 'gateway-timeout', sideEffect: true }, 504, {}, 1],
    ['create', { kind: 'quota' }, 429, { reason: 'Resources quota exceeded.' }, 0],
    ['create', { kind: 'no-resources' }, 429, { reason: 'No available resources.' }, 0],
    ['create', { kind: 'rate-limited' }, 429, { reason: 'Request rate limit exceeded.' }, 0],
    ['create', { kind: 'not-enabled' }, 403, {}, 0],
    ['create', { kind: 'server-error', status: 501, sideEffect: true }, 501, {}, 1],
    ['deleteConverter', { kind: 'gateway-timeout', sideEffect: true }, 504, {}, 0],
    ['deleteConverter', { kind: 'server-error' }, 500, {}, 1],
    ['list', { kind: 'list-refused' }, 403, {}, 0],
  ] as const)('%s with %j is %s', async (call, fault, status, body, tasks) => {
    const test = rig();
    const struck = () => test.cloud.addFaults([{ ...fault, match: { call: [call] } }]);
    const saying = async () => {
      if (call === 'create' || call === 'acquire' || call === 'list') {
        struck();
        return call === 'create' ? test.create() : call === 'list' ? test.list() : test.acquire();
      }
      if (call === 'deleteConverter') {
        const { id } = (await test.create()).body.converter;
        struck();
        return test.remove(id);
      }
      if (call === 'start') {
        const { resourceId } = (await test.acquire()).body;
        struck();
        return test.start(resourceId);
      }
      const handle = await test.record();
      struck();
      return call === 'query' ? test.query(handle) : test.stop(handle);
    };
    expect(await saying()).toMatchObject({ status, body });
    await test.clock.pass(2_000);
    expect(live(test)).toBe(tasks);
  });

  it('a request that is wrong is told so even then, and a list refusal hits nothing else', async () => {
    const test = withFaults(
      { kind: 'gateway-timeout', sideEffect: true, match: { call: ['create'] } },
      { kind: 'list-refused' },
    );
    expect((await test.create({ name: 'a b' })).status).toBe(400);
    expect((await test.get('0'.repeat(32))).status).toBe(404);
    expect((await test.list()).status).toBe(403);
  });

  it('refusals that faults make are counted apart', async () => {
    const test = withFaults(
      { kind: 'quota', match: { call: ['create'] }, count: 1 },
      { kind: 'rate-limited', match: { call: ['list'] } },
    );
    await test.create();
    await test.list();
    expect(test.cloud.audit().refusals).toEqual({
      enforced: { rate: 0, recordingQuota: 0, converterQuota: 0 },
      injected: { rate: 1, recordingQuota: 0, converterQuota: 1 },
    });
  });

  it('latency holds the answer, not the effect', async () => {
    const test = withFaults({ kind: 'latency', ms: 5_000, match: { host: 'api.sd-rtn.com' } });
    const before = test.clock.now();
    await test.create({}, { host: 'api.sd-rtn.com' });
    expect(test.clock.now() - before).toBe(5_000);
    expect(test.cloud.liveTasks()[0]?.createdAt).toBe(before);
    await test.create();
    expect(test.clock.now() - before).toBe(5_000);
  });
});

describe('MP-12 domains', () => {
  it.each([
    [{ kind: 'dns-failure' }, 'ENOTFOUND'],
    [{ kind: 'dns-failure', code: 'EAI_AGAIN' }, 'EAI_AGAIN'],
    [{ kind: 'dead-domain' }, 'ECONNREFUSED'],
    [{ kind: 'dead-domain', code: 'ECONNRESET' }, 'ECONNRESET'],
    [{ kind: 'dead-domain', code: 'hang' }, 'TimeoutError'],
  ] as const)('%j is %s, and nothing arrives', async (fault, code) => {
    const test = withFaults({ ...fault, match: { host: 'api.agora.io' } });
    const path = `/v1/projects/${APP}/rtmp-converters`;
    expect(await ends(test, (signal) => test.send('GET', path, undefined, { signal }))).toBe(code);
    expect(test.cloud.calls.list).toBe(0);
    expect((await test.list(undefined, { host: 'api.sd-rtn.com' })).status).toBe(200);
  });
});

describe('when, whom and how often', () => {
  it('strikes the next n that match, and then no more', async () => {
    const test = withFaults({ kind: 'server-error', count: 2, match: { call: ['create'], name: 'show_*' } });
    const statuses: number[] = [];
    for (const name of ['other', 'show_1', 'show_2', 'show_3']) statuses.push((await test.create({ name })).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
    expect(test.cloud.faults()).toMatchObject([{ id: 'fault-1', hits: 2, active: false }]);
  });

  it('by time, by App ID, by task, by the name behind an id', async () => {
    const test = rig();
    const begin = test.clock.now();
    const { id } = (await test.create({ name: 'a' })).body.converter;
    const other = (await test.create({ name: 'b' })).body.converter.id;
    test.cloud.addFaults([
      {
        id: 'task',
        kind: 'server-error',
        match: { taskId: id.toUpperCase() },
        fromAt: begin + 1_000,
        untilAt: begin + 2_000,
      },
      { id: 'app', kind: 'server-error', match: { appId: 'another' } },
      { id: 'name', kind: 'no-resources', match: { name: 'b' } },
    ]);
    expect([(await test.get(id)).status, (await test.get(other)).status]).toEqual([200, 429]);
    await test.clock.pass(1_000);
    expect((await test.get(id)).status).toBe(500);
    await test.clock.pass(1_000);
    expect((await test.get(id)).status).toBe(200);
    expect(test.cloud.clearFaults('name')).toBe(1);
    expect((await test.get(other)).status).toBe(200);
    expect(test.cloud.faults().map((fault) => [fault.id, fault.hits])).toEqual([
      ['task', 1],
      ['app', 0],
    ]);
    expect([test.cloud.clearFaults(), test.cloud.clearFaults()]).toEqual([2, 0]);
  });

  it('a rule that is added again under its id replaces the first', () => {
    const test = withFaults({ id: 'x', kind: 'quota' }, { id: 'x', kind: 'server-error' });
    expect(test.cloud.faults().map(({ rule }) => rule.kind)).toEqual(['server-error']);
  });

  it('by probability, the same in every run of one seed', async () => {
    const run = async (seed: string) => {
      const test = rig({ seed, faults: [{ kind: 'server-error', probability: 0.3 }] });
      let statuses = '';
      for (let index = 0; index < 200; index++) {
        statuses += (await test.list()).status === 500 ? 'x' : '.';
        await test.clock.pass(100);
      }
      return statuses;
    };
    const first = await run('a');
    const struck = first.replaceAll('.', '').length;
    expect(struck).toBeGreaterThan(40);
    expect(struck).toBeLessThan(80);
    expect(await run('a')).toBe(first);
    expect(await run('b')).not.toBe(first);
  });
});

describe('tasks that move', () => {
  it.each([
    [undefined, 'hidden', 0],
    [undefined, 'shown', 1],
    [true, 'hidden', 1],
    [false, 'shown', 0],
  ] as const)(
    'MP-6 a converter is 404 for a while and comes back (listed: %s, switch %s)',
    async (listed, listDuringMigration, rows) => {
      const test = rig({ switches: { listDuringMigration } });
      const { id } = (await test.create({ name: 'a' })).body.converter;
      test.cloud.addFaults([{ kind: 'migration', seconds: 90, count: 1, ...(listed === undefined ? {} : { listed }) }]);
      expect((await test.get(id)).status).toBe(404);
      expect((await test.patch(id, 0, { rtmpUrl: 'rtmp://a/b' })).status).toBe(404);
      expect((await test.remove(id)).status).toBe(404);
      expect((await test.list()).body.data.members).toHaveLength(rows);
      expect(await test.create({ name: 'a' })).toMatchObject({ status: 409 });
      await test.clock.pass(89_999);
      expect((await test.get(id)).status).toBe(404);
      await test.clock.pass(1);
      expect((await test.get(id)).body.state).toBe('running');
      expect(live(test)).toBe(1);
    },
  );

  it('a recording, with the same ids afterwards; its slot and its identity stay taken', async () => {
    const test = rig();
    const handle = await test.record();
    await test.clock.pass(60_000);
    test.cloud.addFaults([{ kind: 'migration', seconds: 60, count: 1 }]);
    expect((await test.query(handle)).body).toEqual({ code: 404, reason: 'failed to find worker' });
    expect((await test.stop(handle)).status).toBe(404);
    const { resourceId } = (await test.acquire()).body;
    expect((await test.start(resourceId)).body.code).toBe(53);
    await test.clock.pass(60_000);
    expect((await test.query(handle)).body.serverResponse.status).toBe(5);
    expect(test.cloud.task(handle.sid)?.events).toContainEqual(
      expect.objectContaining({ eventType: 12, details: { msgName: 'session_failover', newUid: expect.any(Number) } }),
    );
  });
});

describe('tasks that die', () => {
  it('a recording shows 20 and then 404, or 404 at once', async () => {
    const test = rig();
    const [abnormal, gone] = [await test.record(), await test.record({ uid: '2' })];
    test.cloud.addFaults([
      { kind: 'task-dies', match: { taskId: abnormal.sid } },
      { kind: 'task-dies', how: 'gone', match: { taskId: gone.sid } },
    ]);
    expect((await test.query(abnormal)).body.serverResponse.status).toBe(20);
    expect((await test.query(gone)).status).toBe(404);
    expect(live(test)).toBe(0);
    await test.clock.pass(5_000);
    expect((await test.query(abnormal)).status).toBe(404);
    expect(test.cloud.task(abnormal.sid)?.events).toContainEqual(
      expect.objectContaining({ eventType: 71, details: expect.objectContaining({ code: 6 }) }),
    );
  });

  it('a converter stays as failed, or is destroyed', async () => {
    const test = rig();
    const ids: string[] = [];
    for (const how of ['failed', 'gone'] as const) {
      const { id } = (await test.create()).body.converter;
      ids.push(id);
      expect(test.cloud.kill(id, how)).toBe(true);
    }
    expect((await test.get(ids[0] ?? '')).body.state).toBe('failed');
    expect((await test.get(ids[1] ?? '')).status).toBe(404);
    expect(test.cloud.task(ids[1] ?? '')).toMatchObject({ endedBy: 'killed' });
    expect([test.cloud.kill(ids[1] ?? '', 'gone'), test.cloud.kill('nobody', 'gone')]).toEqual([false, false]);
  });

  it('so many seconds after they began, those that begin while the rule lasts', async () => {
    const test = rig();
    test.cloud.addFaults([{ kind: 'task-dies', how: 'gone', afterSeconds: 30, untilAt: test.clock.now() + 1_000 }]);
    const { id } = (await test.create()).body.converter;
    await test.clock.pass(1_000);
    await test.create();
    await test.clock.pass(28_999);
    expect(live(test)).toBe(2);
    await test.clock.pass(1);
    expect(test.cloud.liveTasks().map((task) => task.id)).not.toContain(id);
    expect(live(test)).toBe(1);
  });

  it('count strikes that many, chosen by the seed', async () => {
    const test = rig();
    for (let index = 0; index < 10; index++) await test.create();
    test.cloud.addFaults([{ kind: 'task-dies', how: 'gone', count: 3 }]);
    expect(live(test)).toBe(7);
  });
});

describe('WR-9 pages', () => {
  it.each([
    ['page-never-loads', { readyTimeout: 10 }, 4, 20_000],
    ['page-not-found', {}, 5, 3_000],
  ] as const)('%s: the recording ends with its code', async (kind, web, code, afterMs) => {
    const test = withFaults({ kind, count: 1 });
    const handle = await test.record({ web });
    await test.clock.pass(afterMs - 1);
    expect(live(test)).toBe(1);
    await test.clock.pass(1);
    expect(live(test)).toBe(0);
    expect(test.cloud.task(handle.sid)?.events).toContainEqual(
      expect.objectContaining({ eventType: 71, details: expect.objectContaining({ code }) }),
    );
    // The rule is used up, and a page that has loaded is not unloaded.
    await test.record({ uid: '2', web });
    await test.clock.pass(60_000);
    test.cloud.addFaults([{ id: 'late', kind }]);
    await test.clock.pass(60_000);
    expect(live(test)).toBe(1);
    expect(test.cloud.faults().find(({ id }) => id === 'late')?.hits).toBe(0);
  });

  it('cdn-refuses makes a converter failed and a publishing recording disconnected', async () => {
    const test = withFaults({ kind: 'cdn-refuses' });
    const { id } = (await test.create()).body.converter;
    expect((await test.get(id)).body.state).toBe('failed');
    const handle = await test.record({ publishTo: 'rtmp://a/b' });
    await test.clock.pass(20_000);
    const { serverResponse } = (await test.query(handle)).body;
    expect([serverResponse.status, serverResponse.extensionServiceState[1].payload.outputs[0].status]).toEqual([
      5,
      'disconnected',
    ]);
  });
});

describe('seeded faults', () => {
  const rates = {
    'lost-answer': 0.05,
    'server-error': 0.05,
    migration: 6,
    'task-dies': 4,
    'dead-domain': 3,
    'revoked-credentials': 1,
  };
  const from = Date.parse('2026-03-01T00:00:00Z');
  const until = from + 4 * 3_600_000;

  it('follow from the seed and are over in time', () => {
    const rules = seededFaults(1, { rates, from, until });
    expect(seededFaults(1, { rates, from, until })).toEqual(rules);
    expect(seededFaults(2, { rates, from, until })).not.toEqual(rules);
    expect(new Set(rules.map(({ kind }) => kind))).toEqual(new Set(Object.keys(rates)));
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(rule.fromAt).toBeGreaterThanOrEqual(from);
      expect(rule.untilAt).toBeLessThanOrEqual(until);
      if (rule.kind === 'migration')
        expect((rule.untilAt ?? 0) && (rule.fromAt ?? 0) + rule.seconds * 1_000).toBeLessThanOrEqual(until);
    }
  });

  it('leave the cloud in peace afterwards', async () => {
    const test = rig({ faults: seededFaults(1, { rates, from, until }) });
    await test.clock.pass(4 * 3_600_000);
    for (let index = 0; index < 50; index++) {
      expect((await test.list()).status).toBe(200);
      await test.clock.pass(100);
    }
    expect(test.cloud.faults().filter(({ active }) => active)).toEqual([]);
  });
});

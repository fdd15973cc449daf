import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, loadFaults, parseFaults } from '../../src/simulator/fault-file.ts';
import { HOST_FAULTS, NOTICE_FAULTS, placeOf, RECEIVER_FAULTS, TASK_FAULTS } from '../../src/simulator/fault-rules.ts';
import { rig } from './rig.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');

describe('faults as JSON', () => {
  it('counts durations from now and takes instants as they are', () => {
    const rules = parseFaults(
      {
        faults: [
          { kind: 'quota', from: '90s', until: '1.5h' },
          { kind: 'quota', from: '2026-03-02T00:00:00+01:00' },
        ],
      },
      NOW,
    );
    expect(rules).toEqual([
      { kind: 'quota', fromAt: NOW + 90_000, untilAt: NOW + 5_400_000 },
      { kind: 'quota', fromAt: Date.parse('2026-03-01T23:00:00Z') },
    ]);
  });

  it('takes one rule alone, and one call or several', () => {
    expect(parseFaults({ kind: 'latency', ms: 5, match: { call: 'list' } }, NOW)).toEqual([
      { kind: 'latency', ms: 5, match: { call: ['list'] } },
    ]);
    expect(parseFaults({ kind: 'quota', match: { call: ['create', 'start'] } }, NOW)[0]?.match?.call).toEqual([
      'create',
      'start',
    ]);
    expect(parseFaults({ kind: 'notice-lost', match: { event: 71 } }, NOW)[0]?.match?.event).toEqual([71]);
  });

  it.each([
    [{ faults: [{ kind: 'flood' }] }, /^faults\[0\]\.kind: must be one of lost-answer, /],
    [{ faults: [{ kind: 'quota' }, { kind: 'latency' }] }, 'faults[1].ms: must be a value'],
    [{ faults: 1 }, 'faults: must be an array'],
    [{ faults: [], more: 1 }, 'more: no such member'],
    [{ kind: 'quota', seconds: 5 }, 'seconds: no such member'],
    [{ kind: 'quota', probability: 2 }, 'probability: must be from 0 to 1'],
    [{ kind: 'quota', count: 0 }, /^count: /],
    [{ kind: 'quota', from: 'soon' }, /^from: must be text that matches/],
    [{ kind: 'quota', match: { call: 'push' } }, /^match\.call: must be one of acquire/],
    [{ kind: 'quota', match: { cname: 'x' } }, 'match.cname: no such member'],
    [{ kind: 'task-dies', how: 'slowly' }, 'how: must be one of failed, gone'],
    [{ kind: 'page-not-found', status: 302 }, 'status: must be from 400 to 599'],
    [{ kind: 'notice-lost', match: { event: 'started' } }, 'match.event: must be a number'],
    [{ kind: 'notice-lost', match: { event: [] } }, 'match.event: must be from 1 to Infinity elements'],
    [{ kind: 'ingress-outage', only: 'calls' }, 'only: must be one of notices, reports'],
    ['quota', 'the body: must be an object'],
  ])('%j: %s', (value, message) => {
    expect(() => parseFaults(value, NOW)).toThrow(message);
  });

  it('knows each kind that the cloud knows', () => {
    const elsewhere = [...HOST_FAULTS, ...TASK_FAULTS, ...NOTICE_FAULTS, ...RECEIVER_FAULTS];
    expect(FAULT_KINDS).toEqual(expect.arrayContaining(elsewhere));
    expect(new Set(elsewhere.map((kind) => placeOf({ kind })))).toEqual(
      new Set(['host', 'task', 'notice', 'receiver']),
    );
    const required: Record<string, object> = {
      latency: { ms: 1 },
      migration: { seconds: 1 },
      'page-loads-late': { seconds: 1 },
    };
    for (const kind of FAULT_KINDS) expect(parseFaults({ kind, ...required[kind] }, NOW)).toHaveLength(1);
  });

  it('the example is loaded and happens', async () => {
    const test = rig();
    test.cloud.addFaults(await loadFaults('examples/faults/outage.json', test.clock.now()));
    const { id } = (await test.create({ name: 'a' })).body.converter;
    await test.clock.pass(3 * 60_000);
    await expect(test.list()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await test.clock.pass(2.5 * 60_000);
    await expect(test.list()).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await test.clock.pass(2 * 60_000);
    expect((await test.get(id)).status).toBe(404);
    await test.clock.pass(60_000);
    expect((await test.get(id)).status).toBe(200);
    await test.clock.pass(8 * 60_000);
    expect((await test.list()).status).toBe(401);
    await test.clock.pass(60_000);
    expect((await test.list()).status).toBe(200);
    const hits = Object.fromEntries(test.cloud.faults().map((fault) => [fault.id, fault.hits]));
    expect(hits).toMatchObject({ 'primary-down': 1, 'name-service-down': 1, 'server-moved': 1, account: 1 });
  });

  it('a file that is none says where', async () => {
    await expect(loadFaults('package.json', NOW)).rejects.toThrow(/^package\.json: kind: must be one of/);
  });
});

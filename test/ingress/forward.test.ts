import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Inbound, InboundAnswer } from '../../src/core/inbound.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createForward, FORWARDED_HEADER, type Forward } from '../../src/ingress/forward.ts';
import { createIngress } from '../../src/ingress/ingress.ts';
import { startIngressServer } from '../../src/ingress/server.ts';
import { SILENT } from '../../src/observability/log.ts';
import { ADDRESS, type FakeWorld, post, project, recordingNotice, recordingWith, SID, worldOf } from './builders.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Replica {
  readonly world: FakeWorld;
  readonly handle: Inbound;
  readonly forward: Forward;
  readonly url: string;
  leads: boolean;
  leader: string | undefined;
}

const page: Inbound = async ({ target, method }) => ({ status: 200, headers: {}, body: `${method} ${target}` });

async function replica(): Promise<Replica> {
  const world = worldOf([project(), recordingWith({ sid: SID })]);
  const clock = realClock();
  const state = { leads: false, leader: undefined as string | undefined };
  const forward = createForward({ leads: () => state.leads, leader: () => state.leader, clock, timeoutMs: 300 });
  const { handle } = createIngress({ world, log: SILENT, forward, page });
  const server = await startIngressServer({ address: { host: '127.0.0.1', port: 0 }, handle, clock });
  ends.push(async () => {
    await server.close();
    await forward.close();
  });
  return Object.assign(state, { world, handle, forward, url: `http://127.0.0.1:${server.port}` });
}

/** A leader and one that stands by and knows it. */
async function pair(): Promise<{ readonly leader: Replica; readonly standby: Replica }> {
  const [leader, standby] = [await replica(), await replica()];
  leader.leads = true;
  standby.leader = leader.url;
  return { leader, standby };
}

const told = ({ status, body }: InboundAnswer): unknown => [status, JSON.parse(body)];
const AGAIN = [503, { message: 'this replica stands by; send it again' }];

describe('WR-11 MP-28 a replica that stands by sends on to the leader (ADR 0025)', () => {
  it('a notice, with its signature and its bytes as they came', async () => {
    const { leader, standby } = await pair();
    expect(told(await standby.handle(post(recordingNotice(70, { text: 'ü€' }))))).toEqual([200, { outcome: 'told' }]);
    expect(told(await standby.handle(post(recordingNotice(70))))).toEqual([200, { outcome: 'duplicate' }]);
    expect([leader.world.told.length, standby.world.told.length]).toEqual([1, 0]);
    expect(standby.forward.stats()).toMatchObject({ forwarded: 2, failed: 0 });
  });

  it('and a refusal comes back as it is', async () => {
    const { standby } = await pair();
    const answer = await standby.handle(post(recordingNotice(70), { secret: 'x' }));
    expect([answer.status, answer.headers['content-type']]).toEqual([401, 'application/json']);
  });

  it('a report of a page; the script it answers itself', async () => {
    const { standby } = await pair();
    const report = post('{}', { target: '/page-watch?a=b' });
    expect((await standby.handle(report)).body).toBe('POST /page-watch?a=b');
    expect(standby.forward.stats().forwarded).toBe(1);
    for (const [method, target] of [
      ['GET', '/page-watch.js'],
      ['OPTIONS', '/page-watch'],
    ] as const)
      expect((await standby.handle(post('', { target, method }))).status).toBe(200);
    expect(standby.forward.stats().forwarded).toBe(1);
  });

  it('never what is answered without the leader', async () => {
    const { standby } = await pair();
    const large = new Uint8Array(64 * 1_024 + 1);
    expect((await standby.handle(post('', { target: '/x' }))).status).toBe(404);
    expect((await standby.handle(post('', { method: 'GET' }))).status).toBe(405);
    expect((await standby.handle(post('', { body: large }))).status).toBe(413);
    expect(standby.forward.stats()).toMatchObject({ forwarded: 0, failed: 0 });
  });

  it('once: two that take each other for the leader end it', async () => {
    const [one, two] = [await replica(), await replica()];
    one.leader = two.url;
    two.leader = one.url;
    const answer = await one.handle(post(recordingNotice(70)));
    expect([told(answer), answer.headers['retry-after']]).toEqual([AGAIN, '1']);
    expect([one.forward.stats().forwarded, two.forward.stats().looped]).toEqual([1, 1]);
  });

  it('a leader takes what was sent on, whoever says so', async () => {
    const { leader } = await pair();
    const request = post(recordingNotice(70));
    const headers = { ...request.headers, [FORWARDED_HEADER]: '1' };
    expect(told(await leader.handle({ ...request, headers }))).toEqual([200, { outcome: 'told' }]);
  });

  it.each<[string, string | undefined, string]>([
    ['no leader is known', undefined, 'no-leader'],
    ['what the Lease tells is no address', 'nonsense', 'no-leader'],
    ['the leader is gone', 'http://127.0.0.1:1', 'failed'],
  ])('where %s it is to be sent again', async (_, leader, figure) => {
    const standby = await replica();
    standby.leader = leader;
    expect(told(await standby.handle(post(recordingNotice(70))))).toEqual(AGAIN);
    expect(standby.forward.stats()).toMatchObject({ [figure]: 1, forwarded: 0 });
  });

  it('a leader that does not answer is not waited for', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    ends.push(async () => void silent.close());
    const standby = await replica();
    standby.leader = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    expect(told(await standby.handle(post(recordingNotice(70))))).toEqual(AGAIN);
    expect(standby.forward.stats().failed).toBe(1);
  });

  it('no more than a bounded number at once', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    ends.push(async () => void silent.close());
    const standby = await replica();
    standby.leader = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await Promise.all(Array.from({ length: 100 }, async () => standby.handle(post(recordingNotice(70)))));
    expect(standby.forward.stats()).toMatchObject({ failed: 64, 'too-many': 36 });
  });

  it('becoming the leader it takes notices itself', async () => {
    const { standby } = await pair();
    standby.leads = true;
    expect(told(await standby.handle(post(recordingNotice(70))))).toEqual([200, { outcome: 'told' }]);
    expect(standby.world.told).toHaveLength(1);
    expect(ADDRESS).toBe('/notifications/media/live');
  });
});

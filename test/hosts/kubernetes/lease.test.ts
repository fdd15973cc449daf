import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { within } from '../../../src/core/within.ts';
import type { Api, ApiRequest } from '../../../src/hosts/kubernetes/api.ts';
import { ApiError } from '../../../src/hosts/kubernetes/api-error.ts';
import { createElector, type Elector } from '../../../src/hosts/kubernetes/lease.ts';
import { SILENT } from '../../../src/observability/log.ts';
import { ManualClock } from '../manual-clock.ts';
import { accessTo } from './fixture.ts';

interface Lease {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One Lease, kept under optimistic locking. */
class LeaseServer {
  lease: Lease | undefined;
  writes = 0;

  /** `line`: what happens to the requests of this candidate. */
  api(line: { state: 'up' | 'down' | 'hanging' | 'deaf' | 'mute' }): Api {
    return {
      access: accessTo('http://localhost'),
      call: async (request, signal) => {
        if (line.state === 'down') throw new Error('connection refused');
        if (line.state === 'hanging') return never(signal);
        const answer = this.#answer(request);
        if (line.state === 'deaf') throw new Error('the answer was lost');
        if (line.state === 'mute') return never(signal);
        return answer;
      },
      stream: () => Promise.reject(new Error('not used')),
      headers: () => Promise.reject(new Error('not used')),
      close: async () => undefined,
    };
  }

  /** As the API server keeps it: what is not sent is gone. */
  put(spec: Lease['spec'], metadata: Partial<Lease['metadata']> = {}): Lease {
    this.writes += 1;
    this.lease = { metadata: { ...metadata, resourceVersion: String(this.writes) }, spec };
    return this.lease;
  }

  #answer({ method, body }: ApiRequest): unknown {
    const refuse = (status: number): never => {
      throw new ApiError('lease', { status, body: {} });
    };
    if (method === 'GET') return this.lease ?? refuse(404);
    const asked = body as Lease;
    if (method === 'POST') return this.lease === undefined ? this.put(asked.spec, asked.metadata) : refuse(409);
    if (this.lease === undefined) return refuse(404);
    return asked.metadata.resourceVersion === this.lease.metadata.resourceVersion
      ? this.put(asked.spec, asked.metadata)
      : refuse(409);
  }
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

interface Candidate {
  readonly elector: Elector;
  readonly line: { state: 'up' | 'down' | 'hanging' | 'deaf' | 'mute' };
  readonly end: AbortController;
  readonly run: Promise<'released' | 'lost'>;
  ended: 'released' | 'lost' | undefined;
}

describe('the elector', () => {
  let clock: ManualClock;
  let server: LeaseServer;
  let candidates: Candidate[];

  beforeEach(() => {
    clock = new ManualClock();
    server = new LeaseServer();
    candidates = [];
  });
  afterEach(async () => {
    for (const { end } of candidates) end.abort();
    await Promise.all(candidates.map(({ run }) => run));
  });

  function candidate(identity: string, annotations: Readonly<Record<string, string>> = {}): Candidate {
    const line: Candidate['line'] = { state: 'up' };
    const end = new AbortController();
    const elector = createElector({
      api: { ...server.api(line), call: (request, signal) => deadline(server.api(line), request, signal) },
      namespace: 'agora',
      name: 'controller',
      identity,
      clock,
      random: () => 0.5,
      log: SILENT,
      annotations: () => annotations,
    });
    const run = elector.run(end.signal);
    const made: Candidate = { elector, line, end, run, ended: undefined };
    void run.then((how) => {
      made.ended = how;
    });
    candidates.push(made);
    return made;
  }
  /** As the API client does. */
  const deadline = (api: Api, request: ApiRequest, signal: AbortSignal) =>
    within({ clock, ms: request.deadlineMs ?? 15_000, signal }, (late) => api.call(request, late));

  /** Never two that may call at once: checked at each tenth of a second. */
  async function pass(ms: number): Promise<void> {
    await settle();
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await settle();
      expect(candidates.filter(({ elector }) => elector.mayCall(0)).length).toBeLessThanOrEqual(1);
    }
  }
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const holder = (): unknown => server.lease?.spec['holderIdentity'];

  it('makes the first candidate the leader and keeps it so; the other stands by', async () => {
    const first = candidate('first');
    await first.elector.leading;
    const second = candidate('second');
    await pass(60_000);
    expect([first.elector.isLeader(), second.elector.isLeader()]).toEqual([true, false]);
    expect([first.elector.mayCall(), second.elector.mayCall()]).toEqual([true, false]);
    expect(server.lease?.spec).toMatchObject({
      holderIdentity: 'first',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    expect([first.elector.health(), second.elector.health()]).toEqual([
      { ok: true, message: 'leading' },
      { ok: true, message: 'standing by' },
    ]);
  });

  it('says of the leader where it takes what others send on, and nothing of one that is gone', async () => {
    const address = (host: string) => ({ 'agora-reconciler.dev/ingress-address': `http://${host}:8082` });
    const first = candidate('first', address('10.0.0.1'));
    await first.elector.leading;
    const second = candidate('second', address('10.0.0.2'));
    expect(second.elector.leaderAnnotations()).toEqual({});
    await pass(3_000);
    expect(second.elector.leaderAnnotations()).toEqual(address('10.0.0.1'));
    expect(first.elector.leaderAnnotations()).toEqual({});
    // What others wrote stays.
    const lease = server.lease ?? server.put({});
    const metadata = { labels: { team: 'media' }, annotations: { ...lease.metadata.annotations, note: 'ours' } };
    server.put(lease.spec, metadata);
    await pass(6_000);
    expect(server.lease?.metadata).toMatchObject({ ...metadata, resourceVersion: expect.any(String) });
    first.end.abort();
    await first.run;
    expect(server.lease?.metadata.annotations).toEqual({ note: 'ours' });
    await pass(6_000);
    expect(second.elector.isLeader()).toBe(true);
    expect(server.lease?.metadata).toMatchObject({
      labels: { team: 'media' },
      annotations: { note: 'ours', ...address('10.0.0.2') },
    });
  });

  it('lets another take over within 20 s after the leader vanished, not before its lease ran out', async () => {
    const first = candidate('first');
    const second = candidate('second');
    await pass(30_000);
    first.line.state = 'down';
    await pass(12_900);
    expect(second.elector.isLeader()).toBe(false);
    await pass(7_000);
    expect(second.elector.isLeader()).toBe(true);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it.each(['down', 'hanging'] as const)('ends a leader that cannot renew for 10 s: %s', async (state) => {
    const first = candidate('first');
    await pass(10_000);
    first.line.state = state;
    await pass(7_000);
    expect(first.elector.mayCall()).toBe(true);
    await pass(3_100);
    expect(first.elector.mayCall()).toBe(false);
    await pass(4_000);
    expect(first.ended).toBe('lost');
    expect(first.elector.isLeader()).toBe(false);
  });

  it('ends a leader whose lease somebody else took', async () => {
    const first = candidate('first');
    await pass(5_000);
    server.put({ ...server.lease?.spec, holderIdentity: 'somebody' });
    await pass(2_500);
    expect(first.ended).toBe('lost');
    expect(holder()).toBe('somebody');
  });

  it('stays the leader when the answer to a renewal is lost', async () => {
    const first = candidate('first');
    await pass(5_000);
    first.line.state = 'deaf';
    await pass(2_000);
    first.line.state = 'up';
    await pass(60_000);
    expect(first.elector.isLeader()).toBe(true);
  });

  it('gives the lease back at a graceful end, and another takes it at its next look', async () => {
    const first = candidate('first');
    const second = candidate('second');
    await pass(30_000);
    first.end.abort();
    await settle();
    expect([first.ended, holder(), first.elector.mayCall(0)]).toEqual(['released', '', false]);
    await pass(2_500);
    expect(second.elector.isLeader()).toBe(true);
  });

  it('gives it back also where the end breaks off a renewal that was done', async () => {
    const first = candidate('first');
    await pass(5_000);
    const before = server.writes;
    first.line.state = 'mute';
    while (server.writes === before) await pass(100);
    first.line.state = 'up';
    first.end.abort();
    await settle();
    expect([first.ended, holder()]).toEqual(['released', '']);
  });

  it('takes no lease from another to give it back', async () => {
    const first = candidate('first');
    await pass(5_000);
    server.put({ ...server.lease?.spec, holderIdentity: 'somebody' });
    first.end.abort();
    await settle();
    expect([first.ended, holder()]).toEqual(['released', 'somebody']);
  });

  it('believes no clock but its own', async () => {
    server.put({ holderIdentity: 'somebody', renewTime: '2001-01-01T00:00:00.000000Z', leaseDurationSeconds: 15 });
    const first = candidate('first');
    await pass(14_900);
    expect(first.elector.isLeader()).toBe(false);
    await pass(500);
    expect(first.elector.isLeader()).toBe(true);
  });

  it('forbids a call that the lease would not outlive', async () => {
    const first = candidate('first');
    await first.elector.leading;
    expect([first.elector.mayCall(14_999), first.elector.mayCall(15_000)]).toEqual([true, false]);
  });

  it('is not ready where the lease cannot be reached at all', async () => {
    const first = candidate('first');
    first.line.state = 'down';
    await pass(40_000);
    expect(first.elector.health()).toEqual({ ok: false, message: 'no answer about the lease: connection refused' });
  });
});

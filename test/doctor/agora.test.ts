import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../src/agora/answer.ts';
import { HARMFUL_SKEW_MS, NOTABLE_SKEW_MS } from '../../src/doctor/checks/clocks.ts';
import { SLOW_MS } from '../../src/doctor/checks/domains.ts';
import type { DomainFact, Probe, ProbeStep } from '../../src/doctor/facts.ts';
import {
  answered,
  converter,
  factsOf,
  findingsOf,
  listing,
  ok,
  project,
  recording,
  refusedAs,
  said,
  verdicts,
} from './builders.ts';

const recordings = [recording()];
const converters = [converter()];
const runs = [recording('keynote', {}, { tasks: [{ phase: 'Running' }] })];

describe('MP-27 credentials: told by how a look is refused', () => {
  it.each<[FailureKind, string]>([
    ['credential', 'fail'],
    ['not-found', 'pass'],
    ['handle-invalid', 'pass'],
    ['parameter', 'pass'],
    ['account', 'pass'],
    ['entitlement', 'warn'],
    ['throttle', 'warn'],
    ['server', 'warn'],
    ['no-route', 'warn'],
    ['lost', 'warn'],
  ])('a query answered %s: %s', (kind, verdict) => {
    expect(verdicts('credentials', factsOf({ recordings, recordingLook: refusedAs(kind) }))).toBe(verdict);
  });

  it('one service that accepts them is enough, one that refuses them is too', () => {
    const facts = (kind: FailureKind) =>
      factsOf({ recordings, converters, recordingLook: refusedAs(kind), converterLook: listing() });
    expect(verdicts('credentials', facts('server'))).toBe('pass');
    expect(said('credentials', facts('credential'))).toEqual([
      'fail: Agora refuses them for this App ID: “it is credential” (X-Request-ID r-1)',
    ]);
  });

  it.each([
    ['no-credentials', 'not tried: they are not at hand'],
    ['no-domain', 'not tried: no domain of Agora answers'],
    ['no-time', 'not tried: the time was over'],
  ] as const)('not asked for %s: skip', (why, text) => {
    const domains: readonly DomainFact[] = [{ role: 'primary', host: 'api.agora.io', probe: { outcome: 'not-asked' } }];
    const facts = factsOf({ recordings, domains, recordingLook: { asked: false, why } });
    expect(said('credentials', facts)).toEqual([`skip: ${text}`]);
    expect(said('service', facts)).toEqual([]);
  });
});

describe('MP-27 service: each one that is used is enabled', () => {
  it.each<[FailureKind, string, string]>([
    ['not-found', 'pass', 'warn'],
    ['entitlement', 'fail', 'fail'],
    ['account', 'fail', 'fail'],
    ['credential', 'skip', 'skip'],
    ['handle-invalid', 'warn', 'warn'],
    ['parameter', 'warn', 'warn'],
    ['no-route', 'warn', 'warn'],
    ['throttle', 'warn', 'warn'],
    ['server', 'warn', 'warn'],
    ['gateway-timeout', 'warn', 'warn'],
    ['lost', 'fail', 'fail'],
    ['dns', 'fail', 'fail'],
  ])('answered %s: recording %s, Media Push %s', (kind, ofRecording, ofPush) => {
    expect(verdicts('service', factsOf({ recordings, recordingLook: refusedAs(kind) }))).toBe(ofRecording);
    expect(verdicts('service', factsOf({ converters, converterLook: refusedAs(kind) }))).toBe(ofPush);
  });

  it('what runs proves what an answer leaves open, but not what it denies', () => {
    expect(verdicts('service', factsOf({ recordings: runs, recordingLook: refusedAs('handle-invalid') }))).toBe('pass');
    expect(verdicts('service', factsOf({ recordings: runs, recordingLook: refusedAs('entitlement') }))).toBe('fail');
  });

  it('one that nothing uses is not spoken of', () => {
    expect(said('service', factsOf({ recordings: [], recordingLook: refusedAs('entitlement') }))).toEqual([]);
    expect(said('service', factsOf({ converters }))).toEqual(['pass: Media Push answers for this App ID']);
  });
});

const dead = (step: ProbeStep, code: string): Probe => ({ outcome: 'failed', step, code });
const ladder = (primary: Probe, alternate: Probe, ...adjacent: readonly Probe[]): readonly DomainFact[] => [
  { role: 'primary', host: 'api.agora.io', probe: primary },
  { role: 'alternate', host: 'api.sd-rtn.com', probe: alternate },
  ...adjacent.map((probe) => ({ role: 'adjacent' as const, host: 'api-eu-west-1.agora.io', probe })),
];

describe('MP-27 domains: every place of the ladder, with its latency', () => {
  it.each([
    [SLOW_MS, 'pass'],
    [SLOW_MS + 1, 'warn'],
  ])('an answer in %i ms: %s', (totalMs, verdict) => {
    const domains: readonly DomainFact[] = [{ role: 'endpoint', host: '127.0.0.1', probe: answered({ totalMs }) }];
    expect(verdicts('domains', factsOf({ domains }))).toBe(verdict);
  });

  it('one that is dead is a warning while another works, and a failure when none does', () => {
    const one = ladder(
      dead('dns', 'ENOTFOUND'),
      answered({ dnsMs: 3, connectMs: 12, tlsMs: 20 }),
      dead('connect', 'ECONNREFUSED'),
    );
    expect(said('domains', factsOf({ domains: one }))).toEqual([
      'warn: primary api.agora.io: its name does not resolve (ENOTFOUND)',
      'pass: alternate api.sd-rtn.com answers in 42 ms (DNS 3, TCP 12, TLS 20)',
      'warn: adjacent api-eu-west-1.agora.io: no connection (ECONNREFUSED)',
    ]);
    const none = ladder(dead('tls', 'CERT_HAS_EXPIRED'), dead('http', 'ETIMEDOUT'), dead('connect', 'ETIMEDOUT'));
    expect(verdicts('domains', factsOf({ domains: none }))).toBe('fail');
  });

  it('a ladder without an adjacent domain lacks its last place', () => {
    expect(said('domains', factsOf({ domains: ladder(answered(), answered()) })).at(-1)).toContain(
      'warn: no adjacent domain',
    );
  });

  it('what was not asked in time is skipped', () => {
    const domains = ladder({ outcome: 'not-asked' }, { outcome: 'not-asked' }, { outcome: 'not-asked' });
    expect(verdicts('domains', factsOf({ domains }))).toBe('skip');
  });
});

describe('MP-27 location: the other main domain is much nearer', () => {
  it.each([
    [42, 42, 'pass'],
    [200, 100, 'pass'],
    [199, 99, 'pass'],
    [200, 99, 'warn'],
    [202, 101, 'pass'],
    [203, 101, 'warn'],
    // Twice as far, but by less than it takes to matter.
    [90, 20, 'pass'],
    [undefined, 80, 'warn'],
    [80, undefined, ''],
  ])('primary %s ms, alternate %s ms: %s', (here, there, verdict) => {
    const probe = (ms: number | undefined): Probe =>
      ms === undefined ? dead('dns', 'ENOTFOUND') : answered({ totalMs: ms });
    expect(verdicts('location', factsOf({ domains: ladder(probe(here), probe(there)) }))).toBe(verdict);
  });

  it('it names the location that would fit', () => {
    const domains = ladder(answered({ totalMs: 900 }), answered({ totalMs: 40 }));
    const [finding] = findingsOf('location', factsOf({ domains, project: project({ location: 'MainlandChina' }) }));
    expect(finding?.action).toContain('outside of mainland China set spec.location to Global');
  });
});

describe('MP-27 clock: against Agora’s and the API server’s', () => {
  it.each([
    [0, 'pass'],
    [NOTABLE_SKEW_MS, 'pass'],
    [NOTABLE_SKEW_MS + 1, 'warn'],
    [-NOTABLE_SKEW_MS - 1, 'warn'],
    [HARMFUL_SKEW_MS, 'warn'],
    [HARMFUL_SKEW_MS + 1, 'fail'],
    [-HARMFUL_SKEW_MS - 1, 'fail'],
  ])('off by %i ms: %s', (skewMs, verdict) => {
    expect(verdicts('clock', factsOf({ domains: ladder(answered({ skewMs }), answered({ skewMs })) }))).toBe(verdict);
  });

  it.each([90_000, -90_000])('a server that is wrong by itself (%i ms) does not accuse this machine', (skewMs) => {
    const domains = ladder(answered({ skewMs }), answered({ skewMs: 0 }));
    expect(said('clock', factsOf({ domains }))).toEqual(['pass: agrees with that of api.sd-rtn.com']);
  });

  it('says which way it is off', () => {
    const of = (skewMs: number) =>
      said('clock', factsOf({ domains: ladder(answered({ skewMs }), answered({ skewMs })) }))[0];
    expect(of(70_000)).toBe('fail: this machine’s clock is 70 s behind that of api.agora.io');
    expect(of(-70_000)).toBe('fail: this machine’s clock is 70 s ahead of that of api.agora.io');
  });
});

describe('MP-27 foreign converters', () => {
  const owned = { converters, ownIds: new Set(['c1']) };
  it.each([
    ['none', listing({ id: 'c1' }), 'pass'],
    ['ours, in upper case', listing({ id: 'C1' }), 'pass'],
    ['one that failed and is on its way out', listing({ id: 'c9', state: 'failed' }), 'pass'],
    ['one of nobody', listing({ id: 'c9', name: 'theirs' }), 'warn'],
    ['a list that was refused', refusedAs('throttle'), ''],
  ])('%s', (_what, converterLook, verdict) => {
    expect(verdicts('foreign', factsOf({ ...owned, converterLook }))).toBe(verdict);
  });

  it.each(['none', 'namespace'] as const)('with statuses of %s, whose a converter is cannot be told', (statuses) => {
    const facts = { ...factsOf({ converters, converterLook: listing({ id: 'c1' }) }), statuses };
    expect(said('foreign', facts)).toEqual([
      'skip: Agora lists 1 converter under this App ID, and whose they are cannot be told',
    ]);
  });

  it('what was left behind is told by itself', () => {
    const left = { kind: 'RtmpConverter', name: 'old', converterId: 'c9', endsAt: '2026-12-01T10:00:00Z' };
    const facts = factsOf({ project: project({}, { leftBehind: [left] }), recordings, recordingLook: ok });
    expect(said('left-behind', facts)).toEqual([
      'warn: a task of RtmpConverter old, which is deleted, may still run (c9), until 2026-12-01T10:00:00Z at the latest',
    ]);
  });
});

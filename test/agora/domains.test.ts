import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallName } from '../../src/agora/calls.ts';
import { DEPLOYED, PARTNER, type RegionName, regionDomain } from '../../src/agora/domain-table.ts';
import {
  afterAnswer,
  afterFailure,
  afterProbe,
  currentDomain,
  type DomainFailure,
  type DomainSettings,
  type DomainState,
  initialDomains,
  isAway,
  notBefore,
  primaryOf,
  probesPrimary,
} from '../../src/agora/domains.ts';
import { NETWORK_RETRY } from '../../src/agora/schedules.ts';

const HOME: DomainSettings = { location: 'Global', homeRegion: 'eu-central-1' };

/** A call through the current domain that begins when the machine allows and fails 100 ms later. */
function fail(state: DomainState, kind: DomainFailure['kind'], now: number): { state: DomainState; now: number } {
  const callBeganAt = Math.max(now + 1, notBefore(state, now));
  const at = callBeganAt + 100;
  return { state: afterFailure(state, { kind, domain: currentDomain(state), callBeganAt }, at), now: at };
}

/** The domains that a series of failures leads through, and the wait after each. */
function climb(settings: DomainSettings, kinds: readonly DomainFailure['kind'][]) {
  let at = { state: initialDomains(settings), now: 0 };
  return kinds.map((kind) => {
    at = fail(at.state, kind, at.now);
    return [currentDomain(at.state), (notBefore(at.state, at.now) - at.now) / 1_000];
  });
}

describe('MP-11 the main domain by location', () => {
  it.each`
    location           | domain
    ${'Global'}        | ${'api.agora.io'}
    ${'MainlandChina'} | ${'api.sd-rtn.com'}
  `('$location: $domain', ({ location, domain }) => {
    expect(currentDomain(initialDomains({ location }))).toBe(domain);
  });
});

describe('MP-12 primary, primary again, alternate for DNS failures only, adjacent; after 1, 3, 6 s', () => {
  it('DNS failures take every rung', () => {
    expect(climb(HOME, ['dns', 'dns', 'dns', 'dns', 'dns'])).toEqual([
      ['api.agora.io', 1],
      ['api.sd-rtn.com', 3],
      ['api-eu-west-1.sd-rtn.com', 6],
      ['api-eu-west-1.agora.io', 10],
      ['api.agora.io', 20],
    ]);
  });

  it('network failures skip the alternate', () => {
    expect(climb(HOME, ['network', 'network', 'network', 'network'])).toEqual([
      ['api.agora.io', 1],
      ['api-eu-west-1.agora.io', 3],
      ['api-eu-west-1.sd-rtn.com', 6],
      ['api.agora.io', 10],
    ]);
  });

  it('the kind of the failure at hand decides', () => {
    expect(climb(HOME, ['dns', 'network']).at(-1)).toEqual(['api-eu-west-1.agora.io', 3]);
    expect(climb(HOME, ['network', 'dns']).at(-1)).toEqual(['api.sd-rtn.com', 3]);
    expect(climb(HOME, ['dns', 'dns', 'network']).at(-1)).toEqual(['api-eu-west-1.sd-rtn.com', 6]);
  });

  it('in mainland China the suffixes change places', () => {
    const settings: DomainSettings = { location: 'MainlandChina', homeRegion: 'cn-north-1' };
    expect(climb(settings, ['dns', 'dns', 'dns', 'dns']).map(([domain]) => domain)).toEqual([
      'api.sd-rtn.com',
      'api.agora.io',
      'api-cn-east-1.agora.io',
      'api-cn-east-1.sd-rtn.com',
    ]);
  });

  it('without a home region there is no adjacent one: the primary is tried on', () => {
    expect(climb({ location: 'Global' }, ['network', 'network', 'network'])).toEqual([
      ['api.agora.io', 1],
      ['api.agora.io', 3],
      ['api.agora.io', 6],
    ]);
    expect(climb({ location: 'Global' }, ['dns', 'dns', 'dns']).map(([domain]) => domain)).toEqual([
      'api.agora.io',
      'api.sd-rtn.com',
      'api.agora.io',
    ]);
  });

  it('the waits are those of NETWORK_RETRY, whose first three are the document’s', () => {
    expect(NETWORK_RETRY).toEqual([1_000, 3_000, 6_000, 10_000, 20_000, 40_000, 60_000]);
    expect(climb(HOME, Array<'network'>(9).fill('network')).map(([, wait]) => wait)).toEqual([
      1, 3, 6, 10, 20, 40, 60, 60, 60,
    ]);
  });

  it('many calls that fail together move it once', () => {
    const domain = 'api.agora.io';
    let state = initialDomains(HOME);
    for (let index = 0; index < 50; index++)
      state = afterFailure(state, { kind: 'network', domain, callBeganAt: index }, 100 + index);
    expect(state).toMatchObject({ domain, failures: 1, movedAt: 100 });
    // The move to the adjacent domain as well, for calls that began before it.
    for (let index = 0; index < 50; index++) {
      const callBeganAt = 1_200 + index;
      state = afterFailure(state, { kind: 'network', domain: currentDomain(state), callBeganAt }, 2_000 + index);
    }
    expect(state).toMatchObject({ domain: 'api-eu-west-1.agora.io', failures: 2, movedAt: 2_000 });
  });

  it.each`
    callBeganAt | counts
    ${99}       | ${false}
    ${100}      | ${false}
    ${1_099}    | ${false}
    ${1_100}    | ${true}
  `(
    'after a move at 100 ms with its wait of 1 s, a call begun at $callBeganAt counts: $counts',
    ({ callBeganAt, counts }) => {
      const moved = afterFailure(
        initialDomains(HOME),
        { kind: 'network', domain: 'api.agora.io', callBeganAt: 0 },
        100,
      );
      const again = afterFailure(moved, { kind: 'network', domain: 'api.agora.io', callBeganAt }, 1_200);
      expect(again !== moved).toBe(counts);
    },
  );

  it('an HTTP answer proves that a domain works: the count begins anew and it has its repeat again', () => {
    const once = fail(initialDomains(HOME), 'network', 0);
    const callBeganAt = once.now + 1;
    const good = afterAnswer(once.state, { domain: 'api.agora.io', callBeganAt }, once.now + 50);
    expect(good).toMatchObject({ failures: 0, repeat: true });
    expect(notBefore(good, once.now + 50)).toBe(once.now + 50);
    expect(currentDomain(fail(good, 'network', once.now + 50).state)).toBe('api.agora.io');
  });

  it('the domain that works is remembered, and repeated once before it is left', () => {
    let at = fail(fail(initialDomains(HOME), 'network', 0).state, 'network', 200);
    at = {
      state: afterAnswer(at.state, { domain: 'api-eu-west-1.agora.io', callBeganAt: at.now + 1 }, at.now + 50),
      now: at.now + 50,
    };
    expect(currentDomain(at.state)).toBe('api-eu-west-1.agora.io');
    at = fail(at.state, 'network', at.now);
    expect(currentDomain(at.state)).toBe('api-eu-west-1.agora.io');
    at = fail(at.state, 'network', at.now);
    expect(currentDomain(at.state)).toBe('api-eu-west-1.sd-rtn.com');
  });

  it('a failure of a probe, or of a call through a domain that was left, moves nothing', () => {
    const away = fail(fail(initialDomains(HOME), 'network', 0).state, 'network', 200);
    const failure = { kind: 'network', domain: 'api.agora.io', callBeganAt: away.now + 60_000 } as const;
    expect(afterFailure(away.state, failure, away.now + 61_000)).toBe(away.state);
  });

  it('a clock that was set back does not freeze it', () => {
    const moved = afterFailure(
      initialDomains(HOME),
      { kind: 'network', domain: 'api.agora.io', callBeganAt: 9_999_000 },
      10_000_000,
    );
    const back = afterFailure(moved, { kind: 'network', domain: 'api.agora.io', callBeganAt: 5_000 }, 5_100);
    expect(currentDomain(back)).toBe('api-eu-west-1.agora.io');
  });
});

describe('MP-12 the way back: one list or query a minute goes through the primary', () => {
  const away = fail(fail(initialDomains(HOME), 'network', 0).state, 'network', 200);

  it.each`
    call                 | afterMs   | probes
    ${'list'}            | ${59_999} | ${false}
    ${'list'}            | ${60_000} | ${true}
    ${'query'}           | ${60_000} | ${true}
    ${'get'}             | ${90_000} | ${false}
    ${'start'}           | ${90_000} | ${false}
    ${'stop'}            | ${90_000} | ${false}
    ${'create'}          | ${90_000} | ${false}
    ${'deleteConverter'} | ${90_000} | ${false}
  `('$call, $afterMs ms after leaving: $probes', ({ call, afterMs, probes }) => {
    expect(probesPrimary(away.state, call as CallName, away.now + afterMs)).toBe(probes);
  });

  it('the next one a minute after the last', () => {
    const probed = afterProbe(away.state, away.now + 60_000);
    expect(probesPrimary(probed, 'query', away.now + 119_999)).toBe(false);
    expect(probesPrimary(probed, 'query', away.now + 120_000)).toBe(true);
  });

  it('at home nothing probes', () => expect(probesPrimary(initialDomains(HOME), 'list', 1e9)).toBe(false));

  it('an HTTP answer through the primary returns it', () => {
    const home = afterAnswer(away.state, { domain: 'api.agora.io', callBeganAt: away.now + 60_000 }, away.now + 60_200);
    expect(home).toMatchObject({ domain: 'api.agora.io', failures: 0, repeat: true, movedAt: away.now + 60_200 });
  });

  it('a late answer to a call from before the move does not', () => {
    expect(afterAnswer(away.state, { domain: 'api.agora.io', callBeganAt: 50 }, away.now + 5_000)).toBe(away.state);
  });
});

describe('MP-13 the candidate list is data and can be narrowed', () => {
  const seen = (settings: DomainSettings): readonly unknown[] =>
    climb(settings, ['network', 'network', 'network', 'network', 'network']).map(([domain]) => domain);

  it('a partner that a project leaves out is skipped', () => {
    expect(seen({ ...HOME, adjacentDomains: ['us-east-1'] })).toEqual(Array(5).fill('api.agora.io'));
    expect(seen({ ...HOME, adjacentDomains: [] })).toEqual(Array(5).fill('api.agora.io'));
  });

  it('a partner that it names is used', () => {
    expect(seen({ ...HOME, adjacentDomains: ['us-east-1', 'eu-west-1'] })).toEqual(seen(HOME));
  });

  it('without a home region the list is tried in its order', () => {
    expect(seen({ location: 'Global', adjacentDomains: ['us-east-1', 'eu-west-1'] })).toEqual([
      'api.agora.io',
      'api-us-east-1.agora.io',
      'api-eu-west-1.agora.io',
      'api-us-east-1.sd-rtn.com',
      'api-eu-west-1.sd-rtn.com',
    ]);
  });

  it('each service has a list', () => {
    expect(DEPLOYED.recording).toHaveLength(8);
    expect(DEPLOYED.converter).toHaveLength(8);
  });
});

describe('MP-14 two domains for each of four areas, under both suffixes', () => {
  it.each`
    area    | pair
    ${'US'} | ${['us-west-1', 'us-east-1']}
    ${'AP'} | ${['ap-southeast-1', 'ap-northeast-1']}
    ${'EU'} | ${['eu-west-1', 'eu-central-1']}
    ${'CN'} | ${['cn-east-1', 'cn-north-1']}
  `('$area: $pair are each other’s partner', ({ pair: [a, b] }: { pair: [RegionName, RegionName] }) => {
    expect([PARTNER[a], PARTNER[b]]).toEqual([b, a]);
    expect(
      climb({ location: 'Global', homeRegion: a }, ['network', 'network', 'network']).map(([domain]) => domain),
    ).toEqual(['api.agora.io', regionDomain(b, 'agora.io'), regionDomain(b, 'sd-rtn.com')]);
  });

  it('there are no others', () => expect(Object.keys(PARTNER).sort()).toEqual([...DEPLOYED.recording].sort()));
});

describe('whatever happens', () => {
  const happening = fc.oneof(
    fc.record({ do: fc.constant('fail' as const), kind: fc.constantFrom('dns' as const, 'network' as const) }),
    fc.record({ do: fc.constantFrom('answer' as const, 'probe' as const) }),
  );
  const events = fc.array(fc.record({ step: happening, afterMs: fc.nat(90_000), tookMs: fc.nat(30_000) }), {
    maxLength: 60,
  });

  it('the domain is always a candidate, waits are at most 60 s, and an answer at home clears everything', () => {
    fc.assert(
      fc.property(events, (list) => {
        let state = initialDomains(HOME);
        let now = 0;
        for (const { step, afterMs, tookMs } of list) {
          now += afterMs;
          const callBeganAt = now - tookMs;
          const domain = currentDomain(state);
          if (step.do === 'fail') state = afterFailure(state, { kind: step.kind, domain, callBeganAt }, now);
          else if (step.do === 'answer') state = afterAnswer(state, { domain, callBeganAt }, now);
          else if (probesPrimary(state, 'list', now)) state = afterProbe(state, now);
          expect(currentDomain(state)).toMatch(/^api(-eu-west-1)?\.(agora\.io|sd-rtn\.com)$/);
          expect(notBefore(state, now) - now).toBeLessThanOrEqual(60_000);
        }
        const answer = { domain: primaryOf(HOME), callBeganAt: now + 1 };
        const home = afterAnswer(state, answer, now + 2);
        expect(isAway(home)).toBe(false);
        expect(home.failures).toBe(0);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../src/cli/cluster/doctor-definitions.ts';
import type { ClusterFacts, DefinitionFact, Facts, LeaseFact, RightFact } from '../../src/doctor/facts.ts';
import { factsOf, said, verdicts } from './builders.ts';

const SAME: DefinitionFact = { kind: 'AgoraProject', state: 'same' };
const inCluster = (given: Partial<ClusterFacts>): Facts => ({
  ...factsOf(),
  cluster: {
    definitions: [SAME],
    access: { who: { is: 'controller', name: 'system:serviceaccount:a:b' }, rights: [] },
    controller: { pods: 2 },
    ...given,
  },
});

describe('MP-27 definitions of the cluster', () => {
  it.each<[string, Omit<DefinitionFact, 'kind'>, string]>([
    ['of this version', { state: 'same' }, 'pass'],
    ['absent', { state: 'absent' }, 'fail'],
    ['not to be read', { state: 'unreadable' }, 'skip'],
    ['with a field less', { state: 'differs', at: 'spec.pageWatch', lacks: true }, 'fail'],
    ['with other rules', { state: 'differs', at: 'spec.region', lacks: false }, 'warn'],
  ])('%s', (_what, state, verdict) => {
    expect(verdicts('definitions', inCluster({ definitions: [{ kind: 'RtmpConverter', ...state }] }))).toBe(verdict);
  });

  const schema = (properties: object, more: object = {}) => ({
    type: 'object',
    properties: { spec: { properties, ...more } },
  });
  it.each([
    ['equal', schema({ a: { type: 'string' } }), schema({ a: { type: 'string' } }), undefined],
    ['other words', schema({ a: { description: 'one' } }), schema({ a: { description: 'two' } }), undefined],
    ['a field less', schema({ a: {}, b: {} }), schema({ a: {} }), { at: 'spec.b', lacks: true }],
    ['a field more', schema({ a: {} }), schema({ a: {}, b: {} }), { at: 'spec', lacks: false }],
    ['another bound', schema({ a: { maximum: 1 } }), schema({ a: { maximum: 2 } }), { at: 'spec.a', lacks: false }],
    ['another rule', schema({}, { 'x-kubernetes-validations': [1] }), schema({}), { at: 'spec', lacks: false }],
    [
      'a field less inside of a list, behind another bound',
      schema({ a: { maximum: 1 }, l: { items: { properties: { x: {} } } } }),
      schema({ a: { maximum: 2 }, l: { items: { properties: {} } } }),
      { at: 'spec.l[].x', lacks: true },
    ],
    ['nothing at all', schema({ a: {} }), undefined, { at: 'spec', lacks: true }],
  ])('%s', (_what, ours, theirs, difference) => {
    expect(firstDifference(ours, theirs, '')).toEqual(difference);
  });
});

describe('MP-27 rights of the controller', () => {
  const right = (what: string, state: RightFact['state'], need: RightFact['need'] = 'required'): RightFact => {
    const [verb = '', resource = ''] = what.split(' ');
    return { verb, resource, state, need };
  };
  const judged = (is: 'controller' | 'caller', ...rights: readonly RightFact[]) =>
    said('access', inCluster({ access: { who: { is, name: 'somebody' }, rights } }));
  it('all granted', () => {
    expect(judged('controller', right('list pods', 'allowed'))).toEqual([
      'pass: somebody may do all that a controller does',
    ]);
  });
  it('what it needs fails, what helps is a warning, what cannot be asked is skipped', () => {
    expect(
      judged(
        'controller',
        right('watch wpr', 'denied'),
        right('list wpr', 'denied'),
        right('create events', 'denied', 'helpful'),
        right('get secrets', 'unknown'),
      ),
    ).toEqual([
      'fail: somebody may not watch/list wpr',
      'warn: somebody may not create events',
      'skip: you may not ask what somebody may do',
    ]);
  });
  it('without a controller they are the caller’s', () => {
    expect(judged('caller', right('watch wpr', 'denied'))).toEqual(['fail: you (somebody) may not watch wpr']);
  });
});

describe('MP-27 controller and leader', () => {
  const lease = (given: Partial<LeaseFact>): LeaseFact => ({
    place: 'a/b',
    state: 'held',
    holder: 'pod-1',
    renewedAgoMs: 2_000,
    ...given,
  });
  it.each<[string, Partial<ClusterFacts>, string]>([
    ['one answers', { controller: { pods: 2 } }, 'pass'],
    ['some run, none can be asked', { controller: { pods: 2, why: 'no replica leads' } }, 'warn'],
    ['Pods may not be listed', { controller: { why: 'you may not list Pods' } }, 'warn'],
    ['none runs', { controller: { pods: 0, why: 'no Pod of a controller runs' } }, 'fail'],
    ['none runs here, and somebody leads', { controller: { pods: 0, why: 'no Pod' }, lease: lease({}) }, 'pass'],
  ])('%s', (_what, given, verdict) => {
    expect(verdicts('controller', inCluster(given))).toBe(verdict);
  });
  it.each([
    ['held', 'pass'],
    ['free', 'fail'],
    ['expired', 'fail'],
    ['absent', 'warn'],
    ['unreadable', 'skip'],
  ] as const)('a Lease that is %s: %s', (state, verdict) => {
    expect(verdicts('leader', inCluster({ lease: lease({ state }) }))).toBe(verdict);
  });
  it.each([
    [true, 'pass'],
    [false, 'warn'],
  ])('in files mode: a watch answers: %s', (answers, verdict) => {
    expect(verdicts('controller', { ...factsOf(), watch: { directory: '/state', answers } })).toBe(verdict);
  });
});

describe('MP-27 ingress Service', () => {
  it.each([
    ['with endpoints', { state: 'there', readyEndpoints: 1 }, 'pass'],
    ['without', { state: 'there', readyEndpoints: 0 }, 'fail'],
    ['whose endpoints may not be read', { state: 'there' }, 'skip'],
    ['that is absent', { state: 'absent' }, 'fail'],
    ['that may not be read', { state: 'unreadable' }, 'skip'],
  ] as const)('%s', (_what, service, verdict) => {
    expect(verdicts('ingress-service', inCluster({ ingressService: { place: 'a/b', ...service } }))).toBe(verdict);
  });
});

import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/cli/cluster/connection.ts';
import { type Pod, podsOf } from '../../src/cli/cluster/controller-pods.ts';
import { clusterFacts } from '../../src/cli/cluster/doctor-facts.ts';
import { publicUrlOf } from '../../src/cli/cluster/doctor-subjects.ts';
import type { Resource } from '../../src/core/resource.ts';
import type { ClusterFacts } from '../../src/doctor/facts.ts';
import { createTurns } from '../../src/doctor/gather/turns.ts';
import type { ApiRequest } from '../../src/hosts/kubernetes/api.ts';
import { ApiError } from '../../src/hosts/kubernetes/api-error.ts';
import { ManualClock } from '../simulator/manual-clock.ts';
import { resource } from './resources.ts';

type Answers = Readonly<Record<string, object | number>>;

const pod = (args: readonly string[]): object => ({
  metadata: { namespace: 'home', name: 'controller' },
  spec: { serviceAccountName: 'runner', containers: [{ args }] },
  status: { phase: 'Running' },
});
const PODS = '/api/v1/pods';
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/home/leases/agora-reconciler';
const SERVICES = '/api/v1/namespaces/home/services';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/home/endpointslices';
const ELECTED = {
  [PODS]: { items: [pod(['controller', '--leader-elect', '--leader-election-namespace=$(POD_NAMESPACE)'])] },
};

/** What an API server says that knows these paths and grants what it is asked for; a number is a refusal. */
async function factsOf(
  answers: Answers,
  resources: readonly Resource[] = [],
): Promise<ClusterFacts & { readonly asked: readonly ApiRequest[] }> {
  const asked: ApiRequest[] = [];
  const call = async (request: ApiRequest): Promise<unknown> => {
    asked.push(request);
    const { method, path } = request;
    if (method === 'POST') return { status: { allowed: true, userInfo: { username: 'jane' } } };
    const answer = answers[path] ?? 404;
    if (typeof answer === 'number') throw new ApiError(path, { status: answer, body: undefined });
    return answer;
  };
  const api = { call, headers: async () => ({}) };
  const cluster = { api, call, namespace: 'media' } as unknown as Connection;
  const turns = createTurns(new ManualClock(), new AbortController().signal);
  const pods = await podsOf(cluster, 'media');
  return { ...(await clusterFacts(cluster, { namespace: 'media', resources, pods }, turns)), asked };
}

describe('MP-27 the Lease, as the flags of the controller’s Pod name it', () => {
  const lease = (spec: object): Answers => ({ ...ELECTED, [LEASE]: { spec: { leaseDurationSeconds: 15, ...spec } } });
  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
  it.each<[string, Answers, string | undefined]>([
    ['held', lease({ holderIdentity: 'one', renewTime: ago(2_000) }), 'held'],
    ['not renewed for longer than it lasts', lease({ holderIdentity: 'one', renewTime: ago(20_000) }), 'expired'],
    ['given back', lease({ holderIdentity: '', renewTime: ago(2_000) }), 'free'],
    ['absent', ELECTED, 'absent'],
    ['not to be read', { ...ELECTED, [LEASE]: 403 }, 'unreadable'],
    ['a controller that elects nobody', { [PODS]: { items: [pod(['controller'])] } }, undefined],
    ['no controller', { [PODS]: { items: [] } }, undefined],
  ])('%s', async (_what, answers, state) => {
    expect((await factsOf(answers)).lease?.state).toBe(state);
  });

  it('of another name, elsewhere', async () => {
    const args = ['--leader-elect', '--leader-election-id=other', '--leader-election-namespace=there'];
    const { lease: found } = await factsOf({ [PODS]: { items: [pod(args)] } });
    expect(found?.place).toBe('there/other');
  });
});

describe('MP-27 the Service for notices and page reports', () => {
  const notifying = resource({ kind: 'AgoraProject', spec: { notifications: {} } });
  const service = { items: [{ metadata: { name: 'entrance' } }] };
  const slice = (...ready: readonly (boolean | undefined)[]) => ({
    items: [{ endpoints: ready.map((each) => ({ conditions: { ready: each } })) }],
  });
  it.each<[string, Answers, object]>([
    [
      'with endpoints',
      { [SERVICES]: service, [SLICES]: slice(true, undefined, false) },
      { state: 'there', readyEndpoints: 2 },
    ],
    ['without', { [SERVICES]: service, [SLICES]: { items: [] } }, { state: 'there', readyEndpoints: 0 }],
    ['endpoints not to be read', { [SERVICES]: service, [SLICES]: 403 }, { state: 'there' }],
    ['absent', { [SERVICES]: { items: [] } }, { state: 'absent' }],
    ['not to be read', { [SERVICES]: 403 }, { state: 'unreadable' }],
  ])('%s', async (_what, answers, expected) => {
    const { ingressService } = await factsOf({ ...ELECTED, ...answers }, [notifying]);
    const { place: _, ...rest } = ingressService ?? { place: '' };
    expect(rest).toEqual(expected);
  });
  it('is not looked for where nothing would come through it', async () => {
    const { ingressService, asked } = await factsOf(ELECTED, [resource()]);
    expect(ingressService).toBeUndefined();
    expect(asked.map(({ path }) => path)).not.toContain(SERVICES);
  });
});

describe('MP-27 the address that the controller was told is its own', () => {
  const URL_ = 'https://recorder.example.com';
  const of = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Pod => ({
    ...{ namespace: 'home', name: 'controller', port: 8081, serviceAccount: 'runner' },
    ...{ args, environment: new Map(Object.entries(environment)) },
  });
  it.each([
    ['by a flag', of([`--public-url=${URL_}`], { AGORA_RECONCILER_PUBLIC_URL: 'https://other.example.com' }), URL_],
    ['by a variable', of([], { AGORA_RECONCILER_PUBLIC_URL: URL_ }), URL_],
    ['by a variable that comes from elsewhere', of([], { AGORA_RECONCILER_PUBLIC_URL: '' }), undefined],
    ['not at all', of([]), undefined],
  ])('%s', (_what, one, url) => {
    expect(publicUrlOf([one])).toBe(url);
  });
});

describe('MP-27 whose rights are asked for', () => {
  it('those of the Pod’s ServiceAccount, with its groups', async () => {
    const { access, asked } = await factsOf(ELECTED);
    expect(access.who).toEqual({ is: 'controller', name: 'system:serviceaccount:home:runner' });
    const [review] = asked.filter(({ path }) => path.endsWith('/subjectaccessreviews'));
    expect(review?.body).toMatchObject({
      spec: {
        user: 'system:serviceaccount:home:runner',
        groups: expect.arrayContaining(['system:serviceaccounts:home']),
      },
    });
  });
  it.each<[string, readonly string[], readonly (string | undefined)[]]>([
    ['everywhere', ['--leader-elect'], [undefined]],
    ['in the namespaces of its flag', ['--leader-elect', '--watch-namespaces=a,$(POD_NAMESPACE)'], ['a', 'home']],
  ])('%s, where it cannot be asked', async (_what, args, expected) => {
    const { access } = await factsOf({ [PODS]: { items: [pod(args)] } });
    const lists = access.rights.filter(
      ({ verb, resource: of }) => verb === 'list' && of.startsWith('webpagerecordings'),
    );
    expect(lists.map(({ namespace }) => namespace)).toEqual(expected);
  });
  it.each([
    [['--leader-elect', '--leader-election-id=other'], 3],
    [[], 0],
  ])('of a controller with %j: rights to %i uses of a Lease', async (args, count) => {
    const { access } = await factsOf({ [PODS]: { items: [pod(args)] } });
    expect(access.rights.filter(({ resource: of }) => of.startsWith('leases'))).toHaveLength(count);
  });
  it('without a controller those of the caller', async () => {
    const { access, asked } = await factsOf({ [PODS]: { items: [] } });
    expect(access.who).toEqual({ is: 'caller', name: 'jane' });
    expect(asked.some(({ path }) => path.endsWith('/subjectaccessreviews'))).toBe(false);
  });
  it('nothing is written: every POST is a review', async () => {
    const { asked } = await factsOf(ELECTED);
    const written = asked.filter(({ method, path }) => method !== 'GET' && !/reviews$|\/proxy\/control$/.test(path));
    expect(written).toEqual([]);
  });
});

import type { Resource } from '../../core/resource.ts';
import type { ClusterFacts, ControllerFacts, IngressServiceFact, LeaseFact } from '../../doctor/facts.ts';
import { skewOf } from '../../doctor/gather/probe.ts';
import type { Turns } from '../../doctor/gather/turns.ts';
import { member } from '../../hosts/kubernetes/api-error.ts';
import type { Connection } from './connection.ts';
import { flagOf, HOME, leaderAmong, type Pod } from './controller-pods.ts';
import { accessOf } from './doctor-access.ts';
import { definitionsOf } from './doctor-definitions.ts';
import { look } from './look.ts';

interface Place {
  /** Undefined: all. */
  readonly namespace: string | undefined;
  readonly resources: readonly Resource[];
  /** Running Pods of controllers, or why there are none to be seen. */
  readonly pods: readonly Pod[] | string;
}

/** What the cluster itself has to have right: definitions, rights, a leader, an entrance, a clock. Only looked at. */
export async function clusterFacts(cluster: Connection, place: Place, turns: Turns): Promise<ClusterFacts> {
  const controller = await controllerOf(cluster, place, turns);
  const [first] = typeof place.pods === 'object' ? place.pods : [];
  const wantsIngress = place.resources.some(({ spec }) => {
    const { notifications, pageWatch } = spec as { readonly notifications?: unknown; readonly pageWatch?: unknown };
    return notifications !== undefined || pageWatch !== undefined;
  });
  const [skewMs, definitions, access, lease, ingressService] = await Promise.all([
    skew(cluster, turns),
    definitionsOf(cluster, turns),
    accessOf(cluster, { pod: first, watches: watchedBy(first, controller, place) }, turns),
    leaseOf(cluster, first, turns),
    wantsIngress ? serviceOf(cluster, first?.namespace ?? HOME, turns) : undefined,
  ]);
  return {
    ...(skewMs === undefined ? {} : { skewMs }),
    definitions,
    access,
    controller,
    ...(lease === undefined ? {} : { lease }),
    ...(ingressService === undefined ? {} : { ingressService }),
  };
}

/** Where the controller works: as it says, else by its flags; without one, where the person looks. Undefined: everywhere. */
function watchedBy(
  pod: Pod | undefined,
  { why, watches }: ControllerFacts,
  { namespace }: Place,
): readonly string[] | undefined {
  if (why === undefined) return watches;
  if (pod === undefined) return namespace === undefined ? undefined : [namespace];
  const names = (flagOf(pod, 'watch-namespaces') ?? '').replaceAll('$(POD_NAMESPACE)', pod.namespace).split(',');
  const named = names.map((name) => name.trim()).filter((name) => name !== '');
  return named.length === 0 ? undefined : named;
}

async function controllerOf(
  cluster: Connection,
  { pods: found, namespace }: Place,
  turns: Turns,
): Promise<ControllerFacts> {
  if (typeof found !== 'object') return { why: found };
  const leader = await turns.take((signal) => leaderAmong(found, { cluster, namespace, signal }));
  const pods = found.length;
  if (leader === undefined) return { pods, why: 'the time was over' };
  if ('why' in leader) return { pods, why: leader.why };
  return { pods, ...(leader.namespaces === undefined ? {} : { watches: leader.namespaces }) };
}

async function skew(cluster: Connection, turns: Turns): Promise<number | undefined> {
  return turns.take(async (signal) => {
    const sentAt = Date.now();
    const headers = await cluster.api.headers('/version', signal).catch(() => undefined);
    return headers === undefined ? undefined : skewOf(headers['date'], { sentAt, receivedAt: Date.now() });
  });
}

const LEASE = 'agora-reconciler';

/** As the controller's flags name it; undefined where it runs without one, or where nothing tells that there should be one. */
async function leaseOf(cluster: Connection, pod: Pod | undefined, turns: Turns): Promise<LeaseFact | undefined> {
  const flag = (name: string): string | undefined => (pod === undefined ? undefined : flagOf(pod, name));
  if (pod !== undefined && !pod.args.includes('--leader-elect')) return undefined;
  const declared = flag('leader-election-namespace');
  const own = pod?.namespace ?? HOME;
  const namespace = declared === undefined || declared.includes('$(') ? own : declared;
  const name = flag('leader-election-id') ?? LEASE;
  const place = `${namespace}/${name}`;
  const answer = await look(cluster, `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`, turns);
  if (answer === undefined || 'status' in answer) {
    const isAbsent = answer?.status === 404;
    if (pod === undefined) return undefined;
    return { place, state: isAbsent ? 'absent' : 'unreadable' };
  }
  const { holderIdentity, renewTime, leaseDurationSeconds } = member(member(answer.body)['spec']);
  const holder = typeof holderIdentity === 'string' && holderIdentity !== '' ? holderIdentity : undefined;
  if (holder === undefined) return { place, state: 'free' };
  const renewedAgoMs = Math.max(0, Date.now() - Date.parse(String(renewTime)));
  const isHeld = renewedAgoMs <= Number(leaseDurationSeconds) * 1_000;
  return { place, state: isHeld ? 'held' : 'expired', holder, renewedAgoMs };
}

const SERVICE_LABELS = 'app.kubernetes.io/name=agora-reconciler,app.kubernetes.io/component=webhooks';
const SERVICE = 'agora-reconciler-webhooks';

async function serviceOf(cluster: Connection, namespace: string, turns: Turns): Promise<IngressServiceFact> {
  const services = await look(cluster, `/api/v1/namespaces/${namespace}/services`, turns, {
    labelSelector: SERVICE_LABELS,
  });
  if (services === undefined || 'status' in services) return { place: `${namespace}/${SERVICE}`, state: 'unreadable' };
  const name = nameOf(itemsOf(services.body)[0]);
  if (name === undefined) return { place: `${namespace}/${SERVICE}`, state: 'absent' };
  const place = `${namespace}/${name}`;
  const slices = await look(cluster, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, turns, {
    labelSelector: `kubernetes.io/service-name=${name}`,
  });
  if (slices === undefined || 'status' in slices) return { place, state: 'there' };
  const endpoints = itemsOf(slices.body).flatMap((slice) => {
    const { endpoints: all } = member(slice);
    return Array.isArray(all) ? all.map(member) : [];
  });
  // Absent counts as ready, as the API says.
  const ready = endpoints.filter(({ conditions }) => member(conditions)['ready'] !== false);
  return { place, state: 'there', readyEndpoints: ready.length };
}

function itemsOf(body: unknown): readonly unknown[] {
  const { items } = member(body);
  return Array.isArray(items) ? items : [];
}

function nameOf(item: unknown): string | undefined {
  const { name } = member(member(item)['metadata']);
  return typeof name === 'string' ? name : undefined;
}

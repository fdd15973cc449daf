import { API_GROUP } from '../../core/resource.ts';
import type { AccessFacts, RightFact } from '../../doctor/facts.ts';
import type { Turns } from '../../doctor/gather/turns.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { PLURALS } from '../../hosts/kubernetes/kinds.ts';
import type { Connection } from './connection.ts';
import { flagOf, type Pod } from './controller-pods.ts';

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly need: RightFact['need'];
  /** In the controller's own namespace, whatever it watches. */
  readonly atHome?: true;
}

/** As the manifests grant them. */
const RIGHTS: readonly Right[] = [
  ...Object.values(PLURALS).flatMap((resource): readonly Right[] => [
    ...['get', 'list', 'watch', 'patch'].map((verb): Right => ({ group: API_GROUP, resource, verb, need: 'required' })),
    { group: API_GROUP, resource, subresource: 'status', verb: 'update', need: 'required' },
  ]),
  { group: '', resource: 'secrets', verb: 'get', need: 'required' },
  { group: 'events.k8s.io', resource: 'events', verb: 'create', need: 'helpful' },
];

/** Of a controller that elects a leader; `create` cannot be bound to a name. */
const LEASE_RIGHTS: readonly Right[] = ['get', 'create', 'update'].map(
  (verb): Right => ({ group: 'coordination.k8s.io', resource: 'leases', verb, need: 'required', atHome: true }),
);

const LEASE = 'agora-reconciler';
/** Each asks for some twenty rights. */
const MOST_NAMESPACES = 5;

/** What the controller's ServiceAccount may do; where no Pod of one is there, what the caller may, who could run one. */
export async function accessOf(
  cluster: Connection,
  { pod, watches }: { readonly pod: Pod | undefined; readonly watches: readonly string[] | undefined },
  turns: Turns,
): Promise<AccessFacts> {
  const account = pod === undefined ? undefined : `system:serviceaccount:${pod.namespace}:${pod.serviceAccount}`;
  const places = watches === undefined ? [undefined] : watches.slice(0, MOST_NAMESPACES);
  const home = pod?.namespace ?? places[0] ?? cluster.namespace;
  const elects = pod === undefined || pod.args.includes('--leader-elect');
  const lease = (pod && flagOf(pod, 'leader-election-id')) ?? LEASE;
  const asked = [...RIGHTS, ...(elects ? LEASE_RIGHTS : [])].flatMap((right) =>
    right.atHome === true
      ? [{ right, namespace: home }]
      : places.map((namespace) => (namespace === undefined ? { right } : { right, namespace })),
  );
  const rights = await Promise.all(asked.map((each) => rightOf(cluster, { ...each, account, lease }, turns)));
  return {
    who:
      account === undefined
        ? { is: 'caller', name: await callerOf(cluster, turns) }
        : { is: 'controller', name: account },
    rights,
  };
}

async function rightOf(
  cluster: Connection,
  {
    right,
    namespace,
    account,
    lease,
  }: {
    readonly right: Right;
    readonly namespace?: string;
    readonly account: string | undefined;
    readonly lease: string;
  },
  turns: Turns,
): Promise<RightFact> {
  const { group, resource, subresource, verb, need, atHome } = right;
  const name = atHome === true && verb !== 'create' ? lease : undefined;
  const resourceAttributes = { group, resource, subresource, verb, namespace, name };
  const kind = account === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const who = account === undefined ? {} : { user: account, groups: groupsOf(account) };
  const state = await turns.take(async (signal): Promise<RightFact['state']> => {
    try {
      // Nothing is kept of a review, although it is asked for by POST.
      const answer = await cluster.api.call(
        {
          method: 'POST',
          path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
          body: { apiVersion: 'authorization.k8s.io/v1', kind, spec: { ...who, resourceAttributes } },
        },
        signal,
      );
      return member(member(answer)['status'])['allowed'] === true ? 'allowed' : 'denied';
    } catch (error) {
      if (error instanceof ApiError || signal.aborted) return 'unknown';
      throw error;
    }
  });
  const whole = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return {
    verb,
    resource: whole,
    need,
    ...(namespace === undefined ? {} : { namespace }),
    state: state ?? 'unknown',
  };
}

/** As the API server puts ServiceAccounts into groups. */
function groupsOf(account: string): readonly string[] {
  const [, , namespace = ''] = account.split(':');
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

async function callerOf(cluster: Connection, turns: Turns): Promise<string> {
  const name = await turns.take(async (signal) => {
    try {
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      const answer = await cluster.api.call({ method: 'POST', path, body }, signal);
      return member(member(member(answer)['status'])['userInfo'])['username'];
    } catch {
      // It is only a name.
      return undefined;
    }
  });
  return typeof name === 'string' ? name : 'of this kubeconfig';
}

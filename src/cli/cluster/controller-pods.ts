import type { Query } from '../../hosts/kubernetes/api.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { askBy, type Exchange } from '../control/http-client.ts';
import { CONTROL_PATH, ControlError } from '../control/protocol.ts';
import type { Connection } from './connection.ts';

/** A controller that leads, or why there is none to be asked. */
export type Found = { readonly exchange: Exchange; readonly namespaces?: readonly string[] } | { readonly why: string };

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly serviceAccount: string;
  readonly args: readonly string[];
  /** Values that stand in the Pod itself. */
  readonly environment: ReadonlyMap<string, string>;
}

/** The value of a flag, as the manifests write it: `--name=value`. */
export const flagOf = ({ args }: Pod, name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);

/** As the manifests label its Pods, wherever they are installed. */
const LABELS = 'app.kubernetes.io/name=agora-reconciler,app.kubernetes.io/component=controller';
/** Where the manifests install it; looked at where not all namespaces may be. */
export const HOME = 'agora-reconciler';
const HEALTH_PORT = 8081;
const PROXY_DEADLINE_MS = 15_000;

/** The leader among the controller's Pods that watches the namespace (undefined: all), through the API server's Pod proxy. */
export async function findController(
  cluster: Connection,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const pods = await podsOf(cluster, namespace);
  return typeof pods === 'string' ? { why: pods } : leaderAmong(pods, { cluster, namespace, signal });
}

/** As `findController`, with the namespaces that the one who answers watches (absent: all). */
export async function leaderAmong(
  pods: readonly Pod[],
  {
    cluster,
    namespace,
    signal,
  }: { readonly cluster: Connection; readonly namespace: string | undefined; readonly signal: AbortSignal },
): Promise<Found> {
  let why = 'no Pod of a controller runs';
  for (const pod of pods) {
    const exchange = throughProxy(cluster, pod);
    try {
      const { namespaces } = await askBy(exchange, { ask: 'stats', request: {} }, signal);
      if (namespaces === undefined) return { exchange };
      if (namespace !== undefined && namespaces.includes(namespace)) return { exchange, namespaces };
      why = `the controller in ${pod.namespace} watches other namespaces only`;
    } catch (error) {
      if (error instanceof ControlError) why = error.code === 'standby' ? 'no replica leads' : error.message;
      else if (error instanceof ApiError) why = `Pod ${pod.namespace}/${pod.name} cannot be asked (${error.status})`;
      else throw error;
    }
  }
  return { why };
}

/** Running Pods of controllers; a text says why there are none to be seen. */
export async function podsOf(cluster: Connection, namespace: string | undefined): Promise<readonly Pod[] | string> {
  const everywhere = await list(cluster, '/api/v1/pods');
  if (everywhere !== undefined) return everywhere;
  const places = [...new Set([HOME, ...(namespace === undefined ? [] : [namespace])])];
  const found: Pod[] = [];
  let denied = 0;
  for (const place of places) {
    const pods = await list(cluster, `/api/v1/namespaces/${place}/pods`);
    if (pods === undefined) denied += 1;
    else found.push(...pods);
  }
  return denied === places.length ? 'you may not list Pods' : found;
}

/** Undefined where that is forbidden. */
async function list(cluster: Connection, path: string): Promise<readonly Pod[] | undefined> {
  const query: Query = { labelSelector: LABELS, limit: '50' };
  try {
    const { items } = member(await cluster.call({ method: 'GET', path, query }));
    return (Array.isArray(items) ? items : []).flatMap(podOf);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function podOf(item: unknown): readonly Pod[] {
  const { metadata, spec, status } = member(item);
  const { namespace, name, deletionTimestamp } = member(metadata);
  if (typeof namespace !== 'string' || typeof name !== 'string' || deletionTimestamp !== undefined) return [];
  if (member(status)['phase'] !== 'Running') return [];
  const { containers, serviceAccountName } = member(spec);
  const all = arrayOf(containers).map(member);
  const ports = all.flatMap(({ ports: declared }) => arrayOf(declared).map(member));
  const health = ports.find((port) => port['name'] === 'health')?.['containerPort'];
  return [
    {
      namespace,
      name,
      port: typeof health === 'number' ? health : HEALTH_PORT,
      serviceAccount: typeof serviceAccountName === 'string' ? serviceAccountName : 'default',
      args: all.flatMap(({ args }) => arrayOf(args).map(String)),
      environment: new Map(all.flatMap(({ env }) => arrayOf(env).flatMap(variableOf))),
    },
  ];
}

/** One whose value stands in the Pod; not of a Secret, a ConfigMap or the Pod's own fields. */
function variableOf(variable: unknown): readonly (readonly [string, string])[] {
  const { name, value } = member(variable);
  return typeof name === 'string' && typeof value === 'string' ? [[name, value]] : [];
}

const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const throughProxy =
  (cluster: Connection, { namespace, name, port }: Pod): Exchange =>
  async (request) => {
    const answer = await cluster.call({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/http:${name}:${port}/proxy${CONTROL_PATH}`,
      body: JSON.parse(request),
      deadlineMs: PROXY_DEADLINE_MS,
    });
    return JSON.stringify(answer);
  };

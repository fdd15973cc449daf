import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource, StatusBase } from '../../src/core/resource.ts';
import { PLURALS } from '../../src/hosts/kubernetes/kinds.ts';
import { type TaskStatus, tasksOf } from '../../src/kinds/task.ts';
import type { Audit } from '../../src/simulator/audit.ts';
import { Child, scratch } from '../cli/child.ts';
import { kubectl } from './api-client.ts';
import type { Cluster } from './cluster.ts';

/** One namespace of a cluster with a simulated cloud of its own, and controllers that work for it as child processes. */
export interface Rehearsal {
  readonly namespace: string;
  /** Adds one more replica, and resolves when its health server listens. */
  controller(): Promise<Replica>;
  kubectl(...args: readonly string[]): Promise<string>;
  list(kind: Resource['kind']): Promise<readonly Listed[]>;
  get(kind: Resource['kind'], name: string): Promise<Listed>;
  /** As in a file of faults. */
  fault(rule: object): Promise<void>;
  /** What the cloud saw; `listed`: compared with what the statuses list. */
  audit(): Promise<Audit>;
}

export type Listed = Resource<Record<string, unknown>, StatusBase & TaskStatus>;

export interface Replica {
  readonly child: Child;
  /** Of its health server. */
  readonly address: string;
}

export async function rehearse(cluster: Cluster, namespace: string, speed: number): Promise<Rehearsal> {
  await cluster.namespace(namespace);
  const cloud = new Child(['simulate', '--port', '0', '--speed', String(speed)]);
  const [, endpoint = ''] = await cloud.says(/simulated Agora cloud: (http:\S+)/);
  const { server, client } = cluster;
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(server, ['-n', namespace, ...args]);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const list = async (kind: Resource['kind']): Promise<readonly Listed[]> => {
    const path = `/apis/agora-reconciler.dev/v1alpha1/namespaces/${namespace}/${PLURALS[kind]}`;
    const { body } = await client.call('GET', path);
    return ((body['items'] ?? []) as readonly Listed[]).map((item) => ({ ...item, kind }));
  };
  return {
    namespace,
    kubectl: run,
    list,
    async get(kind, name) {
      const { status, body } = await cluster.read(`${kind}/${namespace}/${name}`);
      if (status !== 200) throw new Error(`${kind} ${name}: ${status}`);
      return body as unknown as Listed;
    },
    async controller() {
      const flags = ['--watch-namespaces', namespace, '--leader-elect', '--leader-election-namespace', namespace];
      const addresses = ['--metrics-bind-address', '0', '--health-probe-bind-address', '127.0.0.1:0'];
      const to = ['--kubeconfig', server.kubeconfig, '--endpoint', endpoint];
      const child = new Child(['controller', ...flags, ...addresses, ...to]);
      const [, port = ''] = await child.says(/controlling .*health=(\d+)/);
      return { child, address: `127.0.0.1:${port}` };
    },
    async fault(rule) {
      const body = JSON.stringify({ faults: [rule] });
      const { status } = await fetch(`${endpoint}/_simulator/faults`, { method: 'POST', body });
      if (status !== 201) throw new Error(`the fault was refused: ${status}`);
    },
    async audit() {
      const kinds = ['WebPageRecording', 'RtmpConverter'] as const;
      const listed = (await Promise.all(kinds.map(list))).flat().flatMap(idsOf);
      const answer = await fetch(`${endpoint}/_simulator/audit`, { method: 'POST', body: JSON.stringify({ listed }) });
      return (await answer.json()) as Audit;
    },
  };
}

export const idsOf = ({ status }: Listed): readonly string[] =>
  tasksOf(status).flatMap((task) =>
    Object.entries(task).flatMap(([field, id]) => (IDS.has(field) ? [String(id)] : [])),
  );

const IDS: ReadonlySet<string> = new Set(['sid', 'converterId']);

export const readyOf = ({ status }: Listed): string => {
  const ready = status?.conditions.find(({ type }) => type === 'Ready');
  return `${ready?.status ?? 'Unknown'} ${ready?.reason ?? ''}`;
};

/** A copy of the quickstart manifests for a namespace of their own. */
export async function quickstartIn(namespace: string): Promise<string> {
  const directory = join(await scratch(), 'quickstart');
  await cp(new URL('../../examples/quickstart', import.meta.url), directory, { recursive: true });
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'utf8');
    await writeFile(join(directory, name), text.replaceAll('namespace: media', `namespace: ${namespace}`));
  }
  return directory;
}

/** Polls until it is so; the last look is told where it never was. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value>,
  isSo: (seen: Value) => boolean,
  { withinMs = 30_000 }: { readonly withinMs?: number } = {},
): Promise<Value> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (performance.now() > end) throw new Error(`not ${what} within ${withinMs} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

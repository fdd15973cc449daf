import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from '../../src/core/resource.ts';
import { PLURALS } from '../../src/hosts/kubernetes/kinds.ts';
import type { Audit } from '../../src/simulator/audit.ts';
import { Child, scratch } from '../cli/child.ts';
import { kubectl } from './api-client.ts';
import type { Cluster } from './cluster.ts';
import { idsIn, type Listed } from './listed.ts';

/** One namespace of a cluster with a simulated cloud of its own, and controllers that work for it as child processes. */
export interface Rehearsal {
  /** Of the simulated cloud. */
  readonly endpoint: string;
  readonly namespace: string;
  /** Adds one more replica, and resolves when its health server listens. */
  controller(...flags: readonly string[]): Promise<Replica>;
  kubectl(...args: readonly string[]): Promise<string>;
  list(kind: Resource['kind']): Promise<readonly Listed[]>;
  get(kind: Resource['kind'], name: string): Promise<Listed>;
  /** As in a file of faults. */
  fault(rule: object): Promise<void>;
  /** Has the cloud notify this address of what happens under an App ID; resolves with the answers to its test events. */
  subscribe(subscription: Subscription): Promise<TestAnswers>;
  /** What the cloud saw; `listed`: compared with what the statuses list. */
  audit(): Promise<Audit>;
}

export interface Subscription {
  readonly appId: string;
  readonly url: string;
  readonly recordingSecret: string;
  readonly mediaPushSecret: string;
}

export type TestAnswers = readonly { readonly status: number | 'none' }[];

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
  const ask = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${endpoint}/_simulator/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} was refused: ${answer.status}`);
    return answer.json();
  };
  return {
    namespace,
    endpoint,
    kubectl: run,
    list,
    async get(kind, name) {
      const { status, body } = await cluster.read(`${kind}/${namespace}/${name}`);
      if (status !== 200) throw new Error(`${kind} ${name}: ${status}`);
      return body as unknown as Listed;
    },
    async controller(...more) {
      const flags = ['--watch-namespaces', namespace, '--leader-elect', '--leader-election-namespace', namespace];
      const addresses = ['--metrics-bind-address', '0', '--health-probe-bind-address', '127.0.0.1:0'];
      const to = ['--kubeconfig', server.kubeconfig, '--endpoint', endpoint];
      const child = new Child(['controller', ...flags, ...addresses, ...to, ...more]);
      const [, port = ''] = await child.says(/controlling .*health=(\d+)/);
      return { child, address: `127.0.0.1:${port}` };
    },
    async fault(rule) {
      await ask('faults', { faults: [rule] });
    },
    async subscribe(subscription) {
      await ask('notifications', subscription);
      const { appId } = subscription;
      const { results } = (await ask('notifications/test', { appId })) as { readonly results: TestAnswers };
      return results;
    },
    async audit() {
      const kinds = ['WebPageRecording', 'RtmpConverter'] as const;
      const listed = (await Promise.all(kinds.map(list))).flat().flatMap(idsIn);
      return (await ask('audit', { listed })) as Audit;
    },
  };
}

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

/**
 * The baseline, in a process of its own: what one would write with @kubernetes/client-node and care. Its informer, one
 * dispatcher for all requests (by itself it makes a connection for each), p-queue, one call and one status write each.
 */
import { CustomObjectsApi, KubeConfig, makeInformer } from '@kubernetes/client-node';
import PQueue from 'p-queue';
import { Agent, request } from 'undici';
import { finished, optionsOf } from './contender.ts';
import { readyStatus } from './ready-status.ts';

interface Item {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
    readonly resourceVersion: string;
  };
  readonly spec: unknown;
  readonly status?: { readonly observedGeneration?: number };
}

const { kubeconfig, namespace, endpoint, count, workers } = optionsOf(process.argv);
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const cluster = config.getCurrentCluster();
const user = config.getCurrentUser();
const decode = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64');
const toServer = new Agent({
  connect: { ca: decode(cluster?.caData), cert: decode(user?.certData), key: decode(user?.keyData) },
  bodyTimeout: 0,
});
Reflect.set(config, 'createDispatcher', () => toServer);
const toCloud = new Agent();
const api = config.makeApiClient(CustomObjectsApi);
const [group, version, plural] = ['agora-reconciler.dev', 'v1alpha1', 'rtmpconverters'];

const queue = new PQueue({ concurrency: workers });
const inHand = new Set<string>();
let written = 0;

const informer = makeInformer<Item>(config, `/apis/${group}/${version}/namespaces/${namespace}/${plural}`, () =>
  api.listNamespacedCustomObject({ group, version, namespace, plural }),
);
for (const verb of ['add', 'update'] as const) informer.on(verb, look);
informer.on('error', (error: unknown) => {
  throw error;
});
await informer.start();

function look(item: Item): void {
  const { name, generation } = item.metadata;
  if (item.status?.observedGeneration === generation || inHand.has(name)) return;
  inHand.add(name);
  void queue.add(() => handle(item));
}

async function handle(item: Item): Promise<void> {
  const { name, generation } = item.metadata;
  const answer = await request(`${endpoint}/eu/v1/projects/bench/rtmp-converters`, {
    dispatcher: toCloud,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ converter: { name } }),
  });
  const { converter } = (await answer.body.json()) as { readonly converter: { readonly id: string } };
  const body = { ...item, status: readyStatus(generation, converter.id) };
  await api.replaceNamespacedCustomObjectStatus({ group, version, namespace, plural, name, body });
  inHand.delete(name);
  written += 1;
  if (written === count) finished({ status: written, mostStatus: 1, finalizer: 0 });
}

process.on('disconnect', () => process.exit());

/**
 * The least that any controller has to ask for, in a process of its own: one list, then a call and a status write for each
 * resource, all as cheaply as we know how. It watches nothing and knows no failure; what it takes is the floor for all others.
 */
import { createTransport } from '../../../src/agora/transport.ts';
import { realClock } from '../../../src/engine/clock.ts';
import { openAccess } from '../../../src/hosts/kubernetes/access.ts';
import { createApi } from '../../../src/hosts/kubernetes/api.ts';
import { collectionPath, objectPath } from '../../../src/hosts/kubernetes/kinds.ts';
import { listInPages } from '../../../src/hosts/kubernetes/paged-list.ts';
import { keptOf } from '../../../src/hosts/kubernetes/slim.ts';
import { finished, optionsOf } from './contender.ts';
import { readyStatus } from './ready-status.ts';

const KIND = 'RtmpConverter';

const { kubeconfig, namespace, endpoint, workers } = optionsOf(process.argv);
const clock = realClock();
const access = await openAccess({ clock, kubeconfig, environment: {} });
const api = createApi({ access, clock, userAgent: 'bench' });
const cloud = createTransport();
const { signal } = new AbortController();
process.on('disconnect', () => process.exit());

const { items } = await listInPages(
  api,
  { path: collectionPath(KIND, namespace), query: {}, read: (object: unknown) => keptOf(KIND, object)?.resource },
  signal,
);
const left = [...items];
const hands = Array.from({ length: workers }, async () => {
  for (let next = left.pop(); next !== undefined; next = left.pop()) await handle(next);
});
await Promise.all(hands);
finished({ status: items.length, mostStatus: 1, finalizer: 0 });

async function handle({ apiVersion, kind, metadata }: (typeof items)[number]): Promise<void> {
  const { name, uid, generation, resourceVersion } = metadata;
  const answer = await cloud.send(
    {
      method: 'POST',
      url: `${endpoint}/eu/v1/projects/bench/rtmp-converters`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ converter: { name } }),
    },
    signal,
  );
  const { converter } = JSON.parse(answer.body) as { readonly converter: { readonly id: string } };
  await api.call(
    {
      method: 'PUT',
      path: `${objectPath(KIND, namespace, name)}/status`,
      body: {
        apiVersion,
        kind,
        metadata: { namespace, name, uid, resourceVersion },
        status: readyStatus(generation, converter.id),
      },
      wanted: 'metadata',
    },
    signal,
  );
}

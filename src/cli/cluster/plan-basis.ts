import { deletionRequested, type Key, KIND_NAMES, keyOf, type Resource } from '../../core/resource.ts';
import type { Declared } from '../../hosts/declared.ts';
import { ApiError } from '../../hosts/kubernetes/api-error.ts';
import { amended, born } from '../../hosts/lifecycle.ts';
import type { Intake } from '../../plan/judge.ts';
import { exchangeWith } from '../control/address.ts';
import { askBy } from '../control/http-client.ts';
import { ControlError, type PlanMemory } from '../control/protocol.ts';
import { CommandError, type Io, print } from '../io.ts';
import { counted } from '../output/text.ts';
import type { PlanBasis } from '../plan-basis.ts';
import type { IntakeSources, Intakes } from '../plan-intakes.ts';
import { controlFailure } from '../source-error.ts';
import type { WhereFlags } from '../where.ts';
import { type Connection, connect } from './connection.ts';
import { type Found, findController } from './controller-pods.ts';
import { listObjects } from './objects.ts';
import { secretsOf } from './secret-values.ts';

/** The resources of a cluster, and what the controller that leads there remembers. */
export async function clusterBasis(flags: WhereFlags & { readonly namespace?: string }, io: Io): Promise<PlanBasis> {
  const cluster = await connect(flags, io);
  const notes: string[] = [];
  const namespace = flags.namespace ?? cluster.namespace;
  const resources = await visible(cluster, namespace, notes);
  const records = new Map<Key, { readonly resource: Resource }>(
    resources.map((resource) => [keyOf(resource), { resource }]),
  );
  const memory = await memoryOf(cluster, { namespace, address: flags.address }, io);
  return {
    comparedWith: memory === undefined ? 'state' : 'controller',
    records,
    memory,
    stateDirectory: undefined,
    namespace,
    environment: {},
    intakes: (sources) => applied(sources, records),
    async secrets(intakes) {
      const { secrets, denied } = await secretsOf(cluster, intakes);
      if (denied.size > 0)
        notes.push(`You may not read ${[...denied].join(', ')}: what comes from there is not compared.`);
      return secrets;
    },
    notes: ({ aside }) => (aside === 0 ? notes : [...notes, asideText(aside)]),
    close: () => cluster.close(),
  };
}

const asideText = (aside: number): string =>
  `${counted(aside, 'resource')} of the cluster ${aside === 1 ? 'is' : 'are'} in none of the files that were named, and left aside: kubectl apply removes nothing.`;

/** All that the user may see: what others hold counts in limits. */
export async function visible(cluster: Connection, namespace: string, notes: string[]): Promise<readonly Resource[]> {
  try {
    return (await Promise.all(KIND_NAMES.map((kind) => listObjects(cluster, { kind })))).flat();
  } catch (error) {
    const isForbidden = error instanceof CommandError && error.cause instanceof ApiError && error.cause.status === 403;
    if (!isForbidden) throw error;
    notes.push(`You may list namespace ${namespace} only: slots that other namespaces hold are not counted.`);
    return (await Promise.all(KIND_NAMES.map((kind) => listObjects(cluster, { kind, namespace })))).flat();
  }
}

async function memoryOf(
  cluster: Connection,
  { namespace, address }: { readonly namespace: string; readonly address: string | undefined },
  io: Io,
): Promise<PlanMemory | undefined> {
  const found: Found =
    address === undefined
      ? await findController(cluster, namespace, io.signal)
      : { exchange: exchangeWith(address, io) };
  if ('exchange' in found) {
    try {
      return await askBy(found.exchange, { ask: 'plan', request: {} }, io.signal);
    } catch (error) {
      throw error instanceof ControlError ? controlFailure(error) : error;
    }
  }
  print(io.stderr, `no controller answered (${found.why}): queues and limits are reckoned from what was written`);
  return undefined;
}

/** What `kubectl apply` would make of each resource: it removes none, and brings none back that is being deleted. */
export function applied(
  { declared, now }: Omit<IntakeSources, 'records'>,
  records: ReadonlyMap<Key, { readonly resource: Resource }>,
): Intakes {
  const intakes: Intake[] = [...declared].map(([key, one]) => {
    const before = records.get(key)?.resource;
    const after = before === undefined ? born(one, { uid: `planned:${key}`, now }) : amended(before, kept(before, one));
    return { before, after, anew: false };
  });
  const others = [...records.values()].filter(({ resource }) => !declared.has(keyOf(resource)));
  return {
    intakes: [...intakes, ...others.map(({ resource }) => untouched(resource))],
    aside: others.filter(({ resource }) => !deletionRequested(resource)).length,
    held: false,
  };
}

/** Labels and annotations that the manifest does not name stay. */
const kept = ({ metadata: { labels, annotations } }: Resource, declared: Declared): Declared => ({
  ...declared,
  labels: { ...labels, ...declared.labels },
  annotations: { ...annotations, ...declared.annotations },
});

const untouched = (resource: Resource): Intake =>
  deletionRequested(resource)
    ? { before: resource, after: resource, anew: false }
    : { before: resource, after: resource, anew: false, aside: true };

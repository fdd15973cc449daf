import { deletionRequested, type Key, KIND_NAMES, keyOf, makeKey, type Resource } from '../../core/resource.ts';
import { Secret } from '../../core/secret.ts';
import type { Declared, DeclaredSecret } from '../../hosts/declared.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { secretsPath } from '../../hosts/kubernetes/kinds.ts';
import { amended, born } from '../../hosts/lifecycle.ts';
import { secretNames } from '../../hosts/references.ts';
import type { Intake } from '../../plan/plan.ts';
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
    secrets: (intakes) => secretsOf(cluster, intakes, notes),
    notes: ({ aside }) => (aside === 0 ? notes : [...notes, asideText(aside)]),
    close: () => cluster.close(),
  };
}

const asideText = (aside: number): string =>
  `${counted(aside, 'resource')} of the cluster ${aside === 1 ? 'is' : 'are'} in none of the files that were named, and left aside: kubectl apply removes nothing.`;

/** All that the user may see: what others hold counts in limits. */
async function visible(cluster: Connection, namespace: string, notes: string[]): Promise<readonly Resource[]> {
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
function applied(
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

/** Those that what is planned names, and no other. Values that may not be read are not compared. */
async function secretsOf(
  cluster: Connection,
  intakes: readonly Intake[],
  notes: string[],
): Promise<readonly DeclaredSecret[]> {
  const all = new Map<Key, Resource>(intakes.map(({ after }) => [keyOf(after), after]));
  const wanted = new Map<string, { readonly namespace: string; readonly name: string }>();
  for (const { after, aside } of intakes) {
    if (aside === true) continue;
    const { namespace } = after.metadata;
    const { projectRef } = after.spec as { readonly projectRef?: { readonly name: string } };
    const project = projectRef === undefined ? undefined : all.get(makeKey('AgoraProject', namespace, projectRef.name));
    for (const name of [...secretNames(after.spec), ...secretNames(project?.spec)])
      wanted.set(`${namespace}/${name}`, { namespace, name });
  }
  const secrets: DeclaredSecret[] = [];
  const denied: string[] = [];
  for (const [id, one] of wanted) {
    const found = await secretOf(cluster, one);
    if (found === 'denied') denied.push(id);
    else if (found !== undefined) secrets.push(found);
  }
  if (denied.length > 0) notes.push(`You may not read ${denied.join(', ')}: what comes from there is not compared.`);
  return secrets;
}

async function secretOf(
  cluster: Connection,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<DeclaredSecret | 'denied' | undefined> {
  try {
    const path = `${secretsPath(namespace)}/${encodeURIComponent(name)}`;
    const { data } = member(await cluster.call({ method: 'GET', path }));
    const values = Object.entries(member(data)).map(([key, value]) => [
      key,
      new Secret(Buffer.from(String(value), 'base64').toString('utf8')),
    ]);
    return { namespace, name, values: Object.fromEntries(values) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.status === 404 ? undefined : 'denied';
  }
}

import { API_VERSION, KIND_NAMES, keyOf, type Resource } from '../../core/resource.ts';
import { ApiError } from '../../hosts/kubernetes/api-error.ts';
import {
  declarationsOf,
  declaredIn,
  inNamespace,
  manifestFacts,
  resolverOf,
  type SubjectOptions,
  type Subjects,
} from '../doctor-subjects.ts';
import { CommandError, type Io } from '../io.ts';
import { readPaths } from '../manifest-paths.ts';
import { type ClusterFlags, type Connection, connect, refusalText } from './connection.ts';
import { flagOf, type Pod, podsOf } from './controller-pods.ts';
import { clusterFacts } from './doctor-facts.ts';
import { applied, visible } from './plan-basis.ts';
import { secretsOf } from './secret-values.ts';

type Options = ClusterFlags & SubjectOptions & { readonly allNamespaces?: boolean };

/** The resources of a cluster, or manifests beside what the cluster knows of their tasks; and the cluster itself. */
export async function clusterSubjects(options: Options, io: Io): Promise<Subjects> {
  const cluster = await connect(options, io);
  try {
    return await subjectsIn(cluster, options);
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function subjectsIn(cluster: Connection, options: Options): Promise<Subjects> {
  const { filename, allNamespaces = false } = options;
  const now = Date.now();
  const home = options.namespace ?? cluster.namespace;
  const namespace = allNamespaces ? undefined : home;
  // Without the definitions there is nothing to list, and that is a finding.
  const notes: string[] = [];
  const known = (await knowsKinds(cluster)) ? await visible(cluster, home, notes) : [];
  const records = new Map(known.map((resource) => [keyOf(resource), { resource }]));
  const read =
    filename === undefined
      ? undefined
      : await readPaths(filename, { namespace: home, old: (key) => records.get(key)?.resource, now: () => now });
  const taken =
    read === undefined
      ? { resources: inNamespace(known, namespace), visible: known }
      : declaredIn(
          applied({ declared: declarationsOf(read), files: read.files, whole: read.whole, now }, records).intakes,
          read,
        );
  const resources =
    read === undefined || options.namespace === undefined ? taken.resources : inNamespace(taken.resources, home);
  const values = await secretsOf(cluster, asIntakes(resources, taken.visible));
  const declared = read === undefined ? [] : [...read.manifests.secrets.values()].map(({ value }) => value);
  const resolved = resolverOf(taken.visible, { secrets: declared, remembered: values.secrets, environment: {}, now });
  const pods = await podsOf(cluster, namespace);
  const publicUrl = typeof pods === 'object' ? publicUrlOf(pods) : undefined;
  return {
    resources,
    visible: taken.visible,
    // A note says that others may not be listed.
    statuses: notes.length === 0 ? 'cluster' : 'namespace',
    secret: (where, name, key) =>
      resolved.secret(where, name, key) ?? (values.denied.has(`${where}/${name}`) ? 'unreadable' : undefined),
    limitsFor: resolved.limitsFor,
    ...(read === undefined ? {} : { manifests: manifestFacts(read) }),
    cluster: (turns) => clusterFacts(cluster, { namespace, resources, pods }, turns),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    close: () => cluster.close(),
  };
}

/** What the controller was told of its own address, so that nobody has to repeat it. */
export function publicUrlOf(pods: readonly Pod[]): string | undefined {
  const [text] = pods.flatMap(
    (pod) => flagOf(pod, 'public-url') ?? pod.environment.get('AGORA_RECONCILER_PUBLIC_URL') ?? [],
  );
  return text !== undefined && URL.canParse(text) ? text : undefined;
}

function asIntakes(
  resources: readonly Resource[],
  all: readonly Resource[],
): readonly { readonly after: Resource; readonly aside?: true }[] {
  const examined = new Set(resources.map(keyOf));
  return all.map((after) => (examined.has(keyOf(after)) ? { after } : { after, aside: true }));
}

async function knowsKinds(cluster: Connection): Promise<boolean> {
  try {
    const { resources } = (await cluster.call({ method: 'GET', path: `/apis/${API_VERSION}` })) as {
      readonly resources?: readonly { readonly kind?: string }[];
    };
    return KIND_NAMES.every((kind) => resources?.some((each) => each.kind === kind) === true);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return false;
    throw new CommandError(refusalText(error), { cause: error });
  }
}

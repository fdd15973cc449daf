/*
 * suspend | resume | reconcile  KIND/NAME… | KIND -l SELECTOR | KIND --all   [-n NS | -A] [--kubeconfig F] [--context C]
 */
import {
  API_GROUP,
  type KindName,
  keyOf,
  RECONCILE_REQUESTED_AT,
  type Resource,
  splitKey,
} from '../../core/resource.ts';
import { timestamp } from '../../core/time.ts';
import { ApiError } from '../../hosts/kubernetes/api-error.ts';
import { objectPath } from '../../hosts/kubernetes/kinds.ts';
import { keptOf } from '../../hosts/kubernetes/slim.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { CommandError, EXIT, type Io, print } from '../io.ts';
import { kindsNamed, resourceNamed } from '../kind-names.ts';
import { CLI_FIELD_MANAGER, type ClusterFlags, type Connection, connect, refusalText } from './connection.ts';
import { listObjects } from './objects.ts';

export type Change = 'suspend' | 'resume' | 'reconcile';

export interface ChangeOptions extends ClusterFlags {
  readonly change: Change;
  /** `KIND/NAME` each, or kinds together with `selector` or `all`. */
  readonly resources: readonly string[];
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly all?: boolean;
}

interface Target {
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
}

const DONE: Readonly<Record<Change, string>> = {
  suspend: 'suspended',
  resume: 'resumed',
  reconcile: 'reconcile requested',
};

/** Patches one field of each resource that is meant, and says so; the controller does the rest. */
export async function changeCommand(options: ChangeOptions, io: Io): Promise<number> {
  const wanted = checked(options);
  const cluster = await connect(options, io);
  try {
    const targets = 'named' in wanted ? wanted.named : await selected(cluster, options);
    if (targets.length === 0) print(io.stderr, 'there are no resources');
    let exitCode: number = EXIT_CODES[options.change].done.code;
    for (const target of targets) {
      const place = { ...target, namespace: target.namespace ?? options.namespace ?? cluster.namespace };
      const changed = await patch(cluster, place, options.change);
      if (changed === undefined) {
        print(io.stderr, `there is no ${place.kind} ${place.namespace}/${place.name}`);
        exitCode = EXIT_CODES[options.change].notFound.code;
        continue;
      }
      print(io.stdout, `${place.kind.toLowerCase()}.${API_GROUP}/${place.name} ${DONE[options.change]}`);
      if (options.change === 'reconcile' && isSuspended(changed))
        print(io.stderr, `${place.kind} ${place.name} is suspended: nothing is called until it is resumed`);
    }
    return exitCode;
  } finally {
    await cluster.close();
  }
}

type Named = Omit<Target, 'namespace'> & { readonly namespace?: string };

function checked({
  resources,
  namespace,
  selector,
  all = false,
  allNamespaces = false,
}: ChangeOptions): { readonly named: readonly Named[] } | { readonly kinds: readonly KindName[] } {
  const areNames = resources.every((text) => text.includes('/'));
  const isSelecting = all || selector !== undefined;
  const usage = (message: string): CommandError => new CommandError(message, { exitCode: EXIT.usage });
  if (areNames && (isSelecting || allNamespaces)) throw usage('-A, -l and --all select; leave the names away');
  if (areNames) return { named: resources.map((text) => resourceNamed(text, namespace)) };
  if (!isSelecting) throw usage('name resources as KIND/NAME, or select with -l or --all');
  return { kinds: kindsNamed(resources.join(',')) };
}

async function selected(cluster: Connection, options: ChangeOptions): Promise<readonly Target[]> {
  const { namespace = cluster.namespace, allNamespaces, selector, resources } = options;
  const lists = await Promise.all(
    kindsNamed(resources.join(',')).map((kind) =>
      listObjects(cluster, {
        kind,
        ...(allNamespaces === true ? {} : { namespace }),
        ...(selector === undefined ? {} : { selector }),
      }),
    ),
  );
  return lists.flat().map((resource) => splitKey(keyOf(resource)));
}

/** The resource as it is now; undefined where there is none. */
async function patch(
  cluster: Connection,
  { kind, namespace, name }: Target,
  change: Change,
): Promise<Resource | undefined> {
  try {
    const answer = await cluster.call({
      method: 'PATCH',
      path: objectPath(kind, namespace, name),
      query: { fieldManager: CLI_FIELD_MANAGER },
      type: 'application/merge-patch+json',
      body:
        change === 'reconcile'
          ? { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: timestamp(Date.now()) } } }
          : { spec: { suspend: change === 'suspend' } },
    });
    return keptOf(kind, answer)?.resource;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return undefined;
    throw new CommandError(refusalText(error), { cause: error });
  }
}

const isSuspended = ({ spec }: Resource): boolean => (spec as { readonly suspend?: boolean }).suspend === true;

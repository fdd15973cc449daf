/*
 * get [KIND [NAME]] [-n NS | -A] [-l SELECTOR] [-o wide|json|yaml] [--state D | --context C]
 *
 *   -n, --namespace <name>    only this namespace
 *   -A, --all-namespaces      every namespace (the default for files; shows the column always)
 *   -o, --output <format>     wide, json, yaml
 *   --state <dir>, or --kubeconfig, --context, --address of a cluster
 */
import type { KindName, Resource } from '../core/resource.ts';
import { instant } from '../core/time.ts';
import { rowOf } from '../plan/row.ts';
import type { Source } from './answering.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, type Io, print } from './io.ts';
import { kindsNamed, resourceNamed, SHORT_NAMES } from './kind-names.ts';
import { span } from './output/age.ts';
import { CLI_API_VERSION, jsonDocument } from './output/json.ts';
import { createPaint, type Paint } from './output/paint.ts';
import { type Column, table } from './output/table.ts';
import { withSource } from './source.ts';
import type { WhereFlags } from './where.ts';

export interface GetOptions extends WhereFlags {
  /** `KIND`, `KIND/NAME`, several with commas; absent: all. */
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly output?: 'wide' | 'json' | 'yaml';
}

/** Lists resources and how they fare, as `kubectl get` does. */
export async function getCommand(options: GetOptions, io: Io): Promise<number> {
  return withSource(options, io, (source) => getFrom(source, options, io));
}

async function getFrom(source: Source, options: GetOptions, io: Io): Promise<number> {
  const { kinds, name, namespace: within } = wanted(options);
  const namespace = options.allNamespaces === true ? undefined : (within ?? options.namespace ?? source.namespace);
  const { selector } = options;
  const listed = await source.list({
    kinds,
    ...(selector === undefined ? {} : { selector }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  });
  const { resources } = listed;
  if (options.output === 'json') {
    io.stdout.write(jsonDocument('ResourceList', { at: listed.at, items: resources }));
  } else if (options.output === 'yaml') {
    const { stringify } = await import('yaml');
    io.stdout.write(stringify({ apiVersion: CLI_API_VERSION, kind: 'ResourceList', at: listed.at, items: resources }));
  } else {
    print(io.stdout, ...tables(listed.at, resources, { kinds, options, io }));
  }
  if (resources.length > 0) return EXIT_CODES.get.shown.code;
  if (name !== undefined)
    throw new CommandError(`there is no ${kinds.join(' or ')} ${name}`, { exitCode: EXIT_CODES.get.notFound.code });
  print(io.stderr, 'there are no resources');
  return EXIT_CODES.get.shown.code;
}

function wanted({ kind, name, namespace }: GetOptions): {
  readonly kinds: readonly KindName[];
  readonly name?: string;
  readonly namespace?: string;
} {
  if (kind?.includes('/') !== true) return { kinds: kindsNamed(kind), ...(name === undefined ? {} : { name }) };
  const named = resourceNamed(kind, namespace);
  const { namespace: within } = named;
  return { kinds: [named.kind], name: named.name, ...(within === undefined ? {} : { namespace: within }) };
}

interface Style {
  readonly kinds: readonly KindName[];
  readonly options: GetOptions;
  readonly io: Io;
}

/** One table a kind, with an empty line between them. */
function tables(at: string, resources: readonly Resource[], style: Style): readonly string[] {
  const { kinds, options, io } = style;
  const namespaces = new Set(resources.map(({ metadata }) => metadata.namespace));
  const withNamespace = options.allNamespaces === true || namespaces.size > 1;
  const present = kinds.filter((kind) => resources.some((resource) => resource.kind === kind));
  const paint = createPaint(io);
  return present.flatMap((kind, index) => {
    const own = resources.filter((resource) => resource.kind === kind);
    const lines = tableOf(at, own, {
      kind,
      prefix: present.length > 1 || kinds.length > 1 ? `${SHORT_NAMES[kind]}/` : '',
      withNamespace,
      wide: options.output === 'wide',
      // In a pipe nothing is cut off, since something reads it.
      ...(io.isTTY && options.output !== 'wide' ? { columns: io.columns } : {}),
    });
    return [...(index === 0 ? [] : ['']), ...lines.map((line, row) => coloured(line, own[row - 1], paint))];
  });
}

function tableOf(
  at: string,
  resources: readonly Resource[],
  style: {
    readonly kind: KindName;
    readonly prefix: string;
    readonly withNamespace: boolean;
    readonly wide: boolean;
    readonly columns?: number;
  },
): readonly string[] {
  const { kind, prefix, withNamespace, wide, columns } = style;
  const project = kind === 'AgoraProject';
  const heads: readonly Column[] = [
    ...(withNamespace ? [{ head: 'NAMESPACE', shrinkTo: 8 }] : []),
    { head: 'NAME', shrinkTo: 12 },
    { head: 'READY' },
    { head: 'STATUS', shrinkTo: 12 },
    ...(project ? [{ head: 'LOCATION' }] : ['REGION', 'RES', 'QUEUE', 'RESTARTS'].map((head) => ({ head }))),
    { head: 'AGE' },
    ...(wide ? WIDE[kind].map((head) => ({ head })) : []),
  ];
  const rows = resources.map((resource) => {
    const row = rowOf(resource);
    return [
      ...(withNamespace ? [resource.metadata.namespace] : []),
      `${prefix}${resource.metadata.name}`,
      row.ready,
      row.status,
      row.region,
      ...(project ? [] : [row.class, row.queue, row.restarts]),
      span(instant(at) - instant(row.createdAt)),
      ...(wide ? row.wide.map((handle) => (handle === '' ? '-' : handle)) : []),
    ];
  });
  return table(heads, rows, columns === undefined ? {} : { columns });
}

/** As the CRDs' printer columns of priority 1. */
const WIDE: Readonly<Record<KindName, readonly string[]>> = {
  AgoraProject: ['API', 'APP ID'],
  WebPageRecording: ['SID', 'RESOURCE ID'],
  RtmpConverter: ['NAME AT AGORA', 'CONVERTER ID'],
};

/** A whole line, since a part of it would move the columns. */
function coloured(line: string, resource: Resource | undefined, paint: Paint): string {
  if (resource === undefined) return paint.bold(line);
  const conditions = (resource.status as { readonly conditions?: readonly { type: string }[] } | undefined)?.conditions;
  if (conditions?.some(({ type }) => type === 'Stalled') === true) return paint.bad(line);
  return rowOf(resource).ready === 'True' ? line : paint.warn(line);
}

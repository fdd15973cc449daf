import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** A Kubernetes object; the files are ours, so they are not validated here. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly spec?: { readonly template?: { readonly metadata?: Manifest['metadata'] } };
}

/** The part of kustomize that `manifests/default` needs. Whatever else a file asks for is an error, never ignored. */
interface Kustomization {
  readonly apiVersion: 'kustomize.config.k8s.io/v1beta1';
  readonly kind: 'Kustomization';
  readonly namespace?: string;
  readonly resources: readonly string[];
  readonly labels?: readonly {
    readonly pairs: Readonly<Record<string, string>>;
    readonly includeTemplates?: boolean;
  }[];
  readonly sortOptions?: { readonly order: 'legacy' };
}

const KNOWN: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'namespace', 'resources', 'labels', 'sortOptions']);
const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** What `kubectl kustomize FOLDER` prints, as values. A test compares the two. */
export function renderFolder(folder: string): readonly Manifest[] {
  const name = FILE_NAMES.find((each) => existsSync(join(folder, each)));
  if (name === undefined) throw new Error(`${folder} has no kustomization`);
  const { resources, namespace, labels = [], sortOptions } = kustomization(join(folder, name));
  let manifests = resources.flatMap((resource) => {
    const path = join(folder, resource);
    return statSync(path).isDirectory() ? renderFolder(path) : manifestsOf(path);
  });
  if (namespace !== undefined) manifests = manifests.map((manifest) => inNamespace(manifest, namespace));
  for (const { pairs, includeTemplates = false } of labels)
    manifests = manifests.map((manifest) => labelled(manifest, pairs, { includeTemplates }));
  return sortOptions === undefined ? manifests : legacyOrder(manifests);
}

function kustomization(path: string): Kustomization {
  const value = parse(readFileSync(path, 'utf8')) as Kustomization;
  const unknown = Object.keys(value).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`${path}: ${unknown.join(', ')} is not rendered here`);
  return value;
}

const manifestsOf = (path: string): readonly Manifest[] =>
  parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Manifest);

const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'Namespace',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
]);

function inNamespace(manifest: Manifest, namespace: string): Manifest {
  if (manifest.kind === 'Namespace') return { ...manifest, metadata: { ...manifest.metadata, name: namespace } };
  const metadata = CLUSTER_SCOPED.has(manifest.kind) ? manifest.metadata : { ...manifest.metadata, namespace };
  const subjects = manifest.subjects?.map((subject) => ({ ...subject, namespace }));
  return { ...manifest, metadata, ...(subjects === undefined ? {} : { subjects }) };
}

function labelled(
  manifest: Manifest,
  pairs: Readonly<Record<string, string>>,
  { includeTemplates }: { readonly includeTemplates: boolean },
): Manifest {
  const metadata = { ...manifest.metadata, labels: { ...manifest.metadata.labels, ...pairs } };
  const template = manifest.spec?.template;
  if (!includeTemplates || template?.metadata === undefined) return { ...manifest, metadata };
  const labels = { ...template.metadata.labels, ...pairs };
  const spec = { ...manifest.spec, template: { ...template, metadata: { ...template.metadata, labels } } };
  return { ...manifest, metadata, spec };
}

/** What others depend on goes first; kinds that are not named go in the middle, by name. */
const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];

function legacyOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  const rank = ({ kind }: Manifest): number => (FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length);
  const id = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  return manifests.toSorted((a, b) => rank(a) - rank(b) || (id(a) < id(b) ? -1 : 1));
}

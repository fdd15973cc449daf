import { type Key, makeKey, type Resource } from '../core/resource.ts';
import { tasksOf } from './lifecycle.ts';

/** `namespace/name` of every Secret that a live task needs: those its resource names and those its project names. */
export function neededSecrets(resources: readonly Resource[]): ReadonlySet<string> {
  const byKey = new Map<Key, Resource>(
    resources.map((one) => [makeKey(one.kind, one.metadata.namespace, one.metadata.name), one]),
  );
  const needed = new Set<string>();
  for (const resource of resources) {
    if (tasksOf(resource).length === 0) continue;
    const { namespace } = resource.metadata;
    const project = projectName(resource.spec);
    const owner = project === undefined ? undefined : byKey.get(makeKey('AgoraProject', namespace, project));
    for (const name of [...secretNames(resource.spec), ...secretNames(owner?.spec)]) needed.add(`${namespace}/${name}`);
  }
  return needed;
}

/** Secrets come in by `…SecretRef: {name}` and `…From: {secretKeyRef: {name, key}}` only (design §4). */
export function secretNames(spec: unknown): readonly string[] {
  if (Array.isArray(spec)) return spec.flatMap(secretNames);
  if (typeof spec !== 'object' || spec === null) return [];
  return Object.entries(spec).flatMap(([field, value]) => {
    const name = /secret(Key)?Ref$/i.test(field) ? nameIn(value) : undefined;
    return name === undefined ? secretNames(value) : [name];
  });
}

const projectName = (spec: unknown): string | undefined =>
  typeof spec === 'object' && spec !== null && 'projectRef' in spec ? nameIn(spec.projectRef) : undefined;

const nameIn = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
    ? value.name
    : undefined;

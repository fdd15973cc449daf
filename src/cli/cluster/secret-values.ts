import { type Key, keyOf, makeKey, type Resource } from '../../core/resource.ts';
import { Secret } from '../../core/secret.ts';
import type { DeclaredSecret } from '../../hosts/declared.ts';
import { ApiError, member } from '../../hosts/kubernetes/api-error.ts';
import { secretsPath } from '../../hosts/kubernetes/kinds.ts';
import { secretNames } from '../../hosts/references.ts';
import type { Connection } from './connection.ts';

/** Values that the user may read, and `namespace/name` of Secrets that may not be read. */
export interface SecretValuesRead {
  readonly secrets: readonly DeclaredSecret[];
  readonly denied: ReadonlySet<string>;
}

/** The Secrets that these resources and their projects name, and no other. What is `aside` only lends its project. */
export async function secretsOf(
  cluster: Connection,
  intakes: readonly { readonly after: Resource; readonly aside?: true }[],
): Promise<SecretValuesRead> {
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
  const denied = new Set<string>();
  for (const [id, one] of wanted) {
    const found = await secretOf(cluster, one);
    if (found === 'denied') denied.add(id);
    else if (found !== undefined) secrets.push(found);
  }
  return { secrets, denied };
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

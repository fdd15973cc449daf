import type { Key, KindName } from '../../src/core/resource.ts';
import { splitKey } from '../../src/core/resource.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import { objectPath, PLURALS } from '../../src/hosts/kubernetes/kinds.ts';
import { type ApiAnswer, type ApiClient, createApiClient, kubectl } from './api-client.ts';
import { type ApiServer, startApiServer } from './api-server.ts';

/** An API server with the definitions of the kinds, and the hands of a user. */
export interface Cluster {
  readonly server: ApiServer;
  readonly client: ApiClient;
  apply(declared: Declared): Promise<ApiAnswer>;
  remove(key: Key): Promise<ApiAnswer>;
  read(key: Key): Promise<ApiAnswer>;
  patch(key: Key, patch: unknown, subresource?: 'status'): Promise<ApiAnswer>;
  setSecret(namespace: string, name: string, values: Readonly<Record<string, string>>): Promise<void>;
  namespace(name: string): Promise<void>;
  /** Removes all resources and Secrets, whatever holds them. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(env: NodeJS.ProcessEnv): Promise<Cluster> {
  const server = await startApiServer(env);
  try {
    const crds = new URL('../../crds', import.meta.url).pathname;
    await must(server, ['apply', '--server-side', '--force-conflicts', '-f', crds]);
    const names = Object.values(PLURALS).map((plural) => `crd/${plural}.agora-reconciler.dev`);
    await must(server, ['wait', '--for=condition=Established', '--timeout=30s', ...names]);
    const client = createApiClient(server);
    return { server, client, ...hands(client), stop: async () => (client.close(), await server.stop()) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function must(server: ApiServer, args: readonly string[]): Promise<void> {
  const { code, stderr } = await kubectl(server, args);
  if (code !== 0) throw new Error(`kubectl ${args[0]}: ${stderr}`);
}

const MERGE = 'application/merge-patch+json';

function hands(client: ApiClient): Omit<Cluster, 'server' | 'client' | 'stop'> {
  const pathOf = (key: Key): string => {
    const { kind, namespace, name } = splitKey(key);
    return objectPath(kind, namespace, name);
  };
  const secretPath = (namespace: string, name = ''): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const expectGood = async (answer: Promise<ApiAnswer>): Promise<ApiAnswer> => {
    const { status, body } = await answer;
    if (status >= 400) throw new Error(`${status} ${String(body.message)}`);
    return { status, body };
  };
  return {
    async apply({ apiVersion, kind, namespace, name, labels, annotations, spec }) {
      const path = objectPath(kind, namespace, name);
      const metadata = { namespace, name, labels, annotations };
      const known = await client.call('GET', path);
      if (known.status === 200) return expectGood(client.call('PATCH', path, { metadata, spec }, MERGE));
      return expectGood(
        client.call('POST', path.slice(0, path.lastIndexOf('/')), { apiVersion, kind, metadata, spec }),
      );
    },
    remove: (key) => expectGood(client.call('DELETE', pathOf(key))),
    read: (key) => client.call('GET', pathOf(key)),
    patch: (key, patch, subresource) =>
      expectGood(
        client.call('PATCH', `${pathOf(key)}${subresource === undefined ? '' : `/${subresource}`}`, patch, MERGE),
      ),
    async setSecret(namespace, name, values) {
      const data = Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      );
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data, type: 'Opaque' };
      const known = await client.call('GET', secretPath(namespace, name));
      if (known.status === 200) await expectGood(client.call('PUT', secretPath(namespace, name), secret));
      else await expectGood(client.call('POST', secretPath(namespace).slice(0, -1), secret));
    },
    async namespace(name) {
      const answer = await client.call('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name },
      });
      if (answer.status !== 201 && answer.status !== 409)
        throw new Error(`${answer.status} ${String(answer.body.message)}`);
    },
    async clear() {
      for (const kind of Object.keys(PLURALS) as KindName[]) {
        const { body } = await client.call('GET', `/apis/agora-reconciler.dev/v1alpha1/${PLURALS[kind]}`);
        for (const { metadata } of (body.items ?? []) as { metadata: { namespace: string; name: string } }[]) {
          const path = objectPath(kind, metadata.namespace, metadata.name);
          await client.call('PATCH', path, { metadata: { finalizers: null } }, MERGE);
          await client.call('DELETE', path);
        }
      }
      const { body } = await client.call('GET', secretPath('media').slice(0, -1));
      for (const { metadata } of (body.items ?? []) as { metadata: { name: string } }[]) {
        await client.call('DELETE', secretPath('media', metadata.name));
      }
    },
  };
}

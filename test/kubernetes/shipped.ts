import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import type { Manifest } from '../../scripts/kustomize.ts';
import { PLURALS } from '../../src/hosts/kubernetes/kinds.ts';
import { type ApiClient, createApiClient, kubectl } from './api-client.ts';
import type { ApiServer } from './api-server.ts';

/**
 * The servers to try the rights on: the assets' own, and the real 1.20 where the assets have it beside a smaller one. That
 * one dies at any write of a custom resource (its JSON library does not fit the Go it was built with), so `writes` is off.
 */
export function serversIn(env: NodeJS.ProcessEnv): readonly { readonly binary: string; readonly writes: boolean }[] {
  const old = { binary: 'kube-apiserver-1.20.2', writes: false };
  const own = { binary: 'kube-apiserver', writes: true };
  return existsSync(join(env['KUBEBUILDER_ASSETS'] ?? '', old.binary)) ? [own, old] : [own];
}

const manifests = fileURLToPath(new URL('../../manifests/', import.meta.url));

/** What `kubectl kustomize` makes of an overlay, moved into a namespace, with further components of ours. */
export async function rendered(
  server: ApiServer,
  overlay: string,
  namespace: string,
  components: readonly string[] = [],
): Promise<readonly Manifest[]> {
  const own = mkdtempSync(join(tmpdir(), 'overlay-'));
  const to = (name: string): string => relative(own, join(manifests, name));
  const kustomization = { resources: [to(overlay)], components: components.map((name) => to(`components/${name}`)) };
  writeFileSync(join(own, 'kustomization.yaml'), JSON.stringify(kustomization));
  const { code, stdout, stderr } = await kubectl(server, ['kustomize', own]);
  rmSync(own, { recursive: true });
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout.replaceAll('namespace: agora-reconciler\n', `namespace: ${namespace}\n`)).map(
    (document) => document.toJS() as Manifest,
  );
}

const PATHS: Readonly<Record<string, string>> = {
  ServiceAccount: '/api/v1/namespaces/%/serviceaccounts',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/%/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/%/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** Creates the service account with its rights, and nothing that would need nodes. */
export async function installRights(admin: ApiClient, manifest: readonly Manifest[], namespace: string): Promise<void> {
  await createNamespace(admin, namespace);
  for (const each of manifest) {
    const path = PATHS[each.kind]?.replace('%', namespace);
    if (path !== undefined) await must(admin.call('POST', path, each), [201]);
  }
}

export async function createNamespace(admin: ApiClient, name: string): Promise<void> {
  await must(admin.call('POST', '/api/v1/namespaces', { metadata: { name } }), [201, 409]);
}

/** The definitions; for a server that knows no CEL, without what it does not know. */
export async function installDefinitions(admin: ApiClient): Promise<void> {
  const { body: version } = await admin.call('GET', '/version');
  const isOld = Number.parseInt(String(version['minor']), 10) < 25;
  for (const plural of Object.values(PLURALS)) {
    const definition = parse(readFileSync(new URL(`../../crds/${plural}.yaml`, import.meta.url), 'utf8'));
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await must(admin.call('POST', path, isOld ? withoutCel(definition) : definition), [201]);
    await until(async () => (await admin.call('GET', `/apis/agora-reconciler.dev/v1alpha1/${plural}`)).status === 200);
  }
}

function withoutCel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) =>
      key === 'x-kubernetes-validations' ? [] : [[key, withoutCel(member)]],
    ),
  );
}

/** A token of the shipped service account, as the kubelet would mount it. */
export async function tokenOf(admin: ApiClient, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/agora-reconciler/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } };
  const status = (await must(admin.call('POST', path, body), [201]))['status'] as { readonly token: string };
  return status.token;
}

/** A kubeconfig that has the token and nothing else. */
export function kubeconfigWith(server: ApiServer, token: string): string {
  const { clusters } = parse(readFileSync(server.kubeconfig, 'utf8'));
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters,
    users: [{ name: 'controller', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: clusters[0].name, user: 'controller' } }],
    'current-context': 'test',
  });
}

export const clientOf = (server: ApiServer, token: string): ApiClient => createApiClient(server, token);

export async function must(
  answer: ReturnType<ApiClient['call']>,
  expected: readonly number[],
): Promise<Readonly<Record<string, unknown>>> {
  const { status, body } = await answer;
  if (!expected.includes(status)) throw new Error(`${status}: ${String(body['message'])}`);
  return body;
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come true within 10 s');
}

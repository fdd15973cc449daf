import type { Clock } from '../../../src/core/clock.ts';
import { type Key, splitKey } from '../../../src/core/resource.ts';
import { realClock } from '../../../src/engine/clock.ts';
import type { Declared } from '../../../src/hosts/declared.ts';
import { createApi } from '../../../src/hosts/kubernetes/api.ts';
import type { Access } from '../../../src/hosts/kubernetes/credentials.ts';
import {
  createKubernetesHost,
  type KubernetesHost,
  type KubernetesHostOptions,
} from '../../../src/hosts/kubernetes/host.ts';
import { objectPath, secretsPath } from '../../../src/hosts/kubernetes/kinds.ts';
import { SILENT } from '../../../src/observability/log.ts';
import type { HostHarness } from '../contract.ts';
import type { ApiStub } from './stub.ts';

export const NO_TLS = {};

export function accessTo(server: string): Access {
  return { server, namespace: 'media', credentials: async () => ({ headers: {}, tls: NO_TLS }) };
}

/** A host over a stub of the API. */
export function openHost(
  stub: ApiStub,
  given: Partial<Omit<KubernetesHostOptions, 'clock'>> & { readonly clock?: Clock } = {},
): KubernetesHost {
  const clock = given.clock ?? realClock();
  const options: KubernetesHostOptions = {
    namespaces: 'all',
    random: () => 0,
    log: SILENT,
    instance: 'test',
    environment: {},
    ...given,
    clock,
  };
  return createKubernetesHost(options, createApi({ access: accessTo(stub.url), clock, userAgent: 'test' }));
}

export const pathOf = (key: Key): string => {
  const { kind, namespace, name } = splitKey(key);
  return objectPath(kind, namespace, name);
};

/** The hands of a user. */
export function userOf(stub: ApiStub): Omit<HostHarness, 'host' | 'restart' | 'close'> {
  let touches = 0;
  return {
    async apply({ apiVersion, kind, namespace, name, labels, annotations, spec }: Declared) {
      const path = objectPath(kind, namespace, name);
      const body = { apiVersion, kind, metadata: { name, labels, annotations }, spec };
      if (stub.get(path) === undefined) stub.request('POST', path.slice(0, path.lastIndexOf('/')), body);
      else stub.request('PATCH', path, body);
    },
    async remove(key) {
      stub.request('DELETE', pathOf(key));
    },
    async touch(key) {
      touches += 1;
      stub.request('PATCH', pathOf(key), { metadata: { labels: { touched: String(touches) } } });
    },
    async setSecret(namespace, name, values) {
      const path = `${secretsPath(namespace)}/${name}`;
      const data = Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      );
      if (stub.get(path) === undefined) stub.request('POST', secretsPath(namespace), { metadata: { name }, data });
      else stub.request('PATCH', path, { data });
    },
  };
}

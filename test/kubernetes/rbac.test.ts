import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import { openAccess } from '../../src/hosts/kubernetes/access.ts';
import { createApi } from '../../src/hosts/kubernetes/api.ts';
import { type KubernetesHost, openKubernetesHost } from '../../src/hosts/kubernetes/host.ts';
import { createElector } from '../../src/hosts/kubernetes/lease.ts';
import { SILENT } from '../../src/observability/log.ts';
import { type ApiClient, createApiClient, kubectl } from './api-client.ts';
import { type ApiServer, startApiServer, whyNoServer } from './api-server.ts';
import {
  clientOf,
  createNamespace,
  installDefinitions,
  installRights,
  kubeconfigWith,
  must,
  rendered,
  serversIn,
  tokenOf,
  until,
} from './shipped.ts';

const reason = whyNoServer(process.env);
if (reason !== undefined && process.env['CI']) it('has an API server to test against', () => expect.fail(reason));

const GROUP = 'agora-reconciler.dev';
const KINDS = ['agoraprojects', 'rtmpconverters', 'webpagerecordings'];

/** `verb resource.group[/name]`, or `verb resource/subresource.group`. */
type Deed = string;

const kindDeeds = (verbs: readonly string[], part = ''): readonly Deed[] =>
  KINDS.flatMap((plural) => verbs.map((verb) => `${verb} ${plural}${part}.${GROUP}`));

/** What the controller does with resources, wherever it reconciles. */
const RECONCILES: readonly Deed[] = [
  ...kindDeeds(['get', 'list', 'watch', 'patch']),
  ...kindDeeds(['update'], '/status'),
  'create events.events.k8s.io',
  'patch events.events.k8s.io',
  'get secrets.',
];

/** What it does in its own namespace besides. */
const AT_HOME: readonly Deed[] = [
  'create leases.coordination.k8s.io',
  'get leases.coordination.k8s.io/agora-reconciler',
  'update leases.coordination.k8s.io/agora-reconciler',
];

/** What a controller that was taken over must not be able to do, anywhere. */
const NEVER: readonly Deed[] = [
  ...kindDeeds(['create', 'delete', 'deletecollection', 'update']),
  ...['create', 'update', 'patch', 'delete', 'deletecollection'].map((verb) => `${verb} secrets.`),
  ...['get', 'list', 'delete', 'update', 'deletecollection'].map((verb) => `${verb} events.events.k8s.io`),
  'create events.',
  ...['list', 'watch', 'delete', 'patch'].map((verb) => `${verb} leases.coordination.k8s.io`),
  ...['get', 'update', 'delete'].map((verb) => `${verb} leases.coordination.k8s.io/another`),
  'delete leases.coordination.k8s.io/agora-reconciler',
  ...['get', 'list', 'create', 'delete'].map((verb) => `${verb} pods.`),
  'create pods/exec.',
  'get pods/proxy.',
  'create pods/proxy.',
  'get configmaps.',
  'create serviceaccounts/token.',
  'impersonate users.',
  'get namespaces.',
  'delete namespaces.',
  'list nodes.',
  'get deployments.apps',
  'patch deployments.apps',
  'get customresourcedefinitions.apiextensions.k8s.io',
  'patch customresourcedefinitions.apiextensions.k8s.io',
  'create rolebindings.rbac.authorization.k8s.io',
  'create clusterrolebindings.rbac.authorization.k8s.io',
  'bind clusterroles.rbac.authorization.k8s.io',
  'escalate clusterroles.rbac.authorization.k8s.io',
];

/** What `explain`, `support` and `plan` need to ask a controller through the API server. */
const ASKS: readonly Deed[] = ['list pods.', 'create pods/proxy.'];

const SECRETS_AT_ONCE: readonly Deed[] = ['list secrets.', 'watch secrets.'];

function attributesOf(deed: Deed, namespace: string): Readonly<Record<string, string>> {
  const [, verb = '', resource = '', subresource = '', group = '', name = ''] =
    /^(\w+) (\w+)(?:\/(\w+))?\.([\w.-]*)(?:\/([\w-]+))?$/.exec(deed) ?? [];
  return { namespace, verb, resource, subresource, group, name };
}

/** Those of the deeds that the client's user may do. */
async function allowed(client: ApiClient, deeds: readonly Deed[], namespace: string): Promise<readonly Deed[]> {
  const may: Deed[] = [];
  for (const deed of deeds) {
    const review = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1' };
    const spec = { resourceAttributes: attributesOf(deed, namespace) };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const body = await must(client.call('POST', path, { ...review, spec }), [201]);
    if ((body['status'] as { readonly allowed: boolean }).allowed) may.push(deed);
  }
  return may;
}

const HOME = 'agora-reconciler';
const TEAM = 'media-team';
const ELSEWHERE = 'elsewhere';

if (reason !== undefined) console.warn(`skipped: ${reason}`);

describe.skipIf(reason !== undefined).each(serversIn(process.env))(
  'the shipped rights on $binary',
  ({ binary, writes }) => {
    let server: ApiServer;
    let admin: ApiClient;
    let folder: string;
    /** By overlay: the service account's own client and kubeconfig. */
    const controllers = new Map<string, { readonly client: ApiClient; readonly kubeconfig: string }>();

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'rights-'));
      server = await startApiServer(process.env, { binary });
      admin = createApiClient(server);
      await installDefinitions(admin);
      for (const name of [ELSEWHERE, HOME, TEAM]) {
        await createNamespace(admin, name);
        await must(admin.call('POST', `/api/v1/namespaces/${name}/secrets`, SECRET), [201]);
        if (writes) await must(admin.call('POST', recordings(name), RECORDING), [201]);
      }
      for (const [overlay, namespace] of [
        ['cluster-wide', HOME],
        ['namespaced', TEAM],
      ] as const) {
        await installRights(
          admin,
          await rendered(server, `overlays/${overlay}`, namespace, ['ask-controller']),
          namespace,
        );
        const token = await tokenOf(admin, namespace);
        const kubeconfig = join(folder, overlay);
        writeFileSync(kubeconfig, kubeconfigWith(server, token), { mode: 0o600 });
        controllers.set(overlay, { client: clientOf(server, token), kubeconfig });
      }
    });

    afterAll(async () => {
      for (const { client } of controllers.values()) client.close();
      admin?.close();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const controller = (overlay: string) => {
      const found = controllers.get(overlay);
      if (found === undefined) throw new Error(`no ${overlay}`);
      return found;
    };

    describe.each([
      { overlay: 'cluster-wide', at: HOME, may: [...RECONCILES, ...AT_HOME] },
      { overlay: 'cluster-wide', at: ELSEWHERE, may: RECONCILES },
      { overlay: 'namespaced', at: TEAM, may: [...RECONCILES, ...SECRETS_AT_ONCE, ...AT_HOME] },
      { overlay: 'namespaced', at: ELSEWHERE, may: [] },
      { overlay: 'namespaced', at: '', may: [] },
    ])('$overlay, asked about namespace "$at"', ({ overlay, at, may }) => {
      it('allow what the controller does there', async () => {
        expect(await allowed(controller(overlay).client, may, at)).toEqual(may);
      });
      it('allow nothing else', async () => {
        const others = [...NEVER, ...SECRETS_AT_ONCE, ...RECONCILES, ...AT_HOME].filter((deed) => !may.includes(deed));
        expect(await allowed(controller(overlay).client, others, at)).toEqual([]);
      });
    });

    it('the server refuses in deed what the table says', async () => {
      const { client } = controller('cluster-wide');
      const path = recordings(ELSEWHERE);
      expect((await client.call('GET', `/api/v1/namespaces/${ELSEWHERE}/secrets`)).status).toBe(403);
      expect((await client.call('GET', `/api/v1/namespaces/${ELSEWHERE}/secrets/agora`)).status).toBe(200);
      expect((await client.call('DELETE', `${path}/keynote`)).status).toBe(403);
      expect((await client.call('PUT', `${path}/keynote`, RECORDING)).status).toBe(403);
      expect((await controller('namespaced').client.call('GET', `${path}/keynote`)).status).toBe(403);
    });

    describe.each([
      { overlay: 'cluster-wide', namespaces: 'all', home: HOME, sees: [HOME, ELSEWHERE, TEAM] },
      { overlay: 'namespaced', namespaces: [TEAM], home: TEAM, sees: [TEAM] },
    ] as const)('suffice for the host: $overlay', ({ overlay, namespaces, home, sees }) => {
      const stop = new AbortController();
      let host: KubernetesHost;
      let running: Promise<void>;

      beforeAll(async () => {
        host = await openKubernetesHost({
          kubeconfig: controller(overlay).kubeconfig,
          namespaces,
          clock: realClock(),
          random: Math.random,
          log: SILENT,
          instance: 'test',
          environment: {},
        });
        let synced = false;
        running = host.run(
          { changed: () => undefined, secretChanged: () => undefined, synced: () => void (synced = true) },
          stop.signal,
        );
        await until(() => synced);
      });
      afterAll(async () => {
        stop.abort();
        await running;
        await host?.close();
      });

      const keynote = makeKey('WebPageRecording', home, 'keynote');

      it('it sees the resources, and no others', () => {
        expect(
          host
            .list('WebPageRecording')
            .map(({ metadata }) => metadata.namespace)
            .toSorted(),
        ).toEqual(writes ? sees : []);
      });

      it('it reads the Secrets that are named', async () => {
        await until(() => host.secret(home, 'agora', 'customerId') !== undefined);
        expect(host.secret(home, 'agora', 'customerId')?.reveal()).toBe('id');
      });

      it.runIf(writes)('it writes finalizer, status and events, and removes the finalizer', async () => {
        const before = host.get(keynote);
        if (before === undefined) throw new Error('no keynote');
        const held = await host.setFinalizer(before, 'present');
        if (held.result !== 'written') throw new Error(held.result);
        const written = await host.writeStatus(held.resource, { observedGeneration: 1, conditions: [] });
        if (written.result !== 'written') throw new Error(written.result);
        host.event(written.resource, { type: 'Normal', reason: 'TaskStarted', note: `the task of ${home} started` });
        await until(async () => {
          const { body } = await admin.call('GET', `/apis/events.k8s.io/v1/namespaces/${home}/events`);
          return JSON.stringify(body).includes(`the task of ${home} started`);
        });
        expect(await host.setFinalizer(written.resource, 'absent')).toMatchObject({ result: 'written' });
      });

      it('it is elected, and gives the lease back', async () => {
        const access = await openAccess({
          clock: realClock(),
          environment: {},
          kubeconfig: controller(overlay).kubeconfig,
        });
        const api = createApi({ access, clock: realClock(), userAgent: 'test' });
        const end = new AbortController();
        const elector = createElector({
          api,
          namespace: home,
          name: 'agora-reconciler',
          identity: 'test',
          clock: realClock(),
          random: Math.random,
          log: SILENT,
          timing: { leaseMs: 3_000, renewMs: 2_000, retryMs: 100 },
        });
        const reign = elector.run(end.signal);
        await elector.leading;
        const lease = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/agora-reconciler`;
        const renewed = async (): Promise<unknown> => {
          const spec = (await must(admin.call('GET', lease), [200]))['spec'] as Readonly<Record<string, unknown>>;
          return spec['renewTime'];
        };
        const first = await renewed();
        await until(async () => (await renewed()) !== first);
        end.abort();
        expect(await reign).toBe('released');
        await api.close();
      });
    });

    describe('of people', () => {
      const may = async (role: string, deeds: readonly Deed[], at = TEAM): Promise<readonly Deed[]> => {
        const found: Deed[] = [];
        for (const deed of deeds) {
          const spec = { user: role, resourceAttributes: attributesOf(deed, at) };
          const review = { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec };
          const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
          const body = await must(admin.call('POST', path, review), [201]);
          if ((body['status'] as { readonly allowed: boolean }).allowed) found.push(deed);
        }
        return found;
      };
      const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

      beforeAll(async () => {
        for (const namespace of [HOME, TEAM])
          await must(
            admin.call('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, {
              metadata: { name: 'ask' },
              roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'agora-reconciler-ask' },
              subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'asker' }],
            }),
            [201],
          );
        for (const role of ['viewer', 'editor', 'admin']) {
          for (const kind of ['agoraproject', 'rtmpconverter', 'webpagerecording']) {
            await must(
              admin.call('POST', `/apis/rbac.authorization.k8s.io/v1/namespaces/${TEAM}/rolebindings`, {
                metadata: { name: `${kind}-${role}` },
                roleRef: {
                  apiGroup: 'rbac.authorization.k8s.io',
                  kind: 'ClusterRole',
                  name: `agora-reconciler-${kind}-${role}`,
                },
                subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: role }],
              }),
              [201],
            );
          }
        }
      });

      it.each([
        ['viewer', ['get', 'list', 'watch']],
        ['editor', VERBS.slice(0, -1)],
        ['admin', VERBS],
      ])('%s may %s, and read a status but not write it', async (role, verbs) => {
        expect(await may(role, kindDeeds(VERBS))).toEqual(
          kindDeeds(VERBS).filter((deed) => verbs.includes(deed.split(' ')[0] ?? '')),
        );
        expect(await may(role, kindDeeds(VERBS, '/status'))).toEqual(kindDeeds(['get'], '/status'));
        expect(await may(role, ASKS)).toEqual([]);
      });

      it.each([HOME, TEAM])(
        'who has the role for it may ask the controller in %s, and do nothing else there',
        async (at) => {
          expect(await may('asker', ASKS, at)).toEqual(ASKS);
          expect(await may('asker', ASKS, ELSEWHERE)).toEqual([]);
          const others = [...NEVER, ...SECRETS_AT_ONCE, ...RECONCILES, ...AT_HOME].filter(
            (deed) => !ASKS.includes(deed),
          );
          expect(await may('asker', others, at)).toEqual([]);
        },
      );
    });

    it('the API server takes the workload with every field known', async () => {
      const workload = (await rendered(server, 'overlays/namespaced', TEAM)).filter(({ kind }) =>
        ['Deployment', 'Service', 'NetworkPolicy', 'ServiceAccount'].includes(kind),
      );
      expect(workload).toHaveLength(5);
      const args = ['apply', '--dry-run=server', '--validate=strict', '-f', '-'];
      const ask = (text: string) => kubectl(server, args, text);
      const text = workload.map((each) => JSON.stringify(each)).join('\n');
      expect(await ask(text)).toMatchObject({ code: 0 });
      expect(await ask(text.replaceAll('readOnlyRootFilesystem', 'readOnlyRoot'))).toMatchObject({ code: 1 });
    });
  },
);

const SECRET = {
  metadata: { name: 'agora' },
  data: { customerId: Buffer.from('id').toString('base64'), customerSecret: Buffer.from('secret').toString('base64') },
};

const RECORDING = {
  apiVersion: `${GROUP}/v1alpha1`,
  kind: 'WebPageRecording',
  metadata: { name: 'keynote' },
  spec: {
    projectRef: { name: 'live' },
    region: 'eu',
    url: 'https://stage.example.com/keynote',
    videoWidth: 1280,
    videoHeight: 720,
    audioProfile: 1,
    maxRecordingHour: 4,
    storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
  },
};

const recordings = (namespace: string): string => `/apis/${GROUP}/v1alpha1/namespaces/${namespace}/webpagerecordings`;

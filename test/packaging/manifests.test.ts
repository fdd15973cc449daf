import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, renderFolder } from '../../scripts/kustomize.ts';

const at = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const text = (name: string): string => readFileSync(at(name), 'utf8');
const installed: readonly Manifest[] = parseAllDocuments(text('manifests/install.yaml'), { version: '1.1' }).map(
  (document) => document.toJS(),
);
const { version } = JSON.parse(text('package.json')) as { readonly version: string };

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: unknown;
  readonly [field: string]: unknown;
}
interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: { readonly runAsUser: number };
  readonly [field: string]: unknown;
}
interface Whole extends Omit<Manifest, 'spec'> {
  readonly rules: readonly Rule[];
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly template: { readonly metadata: Manifest['metadata']; readonly spec: PodSpec };
  };
}

const whole = (manifests: readonly Manifest[]): readonly Whole[] => manifests as unknown as readonly Whole[];
const all = (kind: string): readonly Whole[] => whole(installed).filter((manifest) => manifest.kind === kind);

function one(kind: string, name = 'agora-reconciler'): Whole {
  const found = all(kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`install.yaml has no ${kind} ${name}`);
  return found;
}

const deployment = one('Deployment');
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

describe('install.yaml', () => {
  it('holds the definitions word for word', () => {
    for (const definition of all('CustomResourceDefinition')) {
      const plural = definition.metadata.name.split('.')[0];
      expect(definition).toEqual(parseAllDocuments(text(`crds/${plural}.yaml`))[0]?.toJS());
    }
    expect(all('CustomResourceDefinition')).toHaveLength(3);
  });

  it('creates the namespace and the definitions before what needs them', () => {
    const kinds = installed.map(({ kind }) => kind);
    expect(kinds[0]).toBe('Namespace');
    expect(kinds.lastIndexOf('CustomResourceDefinition')).toBeLessThan(kinds.indexOf('ServiceAccount'));
    expect(kinds.lastIndexOf('ClusterRoleBinding')).toBeLessThan(kinds.indexOf('Deployment'));
  });

  it('names the version of the package in its image and labels', () => {
    expect(container.image).toBe(`agora-reconciler:${version}`);
    expect(deployment.metadata.labels?.['app.kubernetes.io/version']).toBe(version);
    expect(deployment.spec.template.metadata.labels?.['app.kubernetes.io/version']).toBe(version);
  });

  it('labels everything that is not a definition or the namespace as kubectl users expect', () => {
    for (const { kind, metadata } of installed) {
      if (kind === 'CustomResourceDefinition' || kind === 'Namespace') continue;
      expect([kind, Object.keys(metadata.labels ?? {})]).toEqual([
        kind,
        expect.arrayContaining(['app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/part-of']),
      ]);
    }
  });
});

describe('the pod', () => {
  it('fits the restricted Pod security standard, which its namespace enforces', () => {
    expect(one('Namespace').metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes', 'initContainers'])
      expect(pod[field]).toBeUndefined();
    expect(container.ports.every((port) => !('hostPort' in port))).toBe(true);
  });

  it('stands by with two replicas of which one leads, on one Lease', () => {
    expect(deployment.spec['replicas']).toBe(2);
    expect(container.args).toEqual(
      expect.arrayContaining([
        'controller',
        '--leader-elect',
        '--leader-election-id=agora-reconciler',
        '--leader-election-namespace=$(POD_NAMESPACE)',
      ]),
    );
  });

  it('has time to end: longer than the engine’s own 35 s', () => expect(pod['terminationGracePeriodSeconds']).toBe(60));

  it('is probed and scraped on the ports that it is told to serve', () => {
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(container.args).toContain(`--metrics-bind-address=:${ports['metrics']}`);
    expect(container.args).toContain(`--health-probe-bind-address=:${ports['health']}`);
    expect(container.args).toContain(`--ingress-bind-address=:${ports['webhooks']}`);
    for (const [probe, path] of [
      ['startupProbe', '/healthz'],
      ['livenessProbe', '/healthz'],
      ['readinessProbe', '/readyz'],
    ] as const)
      expect(container[probe]).toMatchObject({ httpGet: { path, port: 'health' } });
    for (const service of all('Service')) {
      const targets = (service.spec['ports'] as readonly { readonly targetPort: string }[]).map(
        (port) => port.targetPort,
      );
      expect(targets.filter((target) => ports[target] === undefined)).toEqual([]);
    }
  });

  it('is chosen by every selector, none of which names a version', () => {
    const labels = deployment.spec.template.metadata.labels ?? {};
    const matched = { 'app.kubernetes.io/name': 'agora-reconciler', 'app.kubernetes.io/component': 'controller' };
    expect(labels).toMatchObject(matched);
    expect(deployment.spec['selector']).toEqual({ matchLabels: matched });
    expect(one('PodDisruptionBudget').spec['selector']).toEqual({ matchLabels: matched });
    expect(one('NetworkPolicy').spec['podSelector']).toEqual({ matchLabels: matched });
    for (const service of all('Service')) expect(service.spec['selector']).toEqual(matched);
  });

  it('tells the other replica where it takes what that one sends on, and may be reached there (ADR 0025)', () => {
    const environment = container['env'] as readonly { readonly name: string; readonly valueFrom?: unknown }[];
    expect(environment.find(({ name }) => name === 'POD_IP')?.valueFrom).toEqual({
      fieldRef: { fieldPath: 'status.podIP' },
    });
    const { ingress, egress }: Readonly<Record<string, unknown>> = one('NetworkPolicy').spec;
    const replicas = {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'agora-reconciler', 'app.kubernetes.io/component': 'controller' },
      },
    };
    const ports = [{ port: 'webhooks', protocol: 'TCP' }];
    expect(ingress).toContainEqual({ from: expect.arrayContaining([replicas]), ports });
    expect(egress).toContainEqual({ to: [replicas], ports });
  });

  it('names its container for kubectl logs', () => {
    const annotations: unknown = Reflect.get(deployment.spec.template.metadata, 'annotations');
    expect(annotations).toEqual({ 'kubectl.kubernetes.io/default-container': container.name });
  });
});

describe('rights', () => {
  const rulesOf = (manifests: readonly Whole[]): readonly string[] =>
    manifests
      .filter(
        ({ kind, metadata }) =>
          kind.endsWith('Role') && metadata.labels?.['app.kubernetes.io/component'] === 'controller',
      )
      .flatMap(({ kind, rules }) =>
        rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) =>
          resources.map(
            (resource) =>
              `${kind} ${resource}.${apiGroups.join()}${resourceNames.map((name) => `/${name}`).join()}: ${verbs.join()}`,
          ),
        ),
      )
      .toSorted();

  const KINDS = ['agoraprojects', 'rtmpconverters', 'webpagerecordings'];
  const LEASE = [
    'Role leases.coordination.k8s.io/agora-reconciler: get,update',
    'Role leases.coordination.k8s.io: create',
  ];

  const expected = (kind: string, secrets: string): readonly string[] =>
    [
      ...KINDS.flatMap((plural) => [
        `${kind} ${plural}.agora-reconciler.dev: get,list,watch,patch`,
        `${kind} ${plural}/status.agora-reconciler.dev: update`,
      ]),
      `${kind} events.events.k8s.io: create,patch`,
      `${kind} secrets.: ${secrets}`,
      ...LEASE,
    ].toSorted();

  it('of the controller, cluster-wide, are these and no more', () =>
    expect(rulesOf(whole(installed))).toEqual(expected('ClusterRole', 'get')));

  it('of the controller in one namespace are a Role’s, with list and watch for its Secrets', () => {
    const role = parseAllDocuments(text('manifests/overlays/namespaced/role.yaml')).map((document) => document.toJS());
    const base = renderFolder(at('manifests/base'));
    expect(rulesOf(whole([...role, ...base]))).toEqual(expected('Role', 'get,list,watch'));
  });

  it('are bound to the service account of the Deployment alone', () => {
    const bindings = [...all('ClusterRoleBinding'), ...all('RoleBinding')];
    for (const { subjects } of bindings)
      expect(subjects).toEqual([
        { kind: 'ServiceAccount', name: pod['serviceAccountName'], namespace: 'agora-reconciler' },
      ]);
    const bound = bindings.map(({ roleRef }) => `${roleRef.kind} ${roleRef.name}`).toSorted();
    expect(bound).toEqual([
      'ClusterRole agora-reconciler',
      'ClusterRole agora-reconciler-secrets',
      'Role agora-reconciler-leader-election',
    ]);
  });

  it.each(['agoraproject', 'rtmpconverter', 'webpagerecording'])(
    'of people are added to view, edit and admin: %s',
    (kind) => {
      for (const [role, target] of [
        ['viewer', 'view'],
        ['editor', 'edit'],
        ['admin', 'admin'],
      ] as const) {
        const { metadata, rules } = one('ClusterRole', `agora-reconciler-${kind}-${role}`);
        expect(metadata.labels?.[`rbac.authorization.k8s.io/aggregate-to-${target}`]).toBe('true');
        expect(rules.flatMap(({ resources }) => resources)).toEqual([`${kind}s`, `${kind}s/status`]);
        // Nobody but the controller writes a status: it is its memory.
        expect(rules[1]?.verbs).toEqual(['get']);
      }
    },
  );
});

describe('the renderer', () => {
  it('refuses what it would render wrongly', () => {
    expect(() => renderFolder(at('manifests/overlays/namespaced'))).toThrow(/patches is not rendered here/);
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeCommand } from '../../src/cli/cluster/change.ts';
import { controlOverHttp } from '../../src/cli/control/http-server.ts';
import { ControlError } from '../../src/cli/control/protocol.ts';
import type { ControlAnswers } from '../../src/cli/control/server.ts';
import { explainCommand } from '../../src/cli/explain.ts';
import { getCommand } from '../../src/cli/get.ts';
import type { Resource } from '../../src/core/resource.ts';
import { inDirectory, type Ran, ran, write } from './commands.ts';
import { resource } from './resources.ts';

const refuse = (): never => {
  throw new ControlError('failed', 'not asked here');
};
const ANSWERS: ControlAnswers = {
  get: refuse,
  explain: ({ key }) => {
    throw new ControlError('not-found', `asked for ${key}`);
  },
  support: refuse,
  prune: refuse,
  stats: () => ({ at: '2026-12-01T09:00:00.000Z', pid: 1, passes: 7, waiting: 0, lanes: [], slots: [] }),
  plan: refuse,
};

/** As much of an API server as these commands ask, over plain HTTP. */
const stub = {
  pods: [] as readonly object[],
  podsForbidden: false,
  proxyForbidden: false,
  leader: '',
  namespaces: undefined as readonly string[] | undefined,
  resources: [] as readonly Resource[],
  requests: [] as string[],
};

const handlers = {
  leader: controlOverHttp(() => {
    const { namespaces } = stub;
    return namespaces === undefined
      ? ANSWERS
      : { ...ANSWERS, stats: async () => ({ ...(await ANSWERS.stats({})), namespaces }) };
  }),
  standby: controlOverHttp(() => undefined),
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://api');
  stub.requests.push(`${request.method} ${url.pathname}${url.search}`);
  const json = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const status = (code: number, message: string) => json(code, { kind: 'Status', code, message });
  const proxied = /\/pods\/http:([\w-]+):\d+\/proxy(\/.*)$/.exec(url.pathname);
  if (proxied !== null) {
    if (stub.proxyForbidden) return status(403, 'pods/proxy is forbidden');
    request.url = proxied[2] ?? '';
    handlers[proxied[1] === stub.leader ? 'leader' : 'standby'](request, response);
    return undefined;
  }
  if (url.pathname.endsWith('/pods')) {
    return stub.podsForbidden ? status(403, 'pods is forbidden') : json(200, { items: stub.pods });
  }
  const [, namespace, plural, name] =
    /\/v1alpha1(?:\/namespaces\/([\w-]+))?\/(\w+)(?:\/([\w-]+))?$/.exec(url.pathname) ?? [];
  const found = stub.resources.filter(
    ({ kind, metadata }) =>
      `${kind.toLowerCase()}s` === plural &&
      (namespace === undefined || metadata.namespace === namespace) &&
      (name === undefined || metadata.name === name),
  );
  if (name === undefined) return json(200, { apiVersion: 'agora-reconciler.dev/v1alpha1', items: found, metadata: {} });
  return found[0] === undefined ? status(404, `${plural} "${name}" not found`) : json(200, found[0]);
}

const server = createServer(answer);
let origin = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  Object.assign(stub, {
    pods: [pod('first'), pod('second')],
    podsForbidden: false,
    proxyForbidden: false,
    leader: 'second',
    namespaces: undefined,
    resources: [resource({ spec: SPEC }), resource({ name: 'other', spec: SPEC, metadata: { namespace: 'quiet' } })],
    requests: [],
  });
});

const SPEC = {
  projectRef: { name: 'live' },
  region: 'eu',
  url: 'https://stage.example.com/keynote',
  videoWidth: 1280,
  videoHeight: 720,
  storage: { vendor: 'AmazonS3', region: 'EU_CENTRAL_1', bucket: 'talks', credentialsSecretRef: { name: 's3' } },
  desiredState: 'Running',
};

const pod = (name: string, phase = 'Running'): object => ({
  metadata: { namespace: 'agora-reconciler', name },
  spec: {
    containers: [
      {
        ports: [
          { name: 'metrics', containerPort: 8080 },
          { name: 'health', containerPort: 9091 },
        ],
      },
    ],
  },
  status: { phase },
});

/** With a kubeconfig whose context is in namespace `media`. */
const inCluster = (command: (kubeconfig: string) => Parameters<typeof ran>[0]): Promise<Ran> =>
  inDirectory(async (directory) => {
    const entry = (name: string, value: object): object => ({ name: 'here', [name]: value });
    const config = {
      'current-context': 'here',
      contexts: [entry('context', { cluster: 'here', user: 'here', namespace: 'media' })],
      clusters: [entry('cluster', { server: origin })],
      users: [entry('user', {})],
    };
    return ran(command(await write(`${directory}/config`, JSON.stringify(config))));
  });

const explain = (name = 'wpr/keynote'): Promise<Ran> =>
  inCluster((kubeconfig) => (io) => explainCommand({ resource: name, kubeconfig }, io));

describe('the controller is found through the Pod proxy', () => {
  it('the replica that leads is asked, at the port that its Pod names', async () => {
    const { err } = await explain();
    expect(err).toBe('asked for WebPageRecording/media/keynote\n');
    const asked = stub.requests.filter((line) => line.startsWith('POST'));
    const path = (name: string) => `POST /api/v1/namespaces/agora-reconciler/pods/http:${name}:9091/proxy/control`;
    expect(asked).toEqual([path('first'), path('second'), path('second')]);
  });

  it.each([
    ['no Pod', () => ({ pods: [] }), 'no Pod of a controller runs'],
    ['none that runs', () => ({ pods: [pod('first', 'Pending')] }), 'no Pod of a controller runs'],
    ['no leader', () => ({ leader: 'nobody' }), 'no replica leads'],
    ['no right to list', () => ({ podsForbidden: true }), 'you may not list Pods'],
    ['no right to ask', () => ({ proxyForbidden: true }), 'Pod agora-reconciler/second cannot be asked (403)'],
    ['one of other namespaces', () => ({ namespaces: ['quiet'] }), 'watches other namespaces only'],
  ])('%s: it says so, and goes by the written status', async (_what, given, why) => {
    Object.assign(stub, given());
    const { code, out, err } = await explain();
    expect(err).toContain(why);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('WebPageRecording media/keynote') });
  });

  it('one that watches this namespace is asked', async () => {
    Object.assign(stub, { namespaces: ['media'] });
    expect((await explain()).err).toContain('asked for');
  });
});

describe('namespaces are those of kubectl', () => {
  const get = (options: Partial<Parameters<typeof getCommand>[0]>): Promise<Ran> =>
    inCluster((kubeconfig) => (io) => getCommand({ kind: 'wpr', kubeconfig, ...options }, io));

  it.each([
    ['the context’s by default', {}, ['keynote']],
    ['-n', { namespace: 'quiet' }, ['other']],
    ['-A', { allNamespaces: true }, ['keynote', 'other']],
  ])('%s', async (_what, options, names) => {
    const { out } = await get({ ...options, output: 'json' });
    expect(JSON.parse(out).items.map(({ metadata }: Resource) => metadata.name)).toEqual(names);
  });

  it('labels are selected by the server', async () => {
    await get({ selector: 'show=68' });
    expect(stub.requests).toEqual([expect.stringMatching(/\?limit=500&labelSelector=show%3D68$/)]);
  });

  it('a resource that is not there: 1', async () => {
    expect(await get({ name: 'nobody' })).toMatchObject({ code: 1, err: 'there is no WebPageRecording nobody\n' });
  });
});

describe('suspend, resume and reconcile', () => {
  const change = (options: Partial<Parameters<typeof changeCommand>[0]>): Promise<Ran> =>
    inCluster(
      (kubeconfig) => (io) =>
        changeCommand({ change: 'suspend', resources: ['wpr/keynote'], kubeconfig, ...options }, io),
    );

  it('one is patched under the name of the command line', async () => {
    expect(await change({})).toMatchObject({
      code: 0,
      out: 'webpagerecording.agora-reconciler.dev/keynote suspended\n',
    });
    expect(stub.requests).toEqual([
      'PATCH /apis/agora-reconciler.dev/v1alpha1/namespaces/media/webpagerecordings/keynote?fieldManager=agora-reconciler-cli',
    ]);
  });

  it('all of a kind, in every namespace', async () => {
    const { out } = await change({ change: 'resume', resources: ['wpr'], all: true, allNamespaces: true });
    expect(out.match(/resumed/g)).toHaveLength(2);
  });

  it.each([
    ['a kind without a selection', { resources: ['wpr'] }],
    ['names and a selection', { selector: 'a=b' }],
    ['names in every namespace', { allNamespaces: true }],
    ['no kind', { resources: ['pod'], all: true }],
  ])('%s: a wrong command line', async (_what, options) => {
    expect(await change(options)).toMatchObject({ code: 64, out: '' });
    expect(stub.requests).toEqual([]);
  });
});

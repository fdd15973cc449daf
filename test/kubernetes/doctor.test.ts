import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/doctor/report.ts';
import { run, scratch } from '../cli/child.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { quickstartIn, rehearse, until } from './rehearsal.ts';

const reason = whyNoServer(process.env);
let cluster: Cluster;

const texts = ({ findings }: Report, check: string): readonly string[] =>
  findings.filter((finding) => finding.check === check).map(({ verdict, fact }) => `${verdict}: ${fact}`);

describe.skipIf(reason !== undefined)('MP-27 doctor in a cluster', () => {
  beforeAll(async () => {
    cluster = await startCluster(process.env);
  });
  afterAll(() => cluster?.stop());

  const doctor = async (
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly report: Report }> => {
    const { code, stdout, stderr } = await run([
      'doctor',
      '-o',
      'json',
      '--kubeconfig',
      cluster.server.kubeconfig,
      ...args,
    ]);
    expect(stderr).toBe('');
    return { code, report: JSON.parse(stdout) as Report };
  };

  it('tells definitions, rights, controller, leader, Secrets and clock', { timeout: 120_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'examined', 10);
    const at = ['-n', rehearsal.namespace, '--endpoint', rehearsal.endpoint];
    const directory = await quickstartIn(rehearsal.namespace);
    await rehearsal.kubectl('apply', '-f', directory);

    const before = await doctor(...at);
    expect(texts(before.report, 'definitions')).toEqual(['pass: installed, and of this version']);
    expect(texts(before.report, 'controller')).toEqual(['fail: no Pod of a controller runs']);
    // Nobody else's rights can be meant than those of who may run one.
    expect(texts(before.report, 'access')).toEqual([expect.stringMatching(/^pass: you \(.+\) may do all/)]);
    expect(texts(before.report, 'clock')).toEqual([
      'pass: agrees with the API server’s',
      expect.stringMatching(/^pass: agrees with that of 127/),
    ]);
    expect(texts(before.report, 'secrets')).toEqual([expect.stringMatching(/^pass: \d+ keys are there$/)]);
    expect(texts(before.report, 'credentials')).toEqual(['pass: Agora accepts them']);
    expect(before.code).toBe(1);

    await rehearsal.controller();
    await rehearsal.kubectl('wait', '--for=condition=Ready', 'wpr', '--all', '--timeout=30s');
    const running = (report: Report): boolean => texts(report, 'foreign').includes('pass: none under this App ID');
    await until('known to be ours', async () => (await doctor(...at)).report, running);
    expect((await rehearsal.audit()).doubles).toEqual([]);

    // A manifest that the cluster does not have yet, with its Secrets from there.
    const path = join(await scratch(), 'more.yaml');
    await writeFile(path, CONVERTER(rehearsal.namespace));
    const { report } = await doctor('-f', path, '-f', join(directory, 'project.yaml'), ...at);
    expect(texts(report, 'secrets')).toEqual([
      expect.stringMatching(/^fail: Secret cdn, key nowhere .*: is not there$/),
    ]);
    await rm(path);
  });

  it('a definition of another version, and a ServiceAccount with too few rights', { timeout: 60_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'lacking', 10);
    const schema = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties';
    const definition = 'crd/webpagerecordings.agora-reconciler.dev';
    const patch = JSON.stringify([{ op: 'remove', path: `${schema}/mobile` }]);
    await rehearsal.kubectl('patch', definition, '--type=json', '-p', patch);
    await rehearsal.kubectl('apply', '-f', await manifestOf(POD(rehearsal.namespace)));
    await rehearsal.kubectl(
      'create',
      'role',
      'some',
      '--verb=get,list',
      '--resource=webpagerecordings.agora-reconciler.dev',
    );
    await rehearsal.kubectl(
      'create',
      'rolebinding',
      'some',
      '--role=some',
      `--serviceaccount=${rehearsal.namespace}:weak`,
    );
    await rehearsal.kubectl(
      'patch',
      'pod',
      'controller',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"phase":"Running"}}',
    );

    const { report } = await doctor('-n', rehearsal.namespace);
    expect(texts(report, 'definitions')).toEqual([
      'fail: the definition of WebPageRecording is of another version: spec.mobile is missing in the cluster',
    ]);
    // It watches everything, as its flags say, and may read one namespace.
    const account = `system:serviceaccount:${rehearsal.namespace}:weak`;
    const denied = `fail: ${account} may not get/list/watch/patch agoraprojects.agora-reconciler.dev, update `;
    expect(texts(report, 'access')[0]?.startsWith(denied)).toBe(true);
    expect(texts(report, 'controller')).toEqual([expect.stringMatching(/^warn: 1 run, but none could be asked: /)]);
    expect(texts(report, 'leader')).toEqual([expect.stringMatching(/^warn: there is no Lease /)]);
  });

  it('without the definitions that is the finding', { timeout: 60_000 }, async () => {
    const crds = ['agoraprojects', 'webpagerecordings', 'rtmpconverters'].map(
      (plural) => `${plural}.agora-reconciler.dev`,
    );
    await cluster.clear();
    const rehearsal = await rehearse(cluster, 'bare', 10);
    await rehearsal.kubectl('delete', 'crd', ...crds);
    const { code, report } = await doctor('-n', rehearsal.namespace);
    expect(code).toBe(1);
    expect(texts(report, 'definitions')).toEqual([
      'fail: the cluster does not know AgoraProject',
      'fail: the cluster does not know WebPageRecording',
      'fail: the cluster does not know RtmpConverter',
    ]);
  });
});

if (reason !== undefined)
  it.skipIf(!process.env['CI'])(`doctor has an API server to test against (${reason})`, () => expect.fail(reason));

async function manifestOf(text: string): Promise<string> {
  const path = join(await scratch(), 'manifest.yaml');
  await writeFile(path, text);
  return path;
}

const CONVERTER = (namespace: string): string => `
apiVersion: agora-reconciler.dev/v1alpha1
kind: RtmpConverter
metadata: { name: another, namespace: ${namespace} }
spec:
  projectRef: { name: live }
  region: eu
  rtmpUrlFrom: { secretKeyRef: { name: cdn, key: nowhere } }
  transcodeOptions: { rtcChannel: show69, media: AudioOnly }
`;

const POD = (namespace: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: weak, namespace: ${namespace} }
---
apiVersion: v1
kind: Pod
metadata:
  name: controller
  namespace: ${namespace}
  labels: { app.kubernetes.io/name: agora-reconciler, app.kubernetes.io/component: controller }
spec:
  serviceAccountName: weak
  containers:
    - name: controller
      image: agora-reconciler
      args: [controller, --leader-elect, --leader-election-namespace=$(POD_NAMESPACE)]
`;

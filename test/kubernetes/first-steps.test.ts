import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child, scratch } from '../cli/child.ts';
import { createApiClient } from './api-client.ts';
import { type ApiServer, startApiServer, whyNoServer } from './api-server.ts';
import { type Listed, readyOf } from './listed.ts';
import { until } from './rehearsal.ts';
import { kubeconfigWith } from './shipped.ts';

const reason = whyNoServer(process.env);
if (reason !== undefined && process.env['CI']) it('has an API server to test against', () => expect.fail(reason));

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Real time is what people wait, so this only keeps the suite short. */
const SPEED = 10;

/**
 * What the page on clusters tells people to type, with nothing but kubectl, the shipped manifests and examples. There is no
 * kubelet: the controller is a process with the arguments of the shipped Deployment and the rights of its account.
 */
describe.skipIf(reason !== undefined)(`first steps${reason === undefined ? '' : ` (${reason})`}`, () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer(process.env);
  });
  afterAll(() => server?.stop());

  it('apply, wait, get, edit, delete', { timeout: 180_000 }, async () => {
    const transcript: string[] = [];
    const editor = join(await scratch(), 'editor.sh');
    await writeFile(editor, '#!/bin/sh\nexec sed -i "s/bitrate: 2000/bitrate: 1900/" "$1"\n', { mode: 0o755 });
    const kubectl = (line: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const env = { ...process.env, KUBECONFIG: server.kubeconfig, KUBE_EDITOR: editor };
        execFile(server.kubectl, line.split(' '), { cwd: root, env }, (error, stdout, stderr) => {
          transcript.push(`$ kubectl ${line}`, ...`${stdout}${stderr}`.trimEnd().split('\n'));
          if (error === null) resolve(stdout);
          else reject(new Error(transcript.join('\n')));
        });
      });
    try {
      await kubectl('apply --server-side -k manifests/crds');
      await kubectl('apply --server-side -k manifests/overlays/cluster-wide');
      await kubectl('wait --for=condition=Established crd --all --timeout=30s');
      const token = (await kubectl('create token agora-reconciler -n agora-reconciler')).trim();
      transcript[transcript.length - 1] = '(a token)';
      const deployment = JSON.parse(await kubectl('get deployment agora-reconciler -n agora-reconciler -o json'));
      transcript.splice(
        transcript.lastIndexOf('$ kubectl get deployment agora-reconciler -n agora-reconciler -o json'),
      );
      const [{ args: given }] = deployment.spec.template.spec.containers;
      const args = (given as readonly string[]).map((arg) => arg.replace('$(POD_NAMESPACE)', 'agora-reconciler'));

      const cloud = new Child(['simulate', '--port', '0', '--speed', String(SPEED)]);
      const [, endpoint = ''] = await cloud.says(/simulated Agora cloud: (http:\S+)/);
      const kubeconfig = join(await scratch(), 'account');
      await writeFile(kubeconfig, kubeconfigWith(server, token), { mode: 0o600 });
      const here = ['--kubeconfig', kubeconfig, '--endpoint', endpoint, ...ANYWHERE];
      const env = { POD_NAMESPACE: 'agora-reconciler', POD_NAME: 'agora-reconciler-0' };
      const controller = new Child([...args, ...here], { env });
      transcript.push(`$ agora-reconciler ${args.join(' ')} --kubeconfig … --endpoint ${endpoint} &`);
      await controller.says(/became the leader/);

      await kubectl('create namespace media');
      await kubectl('apply -f examples/quickstart');
      await kubectl('wait --for=condition=Ready wpr --all -n media --timeout=60s');
      const client = createApiClient(server);
      const converters = async (): Promise<readonly Listed[]> => {
        const path = '/apis/agora-reconciler.dev/v1alpha1/namespaces/media/rtmpconverters';
        return (await client.call('GET', path)).body['items'] as readonly Listed[];
      };
      const runs = (each: Listed): boolean => readyOf(each) === 'True Running';
      // The project has three slots, and the last of the four is most likely the one that is wanted least.
      const all = await until('three run', converters, (seen) => seen.filter(runs).length === 3);
      client.close();
      const names = all.filter(runs).map(({ metadata }) => metadata.name);
      const edited = names.find((name) => name === 'landscape' || name === 'portrait') ?? 'none';
      await kubectl(`wait --for=condition=Ready rtmpc ${names.join(' ')} -n media --timeout=30s`);
      const table = await kubectl('get wpr,rtmpc -n media -o wide');
      expect(table).toMatch(/keynote +True +Running +eu +HD /);
      expect(table).toMatch(/workshop +True +OnHold +eu /);
      expect(table).toMatch(/False +WaitingForSlot +eu +HD +1 /);

      await kubectl(`edit rtmpc ${edited} -n media`);
      const generation = 'jsonpath={.status.observedGeneration}=2';
      await kubectl(`wait --for=${generation} rtmpc ${edited} -n media --timeout=30s`);
      await kubectl(`wait --for=condition=Ready rtmpc ${edited} -n media --timeout=30s`);
      const columns = 'custom-columns=OBJECT:.regarding.name,REASON:.reason,NOTE:.note';
      const events = await kubectl(`get events.events.k8s.io -n media -o ${columns}`);
      expect(events).toMatch(/keynote +/);

      await kubectl('delete -f examples/quickstart --timeout=60s');
      const audit = await (await fetch(`${endpoint}/_simulator/audit`)).json();
      expect(audit).toMatchObject({ live: [], doubles: [], calls: { updateConverter: 1 } });
      controller.process.kill('SIGTERM');
      expect(await controller.ended()).toMatchObject({ code: 0 });
      await kubectl('delete -k manifests/overlays/cluster-wide --wait=false');
      await kubectl('delete -k manifests/crds --timeout=30s');
    } catch (error) {
      const columns = 'custom-columns=NAME:.metadata.name,WHY:.status.conditions[*].message,TASKS:.status.tasks';
      await kubectl(`get wpr,rtmpc -n media -o ${columns}`);
      throw error;
    } finally {
      console.log(transcript.join('\n'));
    }
  });
});

/** Other tests use the ports at the same time. */
const ANYWHERE = ['metrics', 'health-probe', 'ingress'].flatMap((what) => [`--${what}-bind-address`, '127.0.0.1:0']);

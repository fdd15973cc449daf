import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tasksOf } from '../../src/kinds/task.ts';
import type { Explanation } from '../../src/plan/explanation.ts';
import type { SupportCase } from '../../src/plan/support.ts';
import type { Audit } from '../../src/simulator/audit.ts';
import { run } from '../cli/child.ts';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { idsIn, type Listed, readyOf } from './listed.ts';
import { quickstartIn, type Rehearsal, rehearse, until } from './rehearsal.ts';

const reason = whyNoServer(process.env);
let cluster: Cluster;

/**
 * Nothing beyond a limit, nothing twice, nothing that no status lists. A recording whose start was on the wire when its
 * controller died may live on without a sid that anybody knows: `unseen` says which those are (design §5.2).
 */
function expectClean(audit: Audit, unseen: ReadonlySet<string> = new Set()): void {
  expect(audit.limits.exceeded).toEqual([]);
  // Calls that left in time reach another process closer together where the machine is busy.
  expect(audit.queries.exceeded.filter(({ peak, allowed }) => peak > allowed + 1)).toEqual([]);
  expect(audit.doubles.filter(({ ids }) => !ids.some((id) => unseen.has(id)))).toEqual([]);
  expect(audit.unlisted?.filter(({ id }) => !unseen.has(id))).toEqual([]);
  expect(audit.sequences.filter(({ grows }) => !grows)).toEqual([]);
}

/** Live tasks that a status lists as `Unknown`, by their uids. */
function unseenIn(audit: Audit, resources: readonly Listed[]): ReadonlySet<string> {
  const unknown = resources.flatMap(({ status }) => tasksOf(status)).filter(({ phase }) => phase === 'Unknown');
  const uids = new Set(unknown.map((task) => (task as { readonly uid?: string }).uid));
  return new Set((audit.unlisted ?? []).flatMap(({ id, uid }) => (uid !== undefined && uids.has(uid) ? [id] : [])));
}

const allReady = (resources: readonly Listed[]): boolean =>
  resources.length > 0 && resources.every((each) => readyOf(each).startsWith('True'));

const applied = ({ status, metadata }: Listed): boolean => status?.observedGeneration === metadata.generation;

async function cli<Value>(args: readonly string[]): Promise<Value> {
  const { code, stdout, stderr } = await run([...args, '-o', 'json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Value;
}

async function startQuickstart(rehearsal: Rehearsal): Promise<string> {
  const directory = await quickstartIn(rehearsal.namespace);
  await rehearsal.kubectl('apply', '-f', directory);
  await rehearsal.kubectl('wait', '--for=condition=Ready', 'wpr', '--all', '--timeout=30s');
  // The project's limit is three, and four are declared.
  const full = (converters: readonly Listed[]): boolean =>
    converters.filter((each) => readyOf(each) === 'True Running').length === 3 &&
    converters.filter((each) => readyOf(each) === 'False WaitingForSlot').length === 1;
  await until('three converters and one that waits', () => rehearsal.list('RtmpConverter'), full);
  return directory;
}

const running = async (rehearsal: Rehearsal): Promise<Listed> => {
  const converters = await rehearsal.list('RtmpConverter');
  const found = converters.find((each) => readyOf(each) === 'True Running' && each.metadata.name !== 'camera');
  if (found === undefined) throw new Error('no converter runs');
  return found;
};

describe.skipIf(reason !== undefined)('the controller in a cluster', () => {
  beforeAll(async () => {
    cluster = await startCluster(process.env);
  });
  afterAll(() => cluster?.stop());

  it('runs the quickstart through its whole life', { timeout: 120_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'life', 10);
    const { child, address } = await rehearsal.controller();
    const directory = await startQuickstart(rehearsal);
    const table = await rehearsal.kubectl('get', 'wpr,rtmpc', '-o', 'wide');
    expect(table).toMatch(/keynote +True +Running +eu +HD .*[0-9a-f]{32}/);
    expect(table).toMatch(/False +WaitingForSlot +eu +HD +1/);
    expect(await (await fetch(`http://${address}/readyz?verbose`)).text()).toContain('[+]leader-election ok: leading');

    // Others ask it at its health port.
    const before = await running(rehearsal);
    const { name } = before.metadata;
    const at = ['--address', address, '-n', rehearsal.namespace];
    const explanation = await cli<Explanation>(['explain', `rtmpc/${name}`, ...at]);
    expect(explanation).toMatchObject({ source: 'controller', ready: 'True', reason: 'Running' });
    const supportCase = await cli<SupportCase>(['support', `rtmpc/${name}`, ...at]);
    expect(supportCase.tasks[0]?.handles).toMatchObject({ converterId: idsIn(before)[0] });
    expect(JSON.stringify(supportCase)).not.toContain(`${name}-key`);
    expect(await cli<{ items: unknown[] }>(['get', 'wpr', ...at])).toMatchObject({ items: { length: 3 } });

    // An edit that Agora takes changes the task; another one replaces it.
    await rehearsal.kubectl('patch', 'rtmpc', name, '--type=merge', '-p', patchOf({ videoOptions: { bitrate: 1900 } }));
    const look = () => rehearsal.get('RtmpConverter', name);
    const edited = await until('updated', look, (seen) => applied(seen) && readyOf(seen) === 'True Running');
    expect(idsIn(edited)).toEqual(idsIn(before));
    await rehearsal.kubectl('patch', 'rtmpc', name, '--type=merge', '-p', patchOf({ rtcChannel: 'show69' }));
    const replaced = await until('replaced', look, (seen) => applied(seen) && readyOf(seen) === 'True Running');
    expect(idsIn(replaced)).not.toEqual(idsIn(before));
    expectClean(await rehearsal.audit());

    await rehearsal.kubectl('delete', '-f', directory, '--timeout=60s');
    const audit = await rehearsal.audit();
    expect(audit.live).toEqual([]);
    expectClean(audit);
    child.process.kill('SIGTERM');
    expect((await child.ended()).code).toBe(0);
    const lease = JSON.parse(await rehearsal.kubectl('get', 'lease', 'agora-reconciler', '-o', 'json'));
    expect(lease.spec.holderIdentity).toBe('');
  });

  it('suspend, resume and reconcile patch, and the controller obeys', { timeout: 60_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'hands', 10);
    await rehearsal.controller();
    await startQuickstart(rehearsal);
    const hand = (...args: readonly string[]) =>
      run([...args, '-n', rehearsal.namespace, '--kubeconfig', cluster.server.kubeconfig]);
    const look = () => rehearsal.get('WebPageRecording', 'keynote');
    const kept = idsIn(await look());

    expect(await hand('suspend', 'wpr/keynote')).toMatchObject({
      code: 0,
      stdout: 'webpagerecording.agora-reconciler.dev/keynote suspended\n',
    });
    await until('suspended', look, (seen) => readyOf(seen).endsWith('Suspended'));
    const url = { spec: { url: 'https://stage.example.com/other' } };
    await rehearsal.kubectl('patch', 'wpr', 'keynote', '--type=merge', '-p', JSON.stringify(url));
    expect(await hand('resume', 'wpr', '--all')).toMatchObject({ code: 0 });
    // The page cannot be changed in place.
    const seen = await until('as declared', look, (one) => applied(one) && readyOf(one) === 'True Running');
    expect(idsIn(seen)).not.toEqual(kept);

    expect(await hand('reconcile', 'wpr/keynote')).toMatchObject({ code: 0 });
    await until('handled', look, ({ status, metadata }) => {
      const requested = metadata.annotations?.['agora-reconciler.dev/reconcile-requested-at'];
      return requested !== undefined && status?.lastHandledReconcileAt === requested;
    });
    expect(await hand('suspend', 'wpr/nobody')).toMatchObject({ code: 1, stdout: '' });
    expect(await hand('suspend', 'wpr')).toMatchObject({ code: 64 });
    expectClean(await rehearsal.audit());
  });

  it('a leader killed in a rollout is followed within 20 s, and nothing lives that no status lists', {
    timeout: 90_000,
  }, async () => {
    const rehearsal = await rehearse(cluster, 'takeover', 1);
    const leader = await rehearsal.controller();
    await leader.child.says(/became the leader/);
    const standby = await rehearsal.controller();
    await until(
      'ready',
      async () => (await fetch(`http://${standby.address}/readyz`)).status,
      (status) => status === 200,
    );
    const { code, stderr } = await run(['explain', 'wpr/r0', '--address', standby.address]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('stands by') });

    // Two starts are on the wire for sure when their controller dies.
    await rehearsal.fault({ id: 'lost', kind: 'lost-answer', match: { call: 'start' }, count: 2 });
    const directory = await quickstartIn(rehearsal.namespace);
    await rehearsal.kubectl('apply', '-f', join(directory, 'secrets.yaml'), '-f', join(directory, 'project.yaml'));
    const rollout = join(directory, 'rollout.yaml');
    await writeFile(rollout, Array.from({ length: 40 }, (_, index) => recording(rehearsal, index)).join('---\n'));
    const apply = rehearsal.kubectl('apply', '-f', rollout);
    await until(
      'in the middle',
      () => rehearsal.audit(),
      ({ started }) => started.recording >= 8,
    );
    leader.child.process.kill('SIGKILL');
    const killedAt = performance.now();
    await standby.child.says(/became the leader/);
    expect(performance.now() - killedAt).toBeLessThan(20_000);
    await apply;
    await until(
      'all ready',
      () => rehearsal.list('WebPageRecording'),
      (all) => all.length === 40 && allReady(all),
      {
        withinMs: 60_000,
      },
    );
    const audit = await rehearsal.audit();
    const unseen = unseenIn(audit, await rehearsal.list('WebPageRecording'));
    expect(unseen.size).toBeGreaterThanOrEqual(2);
    expect(audit.live).toHaveLength(40 + unseen.size);
    expectClean(audit, unseen);
  });

  it('a leader whose lease is taken ends by itself, and with an error', { timeout: 30_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'deposed', 10);
    const { child } = await rehearsal.controller();
    await child.says(/became the leader/);
    const taken = JSON.stringify({ spec: { holderIdentity: 'another' } });
    await rehearsal.kubectl('patch', 'lease', 'agora-reconciler', '--type=merge', '-p', taken);
    expect((await child.ended()).code).toBe(1);
    const lease = JSON.parse(await rehearsal.kubectl('get', 'lease', 'agora-reconciler', '-o', 'json'));
    expect(lease.spec.holderIdentity).toBe('another');
  });

  it('a namespace that is deleted, its credentials first, leaves nothing alive', { timeout: 90_000 }, async () => {
    const rehearsal = await rehearse(cluster, 'doomed', 10);
    await rehearsal.controller();
    await startQuickstart(rehearsal);
    // What the namespace controller does, in an order that is as bad as any.
    await rehearsal.kubectl('delete', 'namespace', rehearsal.namespace, '--wait=false');
    await rehearsal.kubectl('delete', 'secret', '--all');
    await rehearsal.kubectl('delete', 'agoraproject,wpr,rtmpc', '--all', '--timeout=60s');
    expect((await rehearsal.audit()).live).toEqual([]);
  });

  it('without a controller: the written status, a plan, and a dry run', { timeout: 60_000 }, async () => {
    const { namespace, kubectl } = await rehearse(cluster, 'quiet', 10);
    const directory = await quickstartIn(namespace);
    const project = join(directory, 'project.yaml');
    const withAppId = async (appId: string): Promise<void> =>
      writeFile(project, (await readFile(project, 'utf8')).replace(/appId: \S+/, `appId: ${appId}`));
    // Its own: what others of this cluster still hold counts in the limits of theirs.
    await withAppId('00112233445566778899aabbccddeeff');
    await kubectl('apply', '-f', directory);
    const at = ['--kubeconfig', cluster.server.kubeconfig, '-n', namespace];
    const list = await run(['get', 'wpr', ...at]);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(/keynote +Unknown +Pending/);
    const explained = await run(['explain', 'wpr/keynote', ...at]);
    expect(explained).toMatchObject({ code: 0, stderr: expect.stringContaining('no controller answered (no Pod') });
    const plan = await run(['plan', '-f', directory, ...at, '-o', 'json']);
    expect(plan).toMatchObject({ code: 2, stderr: expect.stringContaining('no controller answered') });
    // Secrets are those of the cluster: nothing waits for one.
    expect(JSON.parse(plan.stdout)).toMatchObject({ comparedWith: 'state', summary: { create: 7 }, waiting: 1 });

    expect(await run(['validate', '-f', directory, '--server', ...at])).toMatchObject({ code: 0, stdout: '' });
    await withAppId('fedcba9876543210fedcba9876543210');
    // Only the server knows what is there.
    expect((await run(['validate', '-f', directory])).code).toBe(0);
    const refused = await run(['validate', '-f', directory, '--server', ...at]);
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/project\.yaml:\d+:\d+: spec\.appId: /) });
  });
});

if (reason !== undefined)
  it.skipIf(!process.env['CI'])(`the controller has an API server to test against (${reason})`, () =>
    expect.fail(reason),
  );

const patchOf = (transcodeOptions: object): string => JSON.stringify({ spec: { transcodeOptions } });

const recording = ({ namespace }: Rehearsal, index: number): string => `
apiVersion: agora-reconciler.dev/v1alpha1
kind: WebPageRecording
metadata: { name: r${index}, namespace: ${namespace} }
spec:
  projectRef: { name: live }
  region: eu
  url: https://stage.example.com/${index}
  videoWidth: 360
  videoHeight: 640
  audioProfile: 0
  maxRecordingHour: 4
  storage:
    { vendor: AmazonS3, region: EU_CENTRAL_1, bucket: talks, fileNamePrefix: [r${index}], credentialsSecretRef: { name: s3 } }
`;

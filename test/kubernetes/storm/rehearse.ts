import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Key, makeKey } from '../../../src/core/resource.ts';
import { tasksOf } from '../../../src/kinds/task.ts';
import type { Audit } from '../../../src/simulator/audit.ts';
import { createDie } from '../../../src/simulator/dice.ts';
import { Program } from '../../cli/program.ts';
import type { Cluster } from '../cluster.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { idsIn, type Listed, readyOf } from '../listed.ts';
import { createUser, KEYS, NAMESPACE, type User } from './declarations.ts';
import { type HandlesSeen, type SeenVersion, watchHandles } from './handles-seen.ts';
import { Meddler } from './meddler.ts';
import { storm } from './weather.ts';

export interface StormOptions {
  /** On the clock of the run. */
  readonly minutes: number;
  readonly seed: string;
  readonly speed: number;
  /** The API server is away for so long at most, now and then. */
  readonly longestOutageMs: number;
  /** What the controller logs, each version of each object, and each call: a line each, to be sorted by their times. */
  readonly log?: (text: string) => void;
}

export interface StormReport {
  /** Empty: nothing was missed, nothing doubled, no handle lost. */
  readonly problems: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  readonly user: Readonly<Record<string, number>>;
  readonly calls: number;
  readonly handles: number;
  /** Of those, in answers that the controller had given up waiting for, as on a slow machine: lost to anybody. */
  readonly unheard: number;
  /** How often the controller ended, since it had lost its lease, and was started again. */
  readonly restarts: number;
  readonly settledAfterMs: number;
}

const SETTLES_WITHIN_MS = 120_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The real controller between two troublemakers: a proxy that spoils its talk with the API server, and one that changes the
 * resource of every call to the simulated cloud while the call is on its way. A user declares, edits and deletes meanwhile.
 * Afterwards the books are compared: of the user, of the statuses (every version of them), of the cloud.
 */
export async function rehearseStorm(cluster: Cluster, options: StormOptions): Promise<StormReport> {
  const { minutes, seed, speed, longestOutageMs, log } = options;
  const folder = await mkdtemp(join(tmpdir(), 'agora-storm-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const user = createUser(cluster, createDie(`${seed}/user`));
    await user.declareAll();
    const note = (line: object): void => log?.(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
    const seen = await watchHandles(cluster.server.kubeconfig, NAMESPACE, (version) => note(shortly(version)));
    closing.push(() => seen.stop());
    const proxy = await FaultProxy.start(cluster.server.kubeconfig);
    closing.push(() => proxy.stop());
    const cloud = new Program(['simulate', '--port', '0', '--speed', String(speed), '--seed', seed]);
    closing.push(() => cloud.kill());
    const [, endpoint = ''] = await cloud.says(/simulated Agora cloud: (http:\S+)/);
    const meddler = await Meddler.start(endpoint);
    closing.push(() => meddler.stop());
    meddler.told = (subject, answer) => note({ call: subject, ...answer });
    const meddling = createDie(`${seed}/meddler`);
    meddler.meddle = ({ kind, name, method }) =>
      user.meddle(makeKey(kind, NAMESPACE, name), method === 'GET' || meddling() < 0.7 ? 'label' : 'edit');
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(proxy.access().server));
    const controller = keepRunning(['--kubeconfig', kubeconfig, '--endpoint', meddler.url], log);
    closing.push(() => controller.stop());
    await settled(cluster, user);

    const stopAt = performance.now() + (minutes * 60_000) / speed;
    const goesOn = (): boolean => performance.now() < stopAt;
    const acting = async (): Promise<void> => {
      const die = createDie(`${seed}/pace`);
      while (goesOn()) {
        await pause(50 + die() * 700);
        await user.act();
      }
    };
    const weather = { proxy, die: createDie(`${seed}/weather`), goesOn, longestOutageMs };
    const [faults] = await Promise.all([storm(weather), acting()]);

    // Calm: no edits during calls either, so that there is an end.
    meddler.meddle = async () => undefined;
    await user.declareMissing();
    const calmAt = performance.now();
    const problems = [...(await settled(cluster, user))];
    const settledAfterMs = Math.round(performance.now() - calmAt);
    problems.push(...(await booksDiffer(cluster, { endpoint, seen, meddler, controller })));
    problems.push(...(await afterDeletion(cluster, { endpoint, meddler, controller })), ...(await controller.stop()));
    problems.push(...meddler.failures);
    const { calls, given, unheard } = meddler;
    const { restarts } = controller;
    const handles = given.size;
    return { problems, faults, user: user.counts, calls, handles, unheard: unheard.size, restarts, settledAfterMs };
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/** What matters of a version to whoever looks for what became of a task. */
function shortly({ type, object: { kind, metadata, status } }: SeenVersion): object {
  const { name, uid, resourceVersion, generation, deletionTimestamp, finalizers } = metadata;
  const tasks = tasksOf(status).map(({ applied: _applied, ...task }) => task);
  const which = { seen: `${kind}/${name}`, type, uid, resourceVersion, generation };
  return { ...which, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }), finalizers, tasks };
}

/** Waits until everything is as declared; says what is not. */
async function settled(cluster: Cluster, user: User): Promise<readonly string[]> {
  const until = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const open = (await Promise.all(KEYS.map((key) => missed(cluster, user, key)))).flat();
    if (open.length === 0 || performance.now() > until) return open;
    await pause(200);
    // What was on its way out when it should have been declared again.
    await user.declareMissing();
  }
}

async function missed(cluster: Cluster, user: User, key: Key): Promise<readonly string[]> {
  const { status: code, body } = await cluster.read(key);
  if (!user.isDeclared(key)) return [`${key} is not declared again`];
  if (code !== 200) return [`${key} is missing: ${code}`];
  const { metadata, status, spec } = body as unknown as Listed;
  const wished = spec['desiredState'] === 'OnHold' ? 'True OnHold' : 'True Running';
  const found: string[] = [];
  if (readyOf({ status } as Listed) !== wished) found.push(`${key} is ${readyOf({ status } as Listed)}, not ${wished}`);
  if (status?.observedGeneration !== metadata.generation)
    found.push(`${key}: generation ${metadata.generation} was missed`);
  const request = user.lastRequest(key);
  if (request !== undefined && status?.lastHandledReconcileAt !== request) found.push(`${key}: ${request} was missed`);
  return found;
}

interface Parts {
  readonly endpoint: string;
  readonly meddler: Meddler;
  readonly controller: Kept;
}

async function booksDiffer(
  cluster: Cluster,
  parts: Parts & { readonly seen: HandlesSeen },
): Promise<readonly string[]> {
  const { endpoint, seen, meddler, controller } = parts;
  const resources = await resourcesOf(cluster);
  const audit = await auditOf(endpoint, resources.flatMap(idsIn));
  const explained = await explainedTasks(cluster, audit, parts);
  const heard = controller.restarts > 0 ? [] : [...meddler.given].filter((id) => !meddler.unheard.has(id));
  const lost = heard.filter((id) => !seen.ids.has(id));
  return [
    ...lost.map((id) => `no status ever listed the handle ${id}`),
    ...(audit.unlisted ?? [])
      .filter(({ id }) => !explained.has(id))
      .map(({ product, name, id }) => `${product} ${name} lives and no status lists ${id}`),
    ...audit.doubles
      .filter(({ ids }) => !ids.some((id) => explained.has(id)))
      .map(({ name, ids }) => `${name} ran twice: ${ids.join(' and ')}`),
    ...audit.sequences.filter(({ grows }) => !grows).map(({ name }) => `the sequence of ${name} does not grow`),
    ...audit.limits.exceeded.map((excess) => `a limit was exceeded: ${JSON.stringify(excess)}`),
  ];
}

/**
 * Ids of live tasks that are listed without them: what a start answered is not known where the lease was lost before it could
 * be written, or the answer came too late. Such a task is `Unknown` in its status, or left behind in the project's once its
 * resource was deleted. Where neither happened there is no excuse.
 */
async function explainedTasks(
  cluster: Cluster,
  audit: Audit,
  { meddler, controller }: Omit<Parts, 'endpoint'>,
): Promise<ReadonlySet<string>> {
  if (controller.restarts === 0 && meddler.unheard.size === 0) return new Set();
  const { body } = await cluster.read(makeKey('AgoraProject', NAMESPACE, 'live'));
  const { leftBehind = [] } = (body['status'] ?? {}) as { readonly leftBehind?: readonly { taskUid?: string }[] };
  const inStatus = (await resourcesOf(cluster)).flatMap(({ status }) =>
    tasksOf(status).flatMap((task) => (task.phase === 'Unknown' ? [(task as { readonly uid?: string }).uid] : [])),
  );
  const uids = new Set([...leftBehind.map(({ taskUid }) => taskUid), ...inStatus]);
  return new Set(audit.live.flatMap(({ id, uid }) => (uid !== undefined && uids.has(uid) ? [id] : [])));
}

async function afterDeletion(cluster: Cluster, parts: Parts): Promise<readonly string[]> {
  for (const key of KEYS) await cluster.remove(key);
  const until = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    const left = await resourcesOf(cluster);
    if (left.length === 0) break;
    if (performance.now() > until) return left.map(({ metadata }) => `${metadata.name} was not let go`);
    await pause(200);
  }
  const audit = await auditOf(parts.endpoint, []);
  const explained = await explainedTasks(cluster, audit, parts);
  return audit.live
    .filter(({ id }) => !explained.has(id))
    .map(({ product, name }) => `${product} ${name} lives after its deletion`);
}

async function resourcesOf({ client }: Cluster): Promise<readonly Listed[]> {
  const lists = ['webpagerecordings', 'rtmpconverters'].map(async (plural) => {
    const path = `/apis/agora-reconciler.dev/v1alpha1/namespaces/${NAMESPACE}/${plural}`;
    return ((await client.call('GET', path)).body['items'] ?? []) as readonly Listed[];
  });
  return (await Promise.all(lists)).flat();
}

async function auditOf(endpoint: string, listed: readonly string[]): Promise<Audit> {
  const answer = await fetch(`${endpoint}/_simulator/audit`, { method: 'POST', body: JSON.stringify({ listed }) });
  return (await answer.json()) as Audit;
}

interface Kept {
  readonly restarts: number;
  /** Says what must not have happened. */
  stop(): Promise<readonly string[]>;
}

/** As a Deployment does: a controller that ends is started again. */
function keepRunning(to: readonly string[], log: StormOptions['log']): Kept {
  const problems: string[] = [];
  let restarts = 0;
  let ending = false;
  let program: Program | undefined;
  const life = (async (): Promise<void> => {
    while (!ending) {
      const flags = ['--watch-namespaces', NAMESPACE, '--leader-elect', '--leader-election-namespace', NAMESPACE];
      const quiet = ['--metrics-bind-address', '0', '--health-probe-bind-address', '0', '--log-format', 'json'];
      const level = ['--log-level', log === undefined ? 'info' : 'debug'];
      program = new Program(['controller', ...flags, ...quiet, ...level, ...to]);
      const { code, stderr } = await program.ended();
      log?.(stderr);
      if (stderr.includes('the object no longer waits for this answer')) problems.push('an answer was dropped');
      if (ending) break;
      restarts += 1;
      if (code !== 1) problems.push(`the controller ended with ${code}: ${stderr.slice(-500)}`);
    }
  })();
  return {
    get restarts() {
      return restarts;
    },
    async stop() {
      if (!ending) {
        ending = true;
        program?.process.kill('SIGTERM');
        const force = setTimeout(() => program?.process.kill('SIGKILL'), 10_000);
        await life;
        clearTimeout(force);
      }
      return problems;
    },
  };
}

const kubeconfigOf = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxied', cluster: { server } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'nobody', namespace: NAMESPACE } }],
    'current-context': 'proxied',
  });

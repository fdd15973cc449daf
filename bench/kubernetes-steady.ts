/** What a controller in a cluster costs when nothing changes: no write to the API server in ten minutes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { PLURALS } from '../src/hosts/kubernetes/kinds.ts';
import { whyNoServer } from '../test/kubernetes/api-server.ts';
import type { Cluster } from '../test/kubernetes/cluster.ts';
import { type CloudProcess, startCloud } from './stage/cloud.ts';
import { type Compiled, compile } from './stage/kubernetes/compiled.ts';
import { processFigures } from './stage/kubernetes/process-figures.ts';
import { pause, stageCluster, until } from './stage/kubernetes/stage.ts';
import { declareAll } from './stage/kubernetes/workload.ts';
import { cloudProject, converters, project, recordings } from './stage/manifests.ts';
import { type Row, report, show } from './stage/report.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, counts: { type: 'string', default: '1000,10000' } },
});
const minutes = Number(values.minutes);
/** Of each kind under each App ID. */
const EACH = 125;
/** After the last write it is called steady. */
const SETTLED_MS = 45_000;

async function measure(): Promise<void> {
  const compiled = compile();
  for (const count of values.counts.split(',').map(Number)) {
    const { writes, cpuMs, calls, peakMib, rolloutMs } = await steady(compiled, count);
    const rows: readonly Row[] = [
      {
        what: 'processor time, one core',
        measured: cpuMs / 1_000,
        against: { kind: 'baseline', value: minutes * 60, what: 'time that passed' },
        unit: 's',
      },
    ];
    report(
      `kubernetes-steady: ${count} resources over ${count / 2 / EACH} App IDs, ${minutes} minutes (agora-reconciler controller, real API server, simulated cloud)`,
      rows,
      [
        `writes to the API server, of anything: ${writes} (none is promised)`,
        `calls of the cloud meanwhile: ${calls}; peak memory since its start ${show(peakMib)} MiB; all Ready after ${show(rolloutMs / 1_000)} s, at Agora's limits of calls a second`,
      ],
    );
  }
  compiled.remove();
}

async function steady(compiled: Compiled, count: number) {
  const indexes = Array.from({ length: count / 2 / EACH }, (_, index) => index);
  const cloud = await startCloud(indexes.map(cloudProject));
  const cluster = await stageCluster(indexes.map((index) => project(index)));
  try {
    await declareAll(
      cluster.client,
      indexes.flatMap((index) => [...recordings(EACH, index), ...converters(EACH, index)]),
    );
    const beganAt = performance.now();
    const controller = spawn(
      process.execPath,
      [
        ...[
          ...compiled.flags,
          compiled.command,
          'controller',
          '--kubeconfig',
          cluster.server.kubeconfig,
          '--endpoint',
          cloud.url,
        ],
        ...['--metrics-bind-address', '0', '--health-probe-bind-address', '0', '--log-level', 'error'],
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const ended = once(controller, 'exit');
    const pid = controller.pid ?? 0;
    await until('all Ready', async () => (await readyOf(cluster)) === count, 1_800_000, 15_000);
    const rolloutMs = performance.now() - beganAt;
    await untilQuiet(cluster);
    const [before, writesBefore, callsBefore] = [processFigures(pid), await writesOf(cluster), await callsOf(cloud)];
    await pause(minutes * 60_000);
    const after = processFigures(pid);
    const writes = (await writesOf(cluster)) - writesBefore;
    const calls = (await callsOf(cloud)) - callsBefore;
    controller.kill('SIGTERM');
    await ended;
    return { writes, calls, cpuMs: after.cpuMs - before.cpuMs, peakMib: after.peakMib, rolloutMs };
  } finally {
    await cluster.stop();
    await cloud.close();
  }
}

/** By the column of `kubectl get`: a status of thousands is a large answer, so page by page. */
async function readyOf({ client }: Cluster): Promise<number> {
  let ready = 0;
  for (const plural of [PLURALS.WebPageRecording, PLURALS.RtmpConverter]) {
    let from = '';
    do {
      const path = `/apis/agora-reconciler.dev/v1alpha1/${plural}?limit=500${from}`;
      const { body } = await client.call('GET', path);
      const { items = [], metadata } = body as unknown as List;
      ready += items.filter(
        ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
      ).length;
      from = metadata.continue ? `&continue=${metadata.continue}` : '';
    } while (from !== '');
  }
  return ready;
}

interface List {
  readonly metadata: { readonly continue?: string };
  readonly items?: readonly {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

async function untilQuiet(cluster: Cluster): Promise<void> {
  for (
    let [before, now] = [-1, await writesOf(cluster)];
    before !== now;
    [before, now] = [now, await writesOf(cluster)]
  )
    await pause(SETTLED_MS);
}

/** As the API server counts them, whoever they come from and whatever they are of. */
async function writesOf({ client }: Cluster): Promise<number> {
  const { body } = await client.call('GET', '/metrics');
  const lines = String(body['message']).split('\n');
  const counts = lines.filter((line) => /^apiserver_request_total\{.*verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(line));
  return counts.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

async function callsOf(cloud: CloudProcess): Promise<number> {
  const { calls } = await cloud.audit();
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

const reason = whyNoServer(process.env);
if (reason === undefined) await measure();
else console.log(`kubernetes-steady: not measured, ${reason}\n`);

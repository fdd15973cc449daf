/** 10,000 resources over 40 App IDs, in real time over loopback: rollout, restart, and a steady state. */
import type { Key } from '../src/core/resource.ts';
import { startCloud } from './stage/cloud.ts';
import { countsOf, failuresOf, hostOf, isReady, type Loop, pause, startLoop, until } from './stage/loop.ts';
import { cloudProject, converters, project, recordings } from './stage/manifests.ts';
import { median, report, show } from './stage/report.ts';

const APP_IDS = 40;
const EACH = 125;
const MIB = 1_048_576;
/** A recording is queried every two minutes: in this time each is looked at, and each App ID is swept five times. */
const STEADY_MS = 150_000;
const SETTLING_MS = 30_000;
const ROUNDS = 5;

const rssBefore = process.memoryUsage.rss();
const indexes = Array.from({ length: APP_IDS }, (_, index) => index);
const cloud = await startCloud(indexes.map(cloudProject));
const host = await hostOf(
  indexes.flatMap((index) => [project(index), ...recordings(EACH, index), ...converters(EACH, index)]),
);
const keys: readonly Key[] = [...host.list('WebPageRecording'), ...host.list('RtmpConverter')].map(
  ({ kind, metadata }): Key => `${kind}/${metadata.namespace}/${metadata.name}`,
);
const rssDeclared = process.memoryUsage.rss();

const rollout = await spent(async () => {
  const loop = startLoop({ host, to: { endpoint: cloud.url } });
  await until(allReady, 600_000, `all ${keys.length} resources Ready`);
  return loop;
});
const rolloutPasses = rollout.value.runtime.engine.stats().passes;
await rollout.value.stop();

// A restart: every resource is known from its status and looked at once; then nothing changes any more.
const restart = await spent(async () => {
  const next = startLoop({ host, to: { endpoint: cloud.url } });
  const { memory } = next.runtime.engine;
  await until(() => memory.steps.size >= keys.length + APP_IDS, 60_000, 'each had its first pass');
  return next;
});
const loop = restart.value;
await pause(SETTLING_MS);
const before = countersOf(loop);
const steady = await spent(() => pause(STEADY_MS));
const after = countersOf(loop);
const [writes, passes, calls] = [
  after.writes - before.writes,
  after.passes - before.passes,
  after.calls - before.calls,
];
const bursts: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) bursts.push(await burst(loop));
const peak = process.resourceUsage().maxRSS * 1_024;
await loop.stop();
await cloud.close();

const needed = passes / (steady.wallMs / 1_000);
report(
  `scale: ${keys.length} resources over ${APP_IDS} App IDs (real time, loopback, host in memory; ${EACH} recordings and ${EACH} converters each)`,
  [
    {
      what: 'passes a second the steady state needs',
      measured: needed,
      against: {
        kind: 'baseline',
        value: median(bursts),
        what: `what the loop does when all wake at once, median of ${ROUNDS}`,
      },
      unit: '/s',
    },
    {
      what: 'processor time in the steady state',
      measured: steady.cpuMs / 1_000,
      against: { kind: 'baseline', value: steady.wallMs / 1_000, what: 'time that passed, one core' },
      unit: 's',
    },
    {
      what: 'peak memory (RSS) of the loop',
      measured: peak / MIB,
      against: { kind: 'baseline', value: rssDeclared / MIB, what: 'with everything declared and nothing running yet' },
      unit: 'MiB',
    },
  ],
  [
    `status writes in a steady ${STEADY_MS / 1_000} s: ${writes}; calls: ${calls}; passes: ${passes} (${show(passes / calls)} a call)`,
    `rollout: ${show(rollout.wallMs / 1_000)} s, ${rolloutPasses} passes, ${show(rollout.cpuMs / rolloutPasses)} ms of processor time a pass with its calls and writes; calls: ${countsOf(rollout.value.seen)}; failures: ${failuresOf(rollout.value.seen)}`,
    `restart: each looked at after ${show(restart.wallMs / 1_000)} s, ${before.writes} status writes before the steady state`,
    `memory: ${show(rssBefore / MIB)} MiB before, ${show((peak - rssDeclared) / keys.length / 1_024)} KiB a resource above what is declared`,
    ...[...rollout.value.seen.errors, ...loop.seen.errors].slice(0, 5).map((error) => `ERROR ${error}`),
  ],
);

interface Spent<Value> {
  readonly value: Value;
  readonly wallMs: number;
  /** Of all threads of this process; the cloud has its own. */
  readonly cpuMs: number;
}

async function spent<Value>(work: () => Promise<Value>): Promise<Spent<Value>> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, wallMs: performance.now() - wall, cpuMs: (user + system) / 1_000 };
}

function allReady(): boolean {
  return host.list('WebPageRecording').every(isReady) && host.list('RtmpConverter').every(isReady);
}

function countersOf({ runtime, seen }: Loop) {
  return { passes: runtime.engine.stats().passes, writes: seen.writes, calls: seen.calls.length };
}

/** Wakes every resource at once; passes a second until all have been looked at. */
async function burst({ runtime: { engine } }: Loop): Promise<number> {
  const beganAt = performance.now();
  const passesBefore = engine.stats().passes;
  for (const key of keys) engine.wake(key, 'low');
  const isBusy = (): boolean => {
    const { depth, running } = engine.stats();
    return running > 0 || Object.values(depth).some((waiting) => waiting > 0);
  };
  while (isBusy()) await new Promise((resolve) => setImmediate(resolve));
  return ((engine.stats().passes - passesBefore) * 1_000) / (performance.now() - beganAt);
}

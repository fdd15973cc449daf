/** 300 converters under 50 creates a second, in real time over loopback. */
import { type Key, keyOf } from '../src/core/resource.ts';
import type { ConverterStatus } from '../src/kinds/converter/types.ts';
import type { Task } from '../src/simulator/ledger.ts';
import { startCloud } from './stage/cloud.ts';
import { callsOf, countsOf, failuresOf, hostOf, isReady, type Loop, startLoop, until } from './stage/loop.ts';
import { cloudProject, converters, project } from './stage/manifests.ts';
import { largest, median, report, show, smallest } from './stage/report.ts';

const COUNT = 300;
const CREATES_PER_SECOND = 50;
const SWEEP_MS = 5_000;
/** The cloud's event 3 says a converter's state. */
const STATE_EVENT = 3;

const cloud = await startCloud([cloudProject(0)]);
const loop = startLoop({
  host: await hostOf([project(0), ...converters(COUNT, 0)]),
  to: { endpoint: cloud.url },
});
const allReady = (): boolean => loop.host.list('RtmpConverter').every(isReady);
await until(allReady, 120_000, 'all converters Ready');
const creates = callsOf(loop.seen, 'create');
const tasks = await cloud.tasks();
const audit = await cloud.audit();
await loop.stop();
await cloud.close();

const rolloutMs = largest(creates.map((call) => call.answeredAt)) - smallest(creates.map((call) => call.sentAt));
const lags = lagsOf(loop, tasks);
const refusals = loop.seen.calls.filter(({ outcome }) => outcome === 'throttle').length;
const asked = audit.queries.rates.find(({ limit }) => limit === 'create');
report(
  `converters: ${COUNT} converters under ${CREATES_PER_SECOND} creates a second (real time, loopback, host in memory)`,
  [
    {
      what: 'first create sent to last answered',
      measured: rolloutMs / 1_000,
      against: { kind: 'bound', value: (1.05 * COUNT) / CREATES_PER_SECOND, what: '1.05 of 300/50 s' },
      unit: 's',
    },
    {
      what: 'running in the cloud to Ready, the slowest',
      measured: largest(lags) / 1_000,
      against: { kind: 'bound', value: SWEEP_MS / 1_000, what: 'one sweep interval' },
      unit: 's',
    },
  ],
  [
    `calls refused by rate (429): ${refusals}; most creates the cloud saw in a second: ${asked?.peak} of ${asked?.allowed}`,
    `running to Ready, median: ${show(median(lags) / 1_000)} s; calls: ${countsOf(loop.seen)}; failures: ${failuresOf(loop.seen)}`,
    ...loop.seen.errors.map((error) => `ERROR ${error}`),
  ],
);

/** From the instant at which the cloud shows a converter running to the write that says Ready. */
function lagsOf({ host, seen }: Loop, all: readonly Task[]): readonly number[] {
  const byId = new Map(all.map((task) => [task.id, task]));
  return host.list('RtmpConverter').flatMap((resource) => {
    const ids = ((resource.status as ConverterStatus | undefined)?.tasks ?? []).flatMap(
      ({ converterId }) => converterId ?? [],
    );
    const events = ids.flatMap((id) => byId.get(id.toLowerCase())?.events ?? []);
    const running = events.find(
      ({ eventType, details }) => eventType === STATE_EVENT && details['state'] === 'running',
    );
    const readyAt = seen.readyAt.get(keyOf(resource) satisfies Key);
    return [running === undefined || readyAt === undefined ? Number.POSITIVE_INFINITY : readyAt - running.at];
  });
}

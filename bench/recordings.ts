/** 100 recordings under 10 calls a second, three calls each, in real time over loopback. */
import { startCloud } from './stage/cloud.ts';
import { callsOf, countsOf, failuresOf, hostOf, isReady, type SeenCall, startLoop, until } from './stage/loop.ts';
import { cloudProject, project, recordings } from './stage/manifests.ts';
import { largest, median, quantile, report, show, smallest } from './stage/report.ts';

const COUNT = 100;
const CALLS_EACH = 3;
const CALLS_PER_SECOND = 10;
/** WR-7: the first query comes five seconds after the sid. */
const FIRST_QUERY_S = 5;

const cloud = await startCloud([cloudProject(0)]);
const loop = startLoop({
  host: await hostOf([project(0), ...recordings(COUNT, 0)]),
  to: { endpoint: cloud.url },
});
const allReady = (): boolean => loop.host.list('WebPageRecording').every(isReady);
await until(allReady, 180_000, 'all recordings Ready');
const audit = await cloud.audit();
await loop.stop();
await cloud.close();

/** The first call of a type for each recording. */
const first = (type: string, of: 'cname' | 'sid'): ReadonlyMap<string | undefined, SeenCall> =>
  new Map(
    callsOf(loop.seen, type)
      .toReversed()
      .map((call) => [call[of], call]),
  );
const [acquires, starts, queries] = [first('acquire', 'cname'), first('start', 'cname'), first('query', 'sid')];
const beganAt = smallest([...acquires.values()].map((call) => call.sentAt));
const endedAt = largest([...queries.values()].map((call) => call.answeredAt));
const handovers = [...acquires].map(
  ([cname, acquire]) => (starts.get(cname)?.sentAt ?? Number.POSITIVE_INFINITY) - acquire.answeredAt,
);
const asked = audit.queries.rates.find(({ limit }) => limit === 'recording');
const expectedS = (COUNT * CALLS_EACH) / CALLS_PER_SECOND + FIRST_QUERY_S;
report(
  `recordings: ${COUNT} recordings at ${CALLS_PER_SECOND} calls a second (real time, loopback, host in memory)`,
  [
    {
      what: 'first acquire sent to last first query answered',
      measured: (endedAt - beganAt) / 1_000,
      against: { kind: 'bound', value: 1.1 * expectedS, what: `1.1 of ${expectedS} s` },
      unit: 's',
    },
    {
      what: 'acquire answered to start sent, p95',
      measured: quantile(handovers, 0.95) / 1_000,
      against: { kind: 'bound', value: 2, what: '2 s' },
      unit: 's',
    },
  ],
  [
    `acquire to start: median ${show(median(handovers) / 1_000)} s, slowest ${show(largest(handovers) / 1_000)} s`,
    `most calls the cloud saw in a second: ${asked?.peak} of ${asked?.allowed}; calls: ${countsOf(loop.seen)}; failures: ${failuresOf(loop.seen)}`,
    ...loop.seen.errors.map((error) => `ERROR ${error}`),
  ],
);

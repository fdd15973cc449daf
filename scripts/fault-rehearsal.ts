/**
 * `node scripts/fault-rehearsal.ts --minutes 30 --seed 1 [--speed 10] [--log FILE]`: the real controller against an API server behind a
 * proxy full of faults, with an edit or a label during every call to the simulated cloud. Wants KUBEBUILDER_ASSETS.
 */
import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { whyNoServer } from '../test/kubernetes/api-server.ts';
import { startCluster } from '../test/kubernetes/cluster.ts';
import { rehearseStorm } from '../test/kubernetes/storm/rehearse.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'string', default: '10' },
    outage: { type: 'string', default: '6' },
    log: { type: 'string' },
  },
});

const missing = whyNoServer(process.env);
if (missing !== undefined) throw new Error(missing);
const { log } = values;
const minutes = Number(values.minutes);
const speed = Number(values.speed);
const cluster = await startCluster(process.env);
try {
  console.log(`${minutes} minutes of faults at speed ${speed}, seed ${values.seed}`);
  const report = await rehearseStorm(cluster, {
    minutes,
    speed,
    seed: values.seed,
    longestOutageMs: Number(values.outage) * 1_000,
    ...(log === undefined ? {} : { log: (text: string) => appendFileSync(log, text) }),
  });
  const { problems, ...rest } = report;
  console.log(JSON.stringify(rest, undefined, 2));
  for (const problem of problems) console.log(`PROBLEM: ${problem}`);
  console.log(
    problems.length === 0 ? 'nothing missed, nothing doubled, no handle lost' : `${problems.length} problems`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await cluster.stop();
}

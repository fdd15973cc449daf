/** Calls an hour for 300 steady converters, against one Get each a minute, counted over virtual time. */
import { createCloud } from '../src/simulator/cloud.ts';
import { countsOf, hostOf, isReady, type Loop, startLoop } from './stage/loop.ts';
import { cloudProject, converters, project } from './stage/manifests.ts';
import { report, show } from './stage/report.ts';
import { type VirtualTime, virtualTime } from './stage/virtual-time.ts';

const COUNT = 300;
const HOURS = 6;
const HOUR_MS = 3_600_000;

interface Steady {
  readonly callsAnHour: number;
  readonly writes: number;
  readonly passes: number;
  readonly counts: string;
  readonly errors: readonly string[];
}

const time = virtualTime();
const sweeping = await steady(time, 'listed');
const looking = await steady(time, 'list-refused');
time.end();

report(
  `calls: ${COUNT} steady converters over ${HOURS} virtual hours (cloud in process, host in memory)`,
  [
    {
      what: 'calls an hour',
      measured: sweeping.callsAnHour,
      against: {
        kind: 'baseline',
        value: looking.callsAnHour,
        what: 'the same with List refused: a Get each a minute',
      },
      unit: 'calls',
    },
    {
      what: 'calls an hour',
      measured: sweeping.callsAnHour,
      against: { kind: 'baseline', value: COUNT * 60, what: 'one Get each a minute, computed' },
      unit: 'calls',
    },
  ],
  [
    `calls in ${HOURS} hours: ${sweeping.counts}; with List refused: ${looking.counts}`,
    `status writes in ${HOURS} hours: ${sweeping.writes}; with List refused: ${looking.writes}`,
    `passes for each call: ${show(sweeping.passes / (sweeping.callsAnHour * HOURS))}`,
    ...[...sweeping.errors, ...looking.errors].map((error) => `ERROR ${error}`),
  ],
);

async function steady(virtual: VirtualTime, list: 'listed' | 'list-refused'): Promise<Steady> {
  const { clock, pass } = virtual;
  const cloud = createCloud({
    clock,
    seed: 'bench',
    projects: [cloudProject(0)],
    faults: list === 'listed' ? [] : [{ kind: 'list-refused' }],
  });
  const host = await hostOf([project(0), ...converters(COUNT, 0)], clock);
  const loop: Loop = startLoop({ host, to: { transport: cloud.transport }, clock });
  await pass(15 * 60_000);
  const isSettled = host.list('RtmpConverter').every(isReady);
  const { seen, runtime } = loop;
  seen.calls.length = 0;
  seen.writes = 0;
  const passesBefore = runtime.engine.stats().passes;
  await pass(HOURS * HOUR_MS);
  const result = {
    callsAnHour: seen.calls.length / HOURS,
    writes: seen.writes,
    passes: runtime.engine.stats().passes - passesBefore,
    counts: countsOf(seen),
    errors: isSettled ? seen.errors : [...seen.errors, 'not all converters were Ready after 15 minutes'],
  };
  const stopped = loop.stop();
  await pass(60_000);
  await stopped;
  return result;
}

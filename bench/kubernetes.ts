/** 5,000 resources in a cluster, one create call each to a cloud that answers at once, beside a baseline on @kubernetes/client-node. */
import { parseArgs } from 'node:util';
import { whyNoServer } from '../test/kubernetes/api-server.ts';
import { compile } from './stage/kubernetes/compiled.ts';
import type { Measured } from './stage/kubernetes/measure.ts';
import { type Reaction, type Reactions, react } from './stage/kubernetes/reaction.ts';
import { isOurs, rollOut, type Who } from './stage/kubernetes/rollout.ts';
import { median, type Row, report, show } from './stage/report.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    changes: { type: 'string', default: '1000' },
    reactions: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    who: { type: 'string', default: 'baseline,floor,minimal,converter' },
    exec: { type: 'string', default: '' },
  },
});
const [count, changes, rounds] = [Number(values.count), Number(values.changes), Number(values.rounds)];
const reactionRuns = changes === 0 ? 0 : Number(values.reactions);
const contenders = values.who.split(',') as readonly Who[];
const execArgv = values.exec.split(' ').filter((flag) => flag !== '');

async function measure(): Promise<void> {
  const compiled = compile();
  const runs: Record<Who, Measured[]> = { baseline: [], floor: [], minimal: [], converter: [] };
  // In turns, so that what else the machine does falls on all of them alike.
  for (let round = 0; round < rounds; round += 1) {
    for (const who of contenders) {
      const run = await rollOut(compiled, who, { count, execArgv });
      runs[who].push(run);
      console.error(`${who}: ${lineOf(run)}`);
    }
  }
  const reactions: Reactions[] = [];
  for (let run = 0; run < reactionRuns; run += 1) {
    const each = await react(compiled, changes);
    reactions.push(each);
    console.error(`from a change to its call: ${reactionLine(each)}`);
  }
  compiled.remove();
  const ours = contenders.filter(isOurs);
  report(
    `kubernetes: ${count} resources (real API server and etcd on loopback, compiled as published; medians of ${rounds}, in turns)`,
    [
      ...(contenders.includes('floor') ? floorRows(runs) : []),
      ...ours.flatMap((who) => rolloutRows(who, runs[who], runs.baseline)),
      ...(reactions.length === 0 ? [] : reactionRows(reactions)),
    ],
    [
      ...(reactions.length === 0 ? [] : [`from a change to its call: ${reactions.map(reactionLine).join(' | ')}`]),
      ...contenders.map((who) => `${who}: ${runs[who].map(lineOf).join(' | ')}`),
      ...ours.map((who) => `${who}: ${writesOf(runs[who][0])}`),
    ],
  );
}

/** How much of the baseline's time nobody can save, and how near to that ours comes. */
function floorRows({ baseline, floor, minimal }: Record<Who, readonly Measured[]>): readonly Row[] {
  const seconds = (runs: readonly Measured[]): number => median(runs.map(({ wallMs }) => wallMs)) / 1_000;
  const [least, theirs] = [seconds(floor), seconds(baseline)];
  const rows: Row[] = [
    {
      what: 'the floor, from its start to the last status written',
      measured: least,
      against: { kind: 'baseline', value: theirs, what: 'the baseline’s' },
      unit: 's',
    },
  ];
  if (minimal.length === 0) return rows;
  const against = { kind: 'baseline', value: least, what: 'the floor’s' } as const;
  return [...rows, { what: 'minimal: the same beside the floor', measured: seconds(minimal), against, unit: 's' }];
}

function rolloutRows(who: Who, ours: readonly Measured[], baseline: readonly Measured[]): readonly Row[] {
  const row = (what: string, unit: string, read: (run: Measured) => number): Row => {
    const theirs = median(baseline.map(read));
    const what08 = `0.8 of the baseline’s ${show(theirs)} ${unit}`;
    return {
      what: `${who}: ${what}`,
      measured: median(ours.map(read)),
      against: { kind: 'bound', value: 0.8 * theirs, what: what08 },
      unit,
    };
  };
  return [
    row('from its start to the last status written', 's', ({ wallMs }) => wallMs / 1_000),
    row('processor time of it', 's', ({ cpuMs }) => cpuMs / 1_000),
    {
      what: `${who}: peak memory (RSS)`,
      measured: median(ours.map(({ peakMib }) => peakMib)),
      against: {
        kind: 'bound',
        value: 200,
        what: `promised; the baseline’s is ${show(median(baseline.map(({ peakMib }) => peakMib)))}`,
      },
      unit: 'MiB',
    },
  ];
}

/** The p99 of one run is that of its ten or fifteen slowest changes, and the ratio of the next run differs by up to a half. */
function reactionRows(runs: readonly Reactions[]): readonly Row[] {
  const of = (who: keyof Reactions, which: keyof Reaction): number => median(runs.map((run) => run[who][which]));
  return (['p50', 'p99'] as const).map((which) => ({
    what: `minimal: from a change to its call, ${which} of ${changes}, median of ${runs.length}`,
    measured: of('ours', which),
    against: { kind: 'bound', value: of('baseline', which), what: 'the baseline’s, in turns with it' },
    unit: 'ms',
  }));
}

const reactionLine = ({ ours, baseline }: Reactions): string =>
  `p50 ${show(ours.p50)} and ${show(baseline.p50)}, p99 ${show(ours.p99)} and ${show(baseline.p99)} ms`;

function lineOf({ wallMs, cpuMs, peakMib }: Measured): string {
  return `${show(wallMs / 1_000)} s, ${show(cpuMs / 1_000)} s of processor, ${show(peakMib)} MiB`;
}

function writesOf(run: Measured | undefined): string {
  if (run === undefined) return 'not run';
  const { status, mostStatus, finalizer } = run.writes;
  return `${show(status / count)} status writes a resource until Ready (${mostStatus} at most, three are allowed), ${show(finalizer / count)} finalizer writes`;
}

const reason = whyNoServer(process.env);
if (reason === undefined) await measure();
else console.log(`kubernetes: not measured, ${reason}\n`);

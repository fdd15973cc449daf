/** From a task's death, or its page's, to the call that begins its replacement: with notices and without, in virtual time. */
import { createCloud } from '../src/simulator/cloud.ts';
import type { Death, FaultRule } from '../src/simulator/fault-rules.ts';
import { DEFAULT_TIMINGS } from '../src/simulator/timings.ts';
import { hostOf, isReady, type Loop, startLoop } from './stage/loop.ts';
import { appIdOf, cloudProject, converters, NOTIFIED, project, recordings, SUBSCRIPTION } from './stage/manifests.ts';
import { largest, median, type Row, report, show } from './stage/report.ts';
import { wire } from './stage/told.ts';
import { type VirtualTime, virtualTime } from './stage/virtual-time.ts';

const COUNT = 40;
/** One death of each kind so often: spread over the phases of queries and sweeps, far from any limit. */
const EVERY_MS = 7_300;
const MINUTE_MS = 60_000;
/** After ten steady minutes no earlier re-creation holds the next one back (design §5.5). */
const STEADY_MS = 12 * MINUTE_MS;
/** Longer than any bound. */
const REPLACED_MS = 8 * MINUTE_MS;

/** What the rules allow, in seconds; the parts are named in the report. */
const CALLS_S = 2;
const NOTICE_S = DEFAULT_TIMINGS.noticeMs / 1_000;
const QUERY_S = 120;
const MIGRATION_S = 90;
const SWEEP_S = 30;
/** MP-22: 5–6, 10–11 and 15–16 s. */
const LOOKS_S = 33;
const PAGE_WATCH = {
  readyWithinSeconds: 60,
  heartbeatSeconds: 15,
  elements: ['#stage'],
  media: true,
  tokenIn: 'Query',
} as const;
/** Four heartbeats, unless it is declared. */
const STALE_S = 4 * PAGE_WATCH.heartbeatSeconds;
const UPLOAD_S = DEFAULT_TIMINGS.uploadMs / 1_000;

type Kind = 'WebPageRecording' | 'RtmpConverter';
/** How it is found out: Agora tells, nobody does, or the page itself. */
type Told = 'with notices' | 'without' | 'by its page';

interface Case {
  readonly kind: Kind;
  readonly what: string;
  readonly fault: FaultRule;
  readonly told: Told;
  readonly bound: number;
  readonly because: string;
}

const dies = (how: Death): FaultRule => ({ kind: 'task-dies', how });
const NOTICED = {
  bound: NOTICE_S + CALLS_S,
  because: `${NOTICE_S} s until Agora tells + ${CALLS_S} s of calls`,
};
const SILENT_RECORDING = {
  bound: QUERY_S + MIGRATION_S + CALLS_S,
  because: `${QUERY_S} s to the next query + ${MIGRATION_S} s of 404 + ${CALLS_S} s of calls`,
};

const STALE = {
  kind: 'WebPageRecording',
  told: 'by its page',
  bound: STALE_S + UPLOAD_S + CALLS_S,
  because: `${STALE_S} s without a good report + ${UPLOAD_S} s until it is stopped + ${CALLS_S} s of calls`,
} as const;

const CASES: readonly Case[] = [
  { kind: 'WebPageRecording', what: 'a recording fails', fault: dies('failed'), told: 'with notices', ...NOTICED },
  { kind: 'WebPageRecording', what: 'a recording is gone', fault: dies('gone'), told: 'with notices', ...NOTICED },
  { kind: 'WebPageRecording', what: 'a recording fails', fault: dies('failed'), told: 'without', ...SILENT_RECORDING },
  { kind: 'WebPageRecording', what: 'a recording is gone', fault: dies('gone'), told: 'without', ...SILENT_RECORDING },
  { kind: 'RtmpConverter', what: 'a converter fails', fault: dies('failed'), told: 'with notices', ...NOTICED },
  { kind: 'RtmpConverter', what: 'a converter is gone', fault: dies('gone'), told: 'with notices', ...NOTICED },
  {
    kind: 'RtmpConverter',
    what: 'a converter fails',
    fault: dies('failed'),
    told: 'without',
    bound: SWEEP_S + CALLS_S,
    because: `${SWEEP_S} s to the next sweep + ${CALLS_S} s of calls`,
  },
  {
    kind: 'RtmpConverter',
    what: 'a converter is gone',
    fault: dies('gone'),
    told: 'without',
    bound: SWEEP_S + LOOKS_S + CALLS_S,
    because: `${SWEEP_S} s to the next sweep + ${LOOKS_S} s of looks + ${CALLS_S} s of calls`,
  },
  { ...STALE, what: 'the video of a page stands still', fault: { kind: 'page-video-freezes' } },
  { ...STALE, what: 'a page falls silent', fault: { kind: 'page-script-stops' } },
];

const time = virtualTime();
const rows: Row[] = [];
const notes: string[] = [];
for (const told of ['with notices', 'without', 'by its page'] as const) await run(time, told);
time.end();
report(
  `detection: ${COUNT} deaths of each kind, ${EVERY_MS / 1_000} s apart, to the call that begins the replacement; the slowest (virtual time, cloud and ingress in process)`,
  rows,
  notes,
);

async function run({ clock, pass }: VirtualTime, told: Told): Promise<void> {
  const line = wire();
  const cloud = createCloud({
    clock,
    seed: 'bench',
    projects: [cloudProject(0)],
    tells: { post: line.post, pageWatchUrl: '/page-watch' },
    faults: told === 'with notices' ? [] : [{ kind: 'ingress-outage', only: 'notices' }],
  });
  cloud.subscribe(appIdOf(0), SUBSCRIPTION);
  const host = await hostOf(
    [
      project(0, NOTIFIED),
      ...recordings(COUNT, 0, told === 'by its page' ? { pageWatch: PAGE_WATCH } : {}),
      ...converters(COUNT, 0),
    ],
    clock,
  );
  const loop = startLoop({ host, to: { transport: cloud.transport }, clock });
  line.connect(loop);
  const end = new AbortController();
  const running = cloud.run(end.signal);
  await pass(STEADY_MS);
  for (const one of CASES.filter((each) => each.told === told)) {
    const seconds = await deaths(one);
    rows.push({
      what: `${one.what}, ${told}`,
      measured: largest(seconds),
      against: { kind: 'bound', value: one.bound, what: one.because },
      unit: 's',
    });
    notes.push(`${one.what}, ${told}: median ${show(median(seconds))} s of ${seconds.length}`);
    await pass(STEADY_MS);
  }
  const { notices } = cloud.audit().told;
  notes.push(
    `${told}: ${notices.told} notices, ${notices.acknowledged} acknowledged; calls refused by rate: ${cloud.audit().refusals.enforced.rate}`,
  );
  if (!host.list('WebPageRecording').every(isReady) || !host.list('RtmpConverter').every(isReady))
    notes.push(`ERROR ${told}: not all were Ready in the end`);
  notes.push(...loop.seen.errors.map((error) => `ERROR ${error}`));
  end.abort();
  const stopped = loop.stop();
  await pass(MINUTE_MS);
  await Promise.all([stopped, running]);

  async function deaths({ kind, fault }: Case): Promise<readonly number[]> {
    const diedAt = new Map<string, number>();
    const product = kind === 'WebPageRecording' ? 'recording' : 'converter';
    for (const task of cloud.liveTasks().filter((each) => each.product === product)) {
      diedAt.set(task.name, clock.now());
      cloud.addFaults([{ ...fault, match: { taskId: task.id }, count: 1 }]);
      await pass(EVERY_MS);
    }
    await pass(REPLACED_MS);
    return [...diedAt].map(([name, at]) => (begunAfter(loop, name, at) - at) / 1_000);
  }
}

/** When the next task of that name was asked for. */
function begunAfter({ seen }: Loop, name: string, at: number): number {
  const call = seen.calls.find(
    (each) => each.sentAt > at && ['start', 'create'].includes(each.type) && (each.cname ?? each.name) === name,
  );
  return call?.sentAt ?? Number.POSITIVE_INFINITY;
}

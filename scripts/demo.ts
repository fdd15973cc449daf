/**
 * `npm run demo`: a simulated Agora cloud and the standalone loop over the quickstart manifests, on one clock that runs
 * faster than the machine's. It declares, breaks, edits, and asks the cloud's own books at the end. With `-- --chromium
 * PATH` it shows a real page being watched instead, in the machine's own time.
 */
import { parseArgs } from 'node:util';
import { standingOf } from '../src/cli/settled.ts';
import { makeKey } from '../src/core/resource.ts';
import { openStage, type Stage } from './demo-stage.ts';
import { isRunning, say, storyteller, table, title, until } from './demo-story.ts';

const SPEED = 4;

/** Whoever reads has left (`| head`). */
process.stdout.on('error', () => undefined);

async function demo(): Promise<boolean> {
  const watch = { elapsed: (): number => 0 };
  say(
    'Agora Reconciler: you declare recordings and converters, it makes Agora match.',
    `Here with a simulated Agora cloud, on a clock that runs ${SPEED} times faster.`,
  );
  title('1. Eight manifests are declared. The answer to one start gets lost on its way.');
  const stage = await openStage({
    speed: SPEED,
    log: storyteller(() => watch.elapsed()),
    faults: [{ id: 'lost-start', kind: 'lost-answer', as: 'reset', match: { call: ['start'] }, count: 1 }],
  });
  const began = stage.clock.now();
  watch.elapsed = () => stage.clock.now() - began;
  try {
    return await play(stage);
  } finally {
    await stage.end();
  }
}

async function play(stage: Stage): Promise<boolean> {
  const { cloud } = stage;
  await until(stage, 'the rollout settles', () => isSettled(stage));
  table(stage);
  const lost = cloud.faults().some(({ id, hits }) => id === 'lost-start' && hits === 1);
  say('', '  The lost start was asked for again under the same handle, so it runs once.');
  say('  Four HD converters were declared and the project allows three: one waits.');

  const [broken, edited] = cast(stage);
  title(`2. The page of keynote stops playing, and the CDN of ${broken} takes no more.`);
  const replaced = await failures(stage, broken);

  title(`3. The bitrate of ${edited} is edited. Agora can change that while it runs.`);
  const task = stage.current('RtmpConverter', edited) ?? '';
  await stage.edit('converters.yaml', ...BITRATE[edited]);
  await until(
    stage,
    `${edited} is updated in place`,
    () => cloud.task(task)?.sequences.length === 1 && isSettled(stage),
  );
  const inPlace = stage.current('RtmpConverter', edited) === task && isAlive(stage, task);
  say(`  The same task goes on, with update sequence ${cloud.task(task)?.sequences.join(', ')}.`);

  title('4. The page of chat is edited. Agora cannot change that, so it is recorded anew.');
  const chat = stage.current('WebPageRecording', 'chat') ?? '';
  await stage.edit('recordings.yaml', 'example.com/chat', 'example.com/chat-wall');
  await until(stage, 'chat is re-created', () => {
    const now = stage.current('WebPageRecording', 'chat');
    return now !== undefined && now !== chat && !isAlive(stage, chat) && isSettled(stage);
  });

  title('The end, as the controller has it');
  table(stage);
  title('and as the cloud’s own books have it');
  return audit(stage, [
    ['starts whose answer got lost', lost ? 1 : 0, 1],
    ['tasks interrupted by the edit in place', inPlace ? 0 : 1, 0],
    ['failures of chapter 2 that were mended within a minute', replaced, 2],
  ]);
}

/** A page whose video stands still, and a converter that fails: how many of them were replaced within a minute. */
async function failures(stage: Stage, broken: string): Promise<number> {
  const { cloud, clock } = stage;
  const victims = [
    { kind: 'WebPageRecording', name: 'keynote', fault: { kind: 'page-video-freezes' } },
    { kind: 'RtmpConverter', name: broken, fault: { kind: 'cdn-refuses' } },
  ] as const;
  const began = clock.now();
  const took = victims.map(async ({ kind, name, fault }) => {
    const victim = stage.current(kind, name) ?? '';
    cloud.addFaults([{ ...fault, match: { taskId: victim }, count: 1 }]);
    await until(stage, `${name} is replaced`, () => {
      const now = stage.current(kind, name);
      return now !== undefined && now !== victim && isRunning(stage, kind, name);
    });
    return clock.now() - began;
  });
  const [page = 0, cdn = 0] = await Promise.all(took);
  await until(stage, 'all is settled', () => isSettled(stage));
  say(`  keynote was recorded anew after ${Math.round(page / 1_000)} s: for ten seconds its page had reported`);
  say('  that its video stands still. At Agora the recording was in order all the time.');
  say(`  ${broken} was replaced after ${Math.round(cdn / 1_000)} s: Agora said that it had failed.`);
  return [page, cdn].filter((ms) => ms <= 60_000).length;
}

/** What is edited, and into what. */
const BITRATE: Readonly<Record<'portrait' | 'landscape', readonly [string, string]>> = {
  portrait: [
    'yPos: 640, zIndex: 1, width: 720, height: 640 }\n      bitrate: 2000',
    'yPos: 640, zIndex: 1, width: 720, height: 640 }\n      bitrate: 1500',
  ],
  landscape: ['bitrate: 2000\n      frameRate: 25', 'bitrate: 1500\n      frameRate: 25'],
};

/** Who dies and who is edited: two of those that run, whichever one waits. */
function cast(stage: Stage): readonly [string, keyof typeof BITRATE] {
  const runs = (name: string): boolean => stage.current('RtmpConverter', name) !== undefined;
  if (!runs('portrait')) return ['speaker', 'landscape'];
  return [runs('landscape') ? 'landscape' : 'speaker', 'portrait'];
}

/** Each row: what was counted, and what it must be. */
function audit(stage: Stage, rows: readonly (readonly [string, number, number])[]): boolean {
  const { limits, queries, unlisted = [], doubles, live, started } = stage.cloud.audit({ listed: stage.listed() });
  const all: typeof rows = [
    ['tasks alive', live.length, 6],
    ['tasks started in all: six, and three more for chapters 2 and 4', started.recording + started.converter, 9],
    ...rows,
    ['limits exceeded', limits.exceeded.length + queries.exceeded.length, 0],
    ['unowned tasks', unlisted.length, 0],
    ['double starts beyond what statuses list', doubles.length, 0],
  ];
  for (const [what, found, wanted] of all)
    say(`  ${String(found).padStart(3)}  ${what}${found === wanted ? '' : `  ← must be ${wanted}`}`);
  return all.every(([, found, wanted]) => found === wanted);
}

const isAlive = ({ cloud }: Stage, id: string): boolean =>
  cloud.liveTasks().some((task) => task.id === id.toLowerCase());

/** Everything is as declared, or waits for a limit. */
function isSettled(stage: Stage): boolean {
  const resources = stage.resources();
  return (
    resources.length === 8 &&
    resources.every((resource) => ['settled', 'waiting'].includes(standingOf(resource).is)) &&
    stage.runtime.host.get(makeKey('AgoraProject', 'media', 'live')) !== undefined
  );
}

try {
  const { chromium } = parseArgs({ options: { chromium: { type: 'string' } } }).values;
  const passed =
    chromium === undefined ? await demo() : await (await import('./demo-browser.ts')).browserDemo(chromium);
  say('', passed ? 'Everything is as it should be. README.md says how to go on.' : 'Something is not as it should be.');
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  console.error(`\nthe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

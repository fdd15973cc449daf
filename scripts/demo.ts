/**
 * `npm run demo`: a simulated Agora cloud and the standalone loop over the quickstart manifests, on one clock that runs
 * faster than the machine's. It declares, breaks, edits, and asks the cloud's own books at the end.
 */
import { isatty } from 'node:tty';
import { usageLines } from '../src/cli/live-table.ts';
import { resourceLines } from '../src/cli/resource-table.ts';
import { standingOf } from '../src/cli/settled.ts';
import { makeKey, splitKey } from '../src/core/resource.ts';
import { seconds } from '../src/core/time.ts';
import type { Fields, Logger } from '../src/observability/log.ts';
import { openStage, type Stage } from './demo-stage.ts';

const SPEED = 4;
const COLUMNS = 80;
/** Of the machine's time: past this a chapter has failed. */
const PATIENCE_MS = 25_000;
const COLOURS = isatty(1) && (process.env['NO_COLOR'] ?? '') === '';

/** Whoever reads has left (`| head`). */
process.stdout.on('error', () => undefined);

const say = (...lines: readonly string[]): void => console.log(lines.join('\n'));
const title = (text: string): void => say('', COLOURS ? `\u001B[1m${text}\u001B[22m` : text);

/** The controller's own log, as a story: one line when a resource fares differently. */
function storyteller(elapsed: () => number): Logger {
  const tell = ({ resource, state, note, ...rest }: Fields, message: string): void => {
    if (message === 'state') {
      const { name } = splitKey(String(resource) as Parameters<typeof splitKey>[0]);
      const head = `  ${clockText(elapsed())}  ${name.padEnd(9)}  ${String(state).padEnd(15)}  `;
      say(`${head}${cut(String(note), COLUMNS - head.length)}`);
    }
    if (message !== 'state' && message !== 'event') say(`  ${message} ${JSON.stringify(rest)}`);
  };
  return { debug: () => undefined, info: tell, warn: tell, error: tell };
}

const clockText = (ms: number): string =>
  `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

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
  title(`2. ${broken} dies at Agora. Nobody is told; the next list of tasks shows it.`);
  const victim = stage.current('RtmpConverter', broken) ?? '';
  cloud.kill(victim, 'failed');
  await until(stage, `${broken} is replaced`, () => {
    const now = stage.current('RtmpConverter', broken);
    return now !== undefined && now !== victim && isSettled(stage);
  });

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
  ]);
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

function table(stage: Stage): void {
  const options = { columns: COLUMNS - 2, colours: COLOURS, now: stage.clock.now() };
  const lines = [
    ...resourceLines(stage.resources(), options),
    '',
    ...usageLines(stage.runtime, stage.resources(), COLUMNS - 2),
  ];
  say('', ...lines.map((line) => `  ${line}`.trimEnd()));
}

/** Each row: what was counted, and what it must be. */
function audit(stage: Stage, rows: readonly (readonly [string, number, number])[]): boolean {
  const { limits, queries, unlisted = [], doubles, live, started } = stage.cloud.audit({ listed: stage.listed() });
  const all: typeof rows = [
    ['tasks alive', live.length, 6],
    ['tasks started in all: six, and two more for chapters 2 and 4', started.recording + started.converter, 8],
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

async function until(stage: Stage, what: string, reached: () => boolean): Promise<void> {
  const began = performance.now();
  const never = new AbortController().signal;
  while (!reached()) {
    if (performance.now() - began > PATIENCE_MS) {
      table(stage);
      throw new Error(`waited ${PATIENCE_MS / seconds(1)} s in vain until ${what}`);
    }
    await stage.clock.sleep(50 / stage.clock.real(1), never);
  }
}

try {
  const passed = await demo();
  say('', passed ? 'Everything is as it should be. README.md says how to go on.' : 'Something is not as it should be.');
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  console.error(`\nthe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

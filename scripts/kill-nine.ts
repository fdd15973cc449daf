/**
 * `node scripts/kill-nine.ts --kills 50 --seed 1`: ends `watch` by `kill -9` at random moments of a rollout in which
 * answers get lost, starts it again each time, and compares the statuses on disk with the simulated cloud's own books.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realClock } from '../src/engine/clock.ts';
import type { Audit } from '../src/simulator/audit.ts';
import { createDie, type Die } from '../src/simulator/dice.ts';
import type { Task } from '../src/simulator/ledger.ts';
import { type Books, readBooks, spares, undeclaredDoubles, unlisted } from './kill-nine-books.ts';
import { CONVERTERS, RECORDINGS, type Turns, writeManifest, writeManifests } from './kill-nine-manifests.ts';

const SPEED = 20;
const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
/** What a life lasts, in real ms: some end before the first call, some after everything has settled. */
const SHORTEST_LIFE_MS = 300;
const LONGEST_LIFE_MS = 2_500;

type StartAgain = 'with-sid' | 'without-sid';

const children = new Set<ChildProcess>();
const clock = realClock();
const never = new AbortController().signal;

async function run(startAgain: StartAgain, kills: number, seed: string): Promise<boolean> {
  const die = createDie(`kill-nine/${seed}/${startAgain}`);
  const directory = await mkdtemp(join(tmpdir(), 'agora-reconciler-kill-nine-'));
  const [manifests, state] = [join(directory, 'manifests'), join(directory, 'state')];
  const simulator = start(['simulate', '--port', '0', '--speed', String(SPEED), '--seed', seed], 'piped');
  try {
    const url = await urlOf(simulator);
    const post = (path: string, body: unknown): Promise<unknown> => ask(`${url}/_simulator/${path}`, body);
    await post('switches', { startAgain });
    await post('faults', { faults: lostAnswers });
    const turns: Turns = new Map();
    await writeManifests(manifests, turns);
    const watch = ['watch', manifests, '--state', state, '--endpoint', url, '--log-level', 'error'];

    const seen: Books[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const controller = start(watch, 'errors');
      await clock.sleep(SHORTEST_LIFE_MS + die() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS), never);
      controller.kill('SIGKILL');
      await ended(controller);
      seen.push(await readBooks(state));
      await edit(manifests, turns, die);
    }
    await ask(`${url}/_simulator/faults`, undefined, 'DELETE');
    const last = start([...watch, '--once', '--timeout', '40m'], 'piped');
    const said = textOf(last);
    const exitCode = await ended(last);
    if (!hasSettled(startAgain, exitCode)) console.log(await said);
    seen.push(await readBooks(state));
    return await judge({ startAgain, kills, exitCode, seen, url });
  } finally {
    simulator.kill('SIGKILL');
    await ended(simulator);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Of every call that must not happen twice; some end by a reset, some by silence. */
const lostAnswers = ['start', 'create', 'stop', 'deleteConverter', 'updateConverter'].flatMap((call) => [
  { kind: 'lost-answer', as: 'reset', match: { call }, probability: 0.15 },
  { kind: 'lost-answer', as: 'hang', match: { call }, probability: 0.05 },
]);

async function edit(manifests: string, turns: Turns, die: Die): Promise<void> {
  for (const names of [RECORDINGS, CONVERTERS]) {
    const name = names[Math.floor(die() * names.length)];
    if (name === undefined) continue;
    turns.set(name, (turns.get(name) ?? 0) + 1);
    await writeManifest(manifests, name, turns);
  }
}

async function judge(rollout: {
  readonly startAgain: StartAgain;
  readonly kills: number;
  readonly exitCode: number | null;
  readonly seen: readonly Books[];
  readonly url: string;
}): Promise<boolean> {
  const { startAgain, kills, exitCode, seen, url } = rollout;
  const audit = (await ask(`${url}/_simulator/audit`)) as Audit;
  const { tasks } = (await ask(`${url}/_simulator/tasks`)) as { readonly tasks: readonly Task[] };
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const books = seen.at(-1) ?? { resources: [], tasks: [] };
  const unknown = seen.reduce((most, { tasks: all }) => Math.max(most, unknowns(all)), 0);
  const doubles = undeclaredDoubles(audit, (id) => byId.get(id), seen.map(spares));
  const orphans = unlisted(books, audit);
  const repeated = audit.sequences.filter(({ grows }) => !grows);
  const rows: readonly (readonly [string, number, number | undefined])[] = [
    ['kills', kills, undefined],
    ['tasks started', audit.started.recording + audit.started.converter, undefined],
    ['alive in the end', audit.live.length, undefined],
    ['two alive at one time', audit.doubles.length, startAgain === 'with-sid' ? 0 : undefined],
    ['of these, of which no status told', doubles.length, 0],
    ['alive, and in no status', orphans.length, 0],
    ['entries Unknown at any time, at most', unknown, startAgain === 'with-sid' ? 0 : undefined],
    ['limits of tasks exceeded', audit.limits.exceeded.length, 0],
    // Told only: on this clock a stall of the machine of some fifty milliseconds is a whole second to the cloud.
    ['query limits exceeded on the scaled clock', audit.queries.exceeded.length, undefined],
    ['converters whose update sequence fell', repeated.length, 0],
    ['not settled in the end', hasSettled(startAgain, exitCode) ? 0 : 1, 0],
  ];
  console.log(`\nthe second start answers ${startAgain === 'with-sid' ? 'with' : 'without'} a sid`);
  for (const [what, found, wanted] of rows)
    console.log(`  ${String(found).padStart(4)}  ${what}${isBreach(found, wanted) ? `  ← must be ${wanted}` : ''}`);
  for (const { product, id, name } of orphans) console.log(`        ${product} ${name} ${id}`);
  for (const { product, ids, name } of doubles) console.log(`        ${product} ${name} ${ids.join(' and ')}`);
  return !rows.some(([, found, wanted]) => isBreach(found, wanted));
}

/** Without a sid two starts of one recording may live unseen: then it waits for them, Stalled `StartOutcomeUnknown`. */
const hasSettled = (startAgain: StartAgain, exitCode: number | null): boolean =>
  exitCode === 0 || (startAgain === 'without-sid' && exitCode === 1);

const isBreach = (found: number, wanted: number | undefined): boolean => wanted !== undefined && found !== wanted;

const unknowns = (tasks: Books['tasks']): number => tasks.filter(({ phase }) => phase === 'Unknown').length;

function start(args: readonly string[], output: 'piped' | 'errors'): ChildProcess {
  const child = spawn(process.execPath, [BIN, ...args], {
    stdio: ['ignore', output === 'piped' ? 'pipe' : 'ignore', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** The first line that `simulate` prints carries it. Its output is read to the end: nobody likes a broken pipe. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (part) => {
      text += String(part);
      const url = /(http:\/\/\S+).*\n/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error('simulate ended before it served')));
  });
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const part of stdout ?? []) text += String(part);
  return text;
}

async function ask(url: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<unknown> {
  const answer = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
const outcomes: boolean[] = [];
for (const startAgain of ['with-sid', 'without-sid'] as const)
  outcomes.push(await run(startAgain, Number(values.kills), values.seed));
const passed = outcomes.every(Boolean);
console.log(
  `\n${passed ? 'nothing was lost and nothing runs twice unseen' : 'a rule was broken'} (seed ${values.seed})`,
);
process.exitCode = passed ? 0 : 1;

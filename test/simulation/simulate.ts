import { install } from '@sinonjs/fake-timers';
import type { HttpAnswer } from '../../src/core/http.ts';
import { type Key, keyOf, type Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createMemoryHost, type MemoryHost } from '../../src/hosts/memory/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import { type Cloud, createCloud } from '../../src/simulator/cloud.ts';
import type { FaultRule } from '../../src/simulator/fault-rules.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { LimitOverrides } from '../../src/simulator/limits.ts';
import { seededFaults } from '../../src/simulator/seeded-faults.ts';
import type { Switches } from '../../src/simulator/switches.ts';
import { createDice, type Dice } from './dice.ts';
import { type Incarnation, incarnate } from './incarnation.ts';
import { createInvariants, unsettled } from './invariants.ts';
import { APP_ID, NAMESPACE, project, randomConverter, randomRecording, SMALL_LIMITS } from './manifests.ts';
import { NO_PLANT, type Plant } from './plants.ts';

export interface SimulationOptions {
  readonly seed: string;
  readonly hours: number;
  readonly plant?: Plant;
  /** A line for each thing that happens, for a person who looks at a seed. */
  readonly trace?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: string;
  readonly violations: readonly string[];
  readonly passes: number;
  readonly writes: number;
  readonly calls: number;
  readonly starts: number;
  readonly crashes: number;
}

/** All that tells or takes time, but not what only orders work. */
export const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
  'hrtime',
] as const;

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** Everything random ends this long before the end, so that what is left must settle. */
const QUIET_MS = 30 * MINUTE;
const EPOCH = Date.UTC(2026, 0, 1);
const WRITES_PER_RESOURCE_HOUR = 400;

/**
 * The real engine, lanes, ledger, client and kinds against the simulated cloud in virtual time: random manifests, edits,
 * faults and crashes that follow from a seed, and the invariants of design §9 all along.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const timers = install({
    now: EPOCH,
    toFake: [...FAKED],
  });
  try {
    return await run(options, timers);
  } finally {
    timers.uninstall();
  }
}

type Timers = ReturnType<typeof install>;

async function run(
  { seed, hours, plant = NO_PLANT, trace = () => undefined }: SimulationOptions,
  timers: Timers,
): Promise<SimulationResult> {
  const clock = realClock();
  const dice = (what: string): Dice => createDice(`${seed}/${what}`);
  const violations: string[] = [];
  // One day in five nothing is wrong but the API: then no task that runs may be touched.
  const apiOnly = dice('mode').chance(0.2);
  const endsAt = EPOCH + Math.max(hours * HOUR, QUIET_MS * 2);
  const quietAt = endsAt - QUIET_MS;
  const say = (line: string): void => trace(`${new Date(clock.now()).toISOString()} ${line}`);
  const breach = (line: string): void => {
    const text = `${new Date(clock.now()).toISOString()} ${line}`;
    if (violations.length < 20) violations.push(text);
    say(`BREACH ${line}`);
  };

  const cloud = createCloud({
    clock,
    seed,
    switches: randomSwitches(dice('switches')),
    projects: [
      {
        appId: APP_ID,
        customerId: 'id',
        customerSecret: 'secret',
        ...(dice('crowd').chance(0.2) ? {} : { limits: cloudLimits() }),
      },
    ],
    faults: faultsOf(seed, dice('rates'), { until: quietAt, apiOnly }),
    outside: { rawClass: () => 'HD' },
  });
  const meddling = dice('meddling');
  let uids = 0;
  const host = createMemoryHost({
    now: () => clock.now(),
    newUid: () => `uid-${(uids += 1)}`,
    interfere: () => (clock.now() < quietAt && meddling.chance(0.03) ? 'edit' : 'none'),
  });
  host.setSecret({
    namespace: NAMESPACE,
    name: 'agora',
    values: { customerId: new Secret('id'), customerSecret: new Secret('secret') },
  });
  host.setSecret({
    namespace: NAMESPACE,
    name: 's3',
    values: { accessKey: new Secret('access-1'), secretKey: new Secret('secret-1') },
  });
  host.setSecret({
    namespace: NAMESPACE,
    name: 'cdn',
    values: { url: new Secret('rtmp://cdn.example.com/live/key-1') },
  });

  const foreign = new Set<string>();
  const isForeign = (task: Task): boolean => foreign.has(task.id) || task.requestId.startsWith('foreign');
  const invariants = createInvariants(host, cloud, isForeign);
  cloud.onTaskStart((task) => {
    say(`cloud: ${task.product} ${task.name} ${task.id} began`);
    for (const line of invariants.began(task)) breach(line);
  });
  cloud.onTaskEnd((task) => {
    say(`cloud: ${task.product} ${task.name} ${task.id} ended by ${task.endedBy}`);
    const touched = task.endedBy === 'stop' || task.endedBy === 'delete';
    if (apiOnly && touched && clock.now() < endsAt)
      breach(`${task.product} ${task.name} was stopped though only the API had faults`);
  });

  const dying = dice('crashes');
  const crashRate = dying.pick([0, 0.002, 0.01]);
  let crashes = 0;
  let writes = 0;
  let passes = 0;
  let life: Incarnation | undefined;
  const begin = (): void => {
    const number = crashes + 1;
    life = incarnate({
      clock,
      host: (plant.host ?? ((given) => given))(
        watched(host, (key, status) => {
          writes += 1;
          say(`write ${key} ${summary(status)}`);
        }),
      ),
      transport: async (request, signal) => {
        const short = `${request.method} ${new URL(request.url).pathname
          .replace(/\/(resourceid|sid)\/[^/]+/g, '')
          .split('/')
          .slice(-2)
          .join('/')}`;
        try {
          const answer = await cloud.transport(request, signal);
          say(`call ${short} → ${answer.status} ${answer.status === 200 ? '' : answer.body.slice(0, 100)}`);
          if (short.endsWith('web/start') && answer.status === 200)
            invariants.answered(String((JSON.parse(request.body ?? '{}') as { uid?: string }).uid));
          if (isQuota(answer)) for (const line of invariants.refusedByQuota()) breach(line);
          return answer;
        } catch (error) {
          say(`call ${short} → ${String(error)}`);
          throw error;
        }
      },
      number,
      kinds: plant.kinds?.(KINDS, number) ?? KINDS,
      dies: (where) => {
        const dies = clock.now() < quietAt && dying.chance(crashRate);
        if (dies) say(`CRASH ${where}`);
        return dies;
      },
      log: {
        debug() {},
        info() {},
        warn() {},
        error: (fields, message) =>
          breach(
            `the controller logged an error: ${message} ${JSON.stringify(fields.resource)} ${fields.error instanceof Error ? (fields.error.stack ?? '').split('\n').slice(0, 4).join(' | ') : ''}`,
          ),
      },
      ...(plant.lanes === undefined ? {} : { lanes: plant.lanes }),
    });
    life.ended.catch((error: unknown) => breach(`the engine ended: ${String(error)}`));
  };

  // A few that meet the limits, or a crowd that meets the query limit.
  const crowd = dice('crowd').chance(0.2);
  const names = {
    recordings: count(dice('names'), 'talk', crowd ? 25 : 5),
    converters: count(dice('names2'), 'show', crowd ? 15 : 5),
  };
  const limits = crowd ? {} : { limits: SMALL_LIMITS };
  const declared = dice('declarations');
  await host.declare(project(limits));
  for (const name of names.recordings) await host.declare(randomRecording(name, declared));
  for (const name of names.converters) await host.declare(randomConverter(name, declared));
  const doings = dice('doings');
  if (doings.chance(0.3)) await foreignConverter(cloud, doings, { names, say, foreign });
  begin();

  const slice = 20_000;
  while (clock.now() < endsAt) {
    const wild = clock.now() < quietAt;
    await timers.tickAsync(slice);
    if (life?.crashed === true) {
      passes += life.engine.stats().passes;
      crashes += 1;
      invariants.crashed();
      // Back within seconds, or after minutes: long enough for handles to expire and tasks to end.
      await timers.tickAsync(dying.pick([500, 5_000, 20_000, 400_000]));
      begin();
    }
    for (const line of [...invariants.listed(), ...invariants.sane()]) breach(line);
    if (wild && !apiOnly && doings.chance(0.04))
      await disturb({ host, cloud, names, limits, dice: doings, say, foreign });
  }
  passes += life?.engine.stats().passes ?? 0;
  // A recording that reached its planned end just now is out of sight for 90 s: a few minutes more settle it.
  if (restless(host).length > 0) await timers.tickAsync(5 * MINUTE);
  for (const what of restless(host)) breach(what);
  await deleteAll(host, cloud, timers, { isForeign, breach });
  audit(cloud, breach);
  const bound = WRITES_PER_RESOURCE_HOUR * (names.recordings.length + names.converters.length + 1) * Math.max(1, hours);
  if (writes > bound) breach(`${writes} status writes are more than ${bound}`);
  await stopped(life, timers);
  const calls = Object.values(cloud.calls).reduce((sum, value) => sum + value, 0);
  return { seed, violations, passes, writes, calls, starts: cloud.tasks().length, crashes };
}

const restless = (host: MemoryHost): readonly string[] =>
  (['WebPageRecording', 'RtmpConverter', 'AgoraProject'] as const).flatMap((kind) =>
    host.list(kind).flatMap((resource) => unsettled(resource) ?? []),
  );

const isQuota = (answer: HttpAnswer): boolean =>
  (answer.status === 400 && answer.body.includes('vendor_over_load')) ||
  (answer.status === 429 && answer.body.includes('quota'));

async function stopped(life: Incarnation | undefined, timers: Timers): Promise<void> {
  if (life === undefined || life.crashed) return;
  const stopping = life.stop();
  await timers.tickAsync(60_000);
  await stopping;
}

/** After everything was deleted nothing lives but what `leftBehind` lists (design §9). */
async function deleteAll(
  host: MemoryHost,
  cloud: Cloud,
  timers: Timers,
  { isForeign, breach }: { readonly isForeign: (task: Task) => boolean; readonly breach: (line: string) => void },
): Promise<void> {
  for (const kind of ['WebPageRecording', 'RtmpConverter'] as const) {
    for (const resource of host.list(kind)) await host.remove(keyOf(resource));
  }
  await timers.tickAsync(20 * MINUTE);
  const left = host.list('AgoraProject').flatMap(
    (one) =>
      (
        (one.status ?? {}) as {
          leftBehind?: readonly { taskUid?: string; converterId?: string; taskName?: string }[];
        }
      ).leftBehind ?? [],
  );
  for (const kind of ['WebPageRecording', 'RtmpConverter'] as const) {
    for (const resource of host.list(kind))
      breach(`${keyOf(resource)} is not gone 20 minutes after its deletion: ${summary(resource.status)}`);
  }
  for (const task of cloud.liveTasks()) {
    if (isForeign(task)) continue;
    const known = left.some(
      (one) => one.taskUid === task.uid || one.converterId?.toLowerCase() === task.id || one.taskName === task.name,
    );
    if (!known) breach(`${task.product} ${task.name} ${task.id} lives after everything was deleted`);
  }
}

function audit(cloud: Cloud, breach: (line: string) => void): void {
  const found = cloud.audit();
  for (const excess of found.limits.exceeded) breach(`a limit was exceeded: ${JSON.stringify(excess)}`);
  for (const rate of found.queries.exceeded) breach(`a query limit was exceeded: ${JSON.stringify(rate)}`);
  for (const one of found.sequences)
    if (!one.grows) breach(`sequences of ${one.name} do not grow: ${one.sent.join(', ')}`);
}

const count = (dice: Dice, stem: string, most: number): readonly string[] =>
  Array.from({ length: dice.whole(2, most) }, (_, index) => `${stem}-${index + 1}`);

interface Doing {
  readonly host: MemoryHost;
  readonly cloud: Cloud;
  readonly names: { readonly recordings: readonly string[]; readonly converters: readonly string[] };
  readonly limits: Partial<ProjectSpec>;
  readonly dice: Dice;
  readonly say: (line: string) => void;
  readonly foreign: Set<string>;
}

/** One thing that people or the world do. */
async function disturb({ host, cloud, names, limits, dice, say, foreign }: Doing): Promise<void> {
  const what = dice.next();
  if (what < 0.3) {
    const name = dice.pick(names.recordings);
    say(`edit recording ${name}`);
    await host.declare(randomRecording(name, dice));
  } else if (what < 0.6) {
    const name = dice.pick(names.converters);
    say(`edit converter ${name}`);
    await host.declare(randomConverter(name, dice));
  } else if (what < 0.72) {
    const resources: readonly Resource[] = [...host.list('WebPageRecording'), ...host.list('RtmpConverter')];
    if (resources.length === 0) return;
    const key: Key = keyOf(dice.pick(resources));
    say(`delete ${key}`);
    await host.remove(key);
  } else if (what < 0.78) {
    const value = dice.whole(1, 3);
    say('rotate a secret');
    if (dice.chance(0.5))
      host.setSecret({
        namespace: NAMESPACE,
        name: 'cdn',
        values: { url: new Secret(`rtmp://cdn.example.com/live/key-${value}`) },
      });
    else
      host.setSecret({
        namespace: NAMESPACE,
        name: 's3',
        values: { accessKey: new Secret(`access-${value}`), secretKey: new Secret('secret-1') },
      });
  } else if (what < 0.84) {
    const suspend = dice.chance(0.3);
    say(`project suspend ${suspend}`);
    await host.declare(project({ ...limits, suspend }));
    if (suspend) setTimeout(() => void host.declare(project(limits)), dice.whole(1, 10) * MINUTE);
  } else if (what < 0.92) {
    const live = cloud.liveTasks();
    if (live.length === 0) return;
    const task = dice.pick(live);
    say(`kill ${task.product} ${task.name}`);
    cloud.kill(task.id, dice.pick(['failed', 'gone'] as const));
  } else {
    await foreignConverter(cloud, dice, { names, say, foreign });
  }
}

/** Somebody else makes a converter, under a name that ours may want. */
async function foreignConverter(
  cloud: Cloud,
  dice: Dice,
  { names, say, foreign }: Pick<Doing, 'names' | 'say' | 'foreign'>,
): Promise<void> {
  const name = dice.chance(0.5) ? `show68_${dice.pick(names.converters)}` : `theirs-${dice.whole(1, 1_000)}`;
  const before = new Set(cloud.liveTasks().map((task) => task.id));
  const body = {
    converter: {
      name,
      rtmpUrl: 'rtmp://other.example.com/live/x',
      transcodeOptions: { rtcChannel: dice.pick(['show68', 'other']), audioOptions: {} },
    },
  };
  cloud.handle({
    method: 'POST',
    url: `https://api.agora.io/eu/v1/projects/${APP_ID}/rtmp-converters`,
    headers: {
      authorization: `Basic ${Buffer.from('id:secret').toString('base64')}`,
      'content-type': 'application/json',
      'x-request-id': 'foreign',
    },
    body: JSON.stringify(body),
  });
  for (const task of cloud.liveTasks()) {
    if (before.has(task.id)) continue;
    foreign.add(task.id);
    say(`foreign converter ${name}`);
    setTimeout(() => cloud.kill(task.id, 'gone'), dice.whole(5, 60) * MINUTE);
  }
}

function watched(host: MemoryHost, told: (key: Key, status: unknown) => void): MemoryHost {
  return {
    ...host,
    async writeStatus(resource, status) {
      const result = await host.writeStatus(resource, status);
      if (result.result === 'written') told(keyOf(resource), status);
      return result;
    },
  };
}

function summary(status: unknown): string {
  const {
    conditions = [],
    tasks = [],
    admission = [],
  } = (status ?? {}) as {
    admission?: { region: string; class: string }[];
    conditions?: { type: string; status: string; reason: string }[];
    tasks?: { attempt: number; phase: string; intent?: { call: string } }[];
  };
  const ready = conditions.find(({ type }) => type === 'Ready');
  const entries = tasks.map(
    (task) => `${task.attempt}:${task.phase}${task.intent === undefined ? '' : `(${task.intent.call})`}`,
  );
  const slots = admission.map((slot) => `${slot.region}-${slot.class}`).join(' ');
  return `${ready?.status}/${ready?.reason} [${entries.join(' ')}]${slots === '' ? '' : ` holds ${slots}`}`;
}

function cloudLimits(): LimitOverrides {
  const { recording, converter } = SMALL_LIMITS as {
    recording: ProjectSpec['limits']['recording'];
    converter: ProjectSpec['limits']['converter'];
  };
  return {
    recording: { eu: { ...recording?.eu }, na: { ...recording?.na } },
    recordingTotal: recording?.total ?? 200,
    converter: { eu: { ...converter?.eu }, na: { ...converter?.na } },
    converterTotal: converter?.total ?? 299,
  };
}

function randomSwitches(dice: Dice): Partial<Switches> {
  return {
    startAgain: dice.pick(['without-sid', 'with-sid'] as const),
    overLimitAtStart: dice.pick(['vendor-over-load', 'no-worker'] as const),
    expiredResource: dice.pick(['code-433', 'not-found'] as const),
    queryWhileExiting: dice.pick(['status', 'code-501'] as const),
    steadyStatus: dice.pick(['in-progress', 'all-ready'] as const),
    getShape: dice.pick(['documented', 'bare', 'wrapped'] as const),
    listTypes: dice.pick(['sample', 'table'] as const),
    listIds: dice.pick(['upper', 'lower'] as const),
    listDuringMigration: dice.pick(['hidden', 'shown'] as const),
    errorKey: dice.pick(['reason', 'message'] as const),
    lowSequence: dice.pick(['ignore', 'refuse'] as const),
  };
}

/** What goes wrong, from a calm day to a bad one. */
function faultsOf(
  seed: string,
  dice: Dice,
  { until, apiOnly }: { readonly until: number; readonly apiOnly: boolean },
): readonly FaultRule[] {
  const storm = dice.pick(apiOnly ? [1, 3] : [0, 0.3, 1, 3]);
  const rates = {
    'lost-answer': 0.01 * storm,
    'lost-request': 0.005 * storm,
    'not-completed': 0.01 * storm,
    'request-timeout': 0.01 * storm,
    'gateway-timeout': 0.01 * storm,
    'server-error': 0.01 * storm,
    'no-worker': 0.005 * storm,
    'rate-limited': 0.005 * storm,
    'no-resources': 0.005 * storm,
    latency: 0.01 * storm,
    'dead-domain': 0.3 * storm,
    'dns-failure': 0.2 * storm,
    'revoked-credentials': 0.05 * storm,
    'list-refused': 0.05 * storm,
  } as const;
  const tasks = {
    migration: 0.5 * storm,
    'task-dies': 0.3 * storm,
    'page-never-loads': 0.1 * storm,
    'cdn-refuses': 0.1 * storm,
  } as const;
  return seededFaults(seed, { rates: apiOnly ? rates : { ...rates, ...tasks }, from: EPOCH + MINUTE, until });
}

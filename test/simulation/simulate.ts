import { install } from '@sinonjs/fake-timers';
import type { HttpAnswer } from '../../src/core/http.ts';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import { createMemoryHost, type MemoryHost } from '../../src/hosts/memory/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { createCloud } from '../../src/simulator/cloud.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import { postTo } from '../../src/simulator/post.ts';
import { badHost, badWay, HostAway } from './bad-host.ts';
import { deletedAtWrites } from './deletions.ts';
import { createDice, type Dice } from './dice.ts';
import { disturb, failRedundant, foreignConverter, whileCalling } from './doings.ts';
import { audit, deleteAll } from './ending.ts';
import { cloudLimits, faultsOf, randomSwitches } from './faults.ts';
import { type Incarnation, incarnate } from './incarnation.ts';
import { createInvariants, unsettled } from './invariants.ts';
import { createLooks } from './looks.ts';
import { APP_ID, NAMESPACE, PROJECT, project, randomConverter, randomRecording, SMALL_LIMITS } from './manifests.ts';
import { createPageTroubles } from './page-troubles.ts';
import { NO_PLANT, type Plant } from './plants.ts';
import { watched } from './watched-host.ts';
import { shortly, summary } from './words.ts';

export interface SimulationOptions {
  readonly seed: string;
  readonly hours: number;
  readonly plant?: Plant;
  /** What goes wrong; follows from the seed if absent. */
  readonly mode?: Mode;
  /** How notifications and reports of pages fare; follows from the seed if absent. */
  readonly told?: Told;
  /** Decisions that a pass makes in one go; follows from the seed if absent: often so few that each answer may be a pass's last. */
  readonly mostRounds?: number;
  /** Whether some converters are redundant (MP-8 to MP-10); default true. */
  readonly redundancy?: boolean;
  /** Whether resources are deleted at writes besides; default true. */
  readonly deletions?: boolean;
  /** A line for each thing that happens, for a person who looks at a seed. */
  readonly trace?: (line: string) => void;
}

/**
 * `api`, one day in five: only calls fail, so that no task that runs may be touched. `pages`, one in six: pages have troubles,
 * one at a time, so that each verdict has a bound and nothing else is touched. Else everything at once.
 */
export type Mode = 'all' | 'api' | 'pages';

/** `badly`: lost, doubled, overtaken, late, forged, and cut off for a while. */
export type Told = 'well' | 'badly' | 'never';

export interface SimulationResult {
  readonly seed: string;
  readonly violations: readonly string[];
  readonly passes: number;
  readonly writes: number;
  readonly calls: number;
  readonly starts: number;
  readonly crashes: number;
  /** `Kind/name Ready reason` of each resource, before all are deleted. */
  readonly settled: readonly string[];
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

/** The secrets that notifications are signed with. */
const HOOKS = { recording: 'signs recordings', converter: 'signs converters' };
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

export type Timers = ReturnType<typeof install>;

async function run(options: SimulationOptions, timers: Timers): Promise<SimulationResult> {
  const { seed, hours, plant = NO_PLANT, trace = () => undefined } = options;
  const clock = realClock();
  const dice = (what: string): Dice => createDice(`${seed}/${what}`);
  const violations: string[] = [];
  const mode = options.mode ?? (dice('mode').chance(0.2) ? 'api' : dice('pages').chance(0.2) ? 'pages' : 'all');
  const [apiOnly, pagesOnly] = [mode === 'api', mode === 'pages'];
  const mostRounds = options.mostRounds ?? dice('rounds').pick([40, 40, 40, 1, 2, 5]);
  const told = options.told ?? dice('told').pick(['well', 'badly', 'badly', 'never'] as const);
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
    faults: [
      ...faultsOf(seed, dice('rates'), { from: EPOCH + MINUTE, until: quietAt, mode, told }),
      ...(told === 'never' ? [{ id: 'never-told', kind: 'ingress-outage', only: 'notices' } as const] : []),
    ],
    outside: { rawClass: () => 'HD' },
    tells: {
      post: postTo(async (request) => {
        if (life === undefined || life.crashed) throw new Error('nobody listens');
        const answer = await life.handle(request);
        say(`${request.target} ${shortly(request.body)} → ${answer.status}`);
        return answer;
      }),
      subscription: { url: `/notifications/${NAMESPACE}/${PROJECT}`, secrets: HOOKS },
      pageWatchUrl: '/page-watch',
    },
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
  host.setSecret({
    namespace: NAMESPACE,
    name: 'hooks',
    values: {
      recordingNotificationSecret: new Secret(HOOKS.recording),
      mediaPushNotificationSecret: new Secret(HOOKS.converter),
    },
  });

  const foreign = new Set<string>();
  const isForeign = (task: Task): boolean => foreign.has(task.id) || task.requestId.startsWith('foreign');
  const looks = createLooks(() => clock.now());
  const invariants = createInvariants(host, cloud, { isForeign, looks });
  cloud.onTaskStart((task) => {
    say(`cloud: ${task.product} ${task.name} ${task.id} began`);
    const prioritised = task.product === 'converter' ? invariants.prioritised() : [];
    for (const line of [...invariants.began(task), ...prioritised]) breach(line);
  });
  const troubles = pagesOnly
    ? createPageTroubles({ cloud, host, dice: dice('troubles'), now: () => clock.now(), say })
    : undefined;
  cloud.onTaskEnd((task) => {
    say(`cloud: ${task.product} ${task.name} ${task.id} ended by ${task.endedBy}`);
    const causeless = clock.now() < endsAt ? troubles?.ended(task) : undefined;
    if (causeless !== undefined) breach(causeless);
    const touched = task.endedBy === 'stop' || task.endedBy === 'delete';
    if (apiOnly && touched && clock.now() < endsAt && !looks.isStruck(task.id) && !invariants.wasDoubted(task))
      breach(`${task.product} ${task.name} was stopped though only the API had faults`);
  });

  const way = badWay(dice, () => clock.now() < quietAt);
  const redundant = options.redundancy === false ? undefined : dice('redundant');
  const meddle = whileCalling({
    redundant,
    host,
    names: () => names,
    dice: dice('during calls'),
    editing: !apiOnly && !pagesOnly,
    say,
  });
  const dying = dice('crashes');
  const crashRate = pagesOnly ? 0 : dying.pick([0, 0.002, 0.01]);
  const wild =
    options.deletions === false || apiOnly || pagesOnly
      ? host
      : deletedAtWrites(host, {
          dice: dice('deletions'),
          redundant,
          goesOn: () => clock.now() < quietAt,
          say,
          // A process that dies meanwhile takes what it knew of the call with it.
          ...(crashRate === 0 ? { vanished: invariants.vanished } : {}),
        });
  let crashes = 0;
  let writes = 0;
  let passes = 0;
  let life: Incarnation | undefined;
  const begin = (): void => {
    const number = crashes + 1;
    life = incarnate({
      clock,
      host: (plant.host ?? ((given) => given))(
        badHost(
          watched(wild, (key, status) => {
            writes += 1;
            invariants.wrote(status);
            say(`write ${key} ${summary(status)}`);
          }),
          way,
        ),
      ),
      transport: async (request, signal) => {
        const short = `${request.method} ${new URL(request.url).pathname
          .replace(/\/(resourceid|sid)\/[^/]+/g, '')
          .split('/')
          .slice(-2)
          .join('/')}`;
        try {
          const answer = await cloud.transport(request, signal);
          looks.answered(short, answer.status);
          say(`call ${short} → ${answer.status} ${answer.status === 200 ? '' : answer.body.slice(0, 100)}`);
          if (short.endsWith('web/start') && answer.status === 200)
            invariants.answered(String((JSON.parse(request.body ?? '{}') as { uid?: string }).uid));
          if (clock.now() < quietAt) await meddle();
          if (isQuota(answer)) for (const line of invariants.refusedByQuota(clock.now())) breach(line);
          return answer;
        } catch (error) {
          looks.answered(short, undefined);
          say(`call ${short} → ${String(error)}`);
          throw error;
        }
      },
      number,
      mostRounds,
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
          fields.error instanceof HostAway ||
          breach(
            `the controller logged an error: ${message} ${JSON.stringify(fields.resource)} ${fields.error instanceof Error ? (fields.error.stack ?? '').split('\n').slice(0, 4).join(' | ') : ''}`,
          ),
      },
      ...(plant.lanes === undefined ? {} : { lanes: plant.lanes }),
      ...(plant.ingress === undefined ? {} : { ingress: plant.ingress }),
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
  for (const name of names.converters) await host.declare(randomConverter(name, declared, redundant));
  const doings = dice('doings');
  if (!pagesOnly && doings.chance(0.3)) await foreignConverter(cloud, doings, { names, say, foreign });
  begin();
  const ending = new AbortController();
  const telling = cloud.run(ending.signal);

  const hiddenUntil = new Map<string, number>();
  const slice = 20_000;
  while (clock.now() < endsAt) {
    const isWild = clock.now() < quietAt;
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
    for (const line of isWild ? (troubles?.step() ?? []) : []) breach(line);
    if (isWild && !apiOnly && !pagesOnly && doings.chance(0.04))
      await disturb({ host, cloud, names, limits, dice: doings, redundant, say, foreign });
    if (isWild && !apiOnly && !pagesOnly && redundant?.chance(0.03) === true)
      failRedundant(cloud, redundant, { say, until: quietAt, hiddenUntil });
  }
  passes += life?.engine.stats().passes ?? 0;
  // A recording that reached its planned end just now is out of sight for 90 s: a few minutes more settle it.
  if (restless(host).length > 0) await timers.tickAsync(5 * MINUTE);
  for (const what of restless(host)) breach(what);
  const settled = readiness(host);
  await deleteAll(host, cloud, timers, { isForeign, breach });
  audit(cloud, breach);
  const bound = WRITES_PER_RESOURCE_HOUR * (names.recordings.length + names.converters.length + 1) * Math.max(1, hours);
  if (writes > bound) breach(`${writes} status writes are more than ${bound}`);
  await stopped(life, timers);
  ending.abort();
  await timers.tickAsync(MINUTE);
  await telling;
  const calls = Object.values(cloud.calls).reduce((sum, value) => sum + value, 0);
  return { seed, violations, passes, writes, calls, starts: cloud.tasks().length, crashes, settled };
}

const restless = (host: MemoryHost): readonly string[] =>
  (['WebPageRecording', 'RtmpConverter', 'AgoraProject'] as const).flatMap((kind) =>
    host.list(kind).flatMap((resource) => unsettled(resource) ?? []),
  );

const readiness = (host: MemoryHost): readonly string[] =>
  (['WebPageRecording', 'RtmpConverter'] as const).flatMap((kind) =>
    host.list(kind).map(({ metadata, status }) => `${kind}/${metadata.name} ${summary(status).split(' ', 1)[0]}`),
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

const count = (dice: Dice, stem: string, most: number): readonly string[] =>
  Array.from({ length: dice.whole(2, most) }, (_, index) => `${stem}-${index + 1}`);

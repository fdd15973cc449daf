import { type Key, keyOf, makeKey, type Resource } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import type { MemoryHost } from '../../src/hosts/memory/host.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import type { Cloud } from '../../src/simulator/cloud.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { Dice } from './dice.ts';
import { APP_ID, NAMESPACE, project, randomConverter, randomRecording } from './manifests.ts';

const MINUTE = 60_000;

export interface Doing {
  readonly host: MemoryHost;
  readonly cloud: Cloud;
  readonly names: { readonly recordings: readonly string[]; readonly converters: readonly string[] };
  readonly limits: Partial<ProjectSpec>;
  readonly dice: Dice;
  /** Absent where no converter is redundant. */
  readonly redundant: Dice | undefined;
  readonly say: (line: string) => void;
  readonly foreign: Set<string>;
}

/** One thing that people or the world do. */
export async function disturb({ host, cloud, names, limits, dice, redundant, say, foreign }: Doing): Promise<void> {
  const what = dice.next();
  if (what < 0.3) {
    const name = dice.pick(names.recordings);
    say(`edit recording ${name}`);
    await host.declare(randomRecording(name, dice));
  } else if (what < 0.6) {
    const name = dice.pick(names.converters);
    say(`edit converter ${name}`);
    await host.declare(randomConverter(name, dice, redundant));
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
export async function foreignConverter(
  cloud: Cloud,
  dice: Dice,
  { names, say, foreign }: Pick<Doing, 'names' | 'say' | 'foreign'>,
): Promise<void> {
  const name = dice.chance(0.5)
    ? `show68_${dice.pick(names.converters)}${dice.pick(['', '', '-p1', '-p2', '-a'])}`
    : `theirs-${dice.whole(1, 1_000)}`;
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

/** Agora says that a migration takes at most two minutes (reference C.9). */
const LONGEST_MIGRATION_S = 110;

/** A member of a redundant set fails, or is out of sight for a while, and so may those that take its place. */
export function failRedundant(
  cloud: Cloud,
  dice: Dice,
  {
    say,
    until,
    hiddenUntil,
  }: Pick<Doing, 'say'> & { readonly until: number; readonly hiddenUntil: Map<string, number> },
): void {
  const isMember = ({ name }: Task): boolean => /-(?:p[1-9]|[abc]|agora-isolate-[123])(?:-r\d+)?$/u.test(name);
  const failOne = (): void => {
    const live = cloud.liveTasks().filter((task) => isMember(task) && Date.now() > (hiddenUntil.get(task.id) ?? 0));
    if (live.length === 0 || Date.now() > until) return;
    const task = dice.pick(live);
    const how = dice.pick(['failed', 'gone', 'hidden', 'hidden'] as const);
    say(`member ${task.name} ${how}`);
    if (how !== 'hidden') {
      cloud.kill(task.id, how);
      return;
    }
    const seconds = dice.whole(20, LONGEST_MIGRATION_S);
    // One right after the other would be one that takes longer.
    hiddenUntil.set(task.id, Date.now() + 2 * LONGEST_MIGRATION_S * 1_000);
    cloud.addFaults([{ kind: 'migration', seconds, listed: dice.chance(0.3), match: { taskId: task.id }, count: 1 }]);
  };
  for (let times = dice.whole(1, 4), at = 0; times > 0; times -= 1, at += dice.whole(1, 90) * 1_000)
    setTimeout(failOne, at);
}

/** Somebody changes a resource after Agora has acted and before the controller knows. */
export function whileCalling({
  host,
  names,
  dice,
  redundant,
  editing,
  say,
}: Pick<Doing, 'host' | 'dice' | 'redundant' | 'say'> & {
  readonly names: () => Doing['names'];
  readonly editing: boolean;
}): () => Promise<void> {
  const rate = dice.pick([0, 0.02, 0.2]);
  return async () => {
    if (!dice.chance(rate)) return;
    const { recordings, converters } = names();
    const isRecording = dice.chance(0.5);
    const name = dice.pick(isRecording ? recordings : converters);
    const key = makeKey(isRecording ? 'WebPageRecording' : 'RtmpConverter', NAMESPACE, name);
    const how = editing && dice.chance(0.1) ? 'edit' : 'touch';
    say(`${how} ${key} during a call`);
    if (how === 'touch') await host.touch(key);
    else await host.declare(isRecording ? randomRecording(name, dice) : randomConverter(name, dice, redundant));
  };
}

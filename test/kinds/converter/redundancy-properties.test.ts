import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { ADDRESS } from '../../../src/kinds/converter/applied.ts';
import { addressOf } from '../../../src/kinds/converter/desired.ts';
import { memberNamed } from '../../../src/kinds/converter/members.ts';
import { isNameOf, isolatedName, nthName } from '../../../src/kinds/converter/name.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import { viewOf } from '../../../src/kinds/converter/view.ts';
import { reveal } from '../../../src/kinds/reference.ts';
import { mayLive } from '../../../src/kinds/task.ts';
import { parallel, standby } from './builders.ts';
import { Play } from './play.ts';
import { Cloud, checkListed, ENDINGS } from './random-cloud.ts';

const OUTPUTS = ['a', 'b', 'c', 'd'];
const CHANGES = [
  'none',
  'none',
  'none',
  'die',
  'die',
  'hide',
  'failed',
  'idleTimeout',
  'members',
  'address',
  'isolation',
  'overlap',
  'stop',
  'run',
  'mode',
] as const;
const moves = array(
  record({
    ending: constantFrom(...ENDINGS),
    change: constantFrom(...CHANGES),
    member: integer({ min: 0, max: 3 }),
    wait: integer({ min: 0, max: 60 }),
  }),
  { maxLength: 25 },
);
type Move = { ending: (typeof ENDINGS)[number]; change: (typeof CHANGES)[number]; member: number; wait: number };

/** A redundant set, Agora, and who pushes where. */
class World {
  readonly play: Play;
  readonly cloud: Cloud;
  /** Of each converter that was begun: whose it is and where it was sent. */
  readonly begun = new Map<string, { readonly member: string; readonly address: string }>();
  readonly failed = new Set<string>();

  constructor(spec: Partial<ConverterSpec>) {
    this.play = new Play({ ...spec, maxStartsPerHour: 60 });
    this.cloud = new Cloud(this.play);
  }

  /** Agora answers; the first call about this member, or any, ends so. */
  faulty(ending: (typeof ENDINGS)[number], member?: string): void {
    let used = false;
    this.play.otherwise = (action) => {
      this.check(action);
      const hit = !used && (member === undefined || action.member === member);
      used ||= hit;
      const before = new Set(this.cloud.living.keys());
      const answer = this.cloud.faulty(action, hit ? ending : 'ok');
      for (const id of this.cloud.living.keys()) if (!before.has(id)) this.begun.set(id, this.#made(action));
      if (action.type === 'update' && this.cloud.living.has(action.converterId) && action.paths.includes('rtmpUrl'))
        this.begun.set(action.converterId, this.#made(action));
      const isFailed = action.type === 'get' && this.failed.has(action.converterId);
      if (isFailed && typeof answer === 'object' && 'call' in answer) return { call: 'get', state: 'failed' };
      return answer;
    };
  }

  #made({ member = 'main' }: ConverterAction): { readonly member: string; readonly address: string } {
    const { resource } = this.play;
    const view = resource.spec.redundancy === undefined ? resource : viewOf(resource, memberNamed(resource, member));
    const address = addressOf(view, this.play.context());
    return { member, address: address === undefined ? '' : reveal(address) };
  }

  /** Before a create: what the statuses say may live. */
  check(action: ConverterAction): void {
    if (action.type !== 'create' || this.play.resource.spec.redundancy?.mode !== 'Standby') return;
    const others = this.play.tasks.filter((task) => mayLive(task) && task.attempt !== action.attempt);
    expect(
      others.filter(({ member }) => member === action.member),
      'two may live at one priority',
    ).toEqual([]);
    const priorities = others.filter(({ applied }) => applied[ADDRESS] !== undefined).map(({ member }) => member);
    if (action.member === 'p1')
      expect(new Set(priorities).size, 'the highest priority begins beside more than the last').toBeLessThan(2);
  }

  /** Of what lives at Agora only one at an address is not known to be on its way out. */
  settledPlaces(): void {
    checkListed(this.play, this.cloud);
    const places = new Map<string, string>();
    for (const id of this.cloud.living.keys()) {
      const task = this.play.tasks.find(({ converterId }) => converterId === id);
      const address = this.begun.get(id)?.address ?? '';
      if (task === undefined || !['Confirming', 'Running'].includes(task.phase) || task.applied['rtmpUrl'] === '')
        continue;
      const overlap = places.get(address) === task.member && this.play.resource.spec.updateStrategy === 'Overlap';
      expect(places.has(address) && !overlap, `two push to ${address}: ${places.get(address)}, ${task.member}`).toBe(
        false,
      );
      places.set(address, task.member);
    }
  }
}

const outputsFrom = (n: number): readonly string[] =>
  OUTPUTS.slice(0, 2 + (n % 3)).filter((_, index) => n % 4 !== index || n > 7);

function change(world: World, { change: what, member }: Move, n: number): void {
  const { play, cloud } = world;
  const { redundancy } = play.resource.spec;
  const live = play.tasks.filter(({ phase }) => phase === 'Running' || phase === 'Confirming');
  const id = live[member % Math.max(1, live.length)]?.converterId ?? '';
  switch (what) {
    case 'die':
      cloud.living.delete(id);
      return;
    case 'hide':
      cloud.hidden.add(id);
      return;
    case 'failed':
      world.failed.add(id);
      return;
    case 'idleTimeout':
      play.edit({ idleTimeout: 100 + n });
      return;
    case 'overlap':
      if (redundancy?.mode !== 'Standby') play.edit({ updateStrategy: n % 2 === 0 ? 'Overlap' : 'StopFirst' });
      return;
    case 'stop':
      play.edit({ desiredState: 'Stopped' });
      return;
    case 'run':
      play.edit({ desiredState: 'Running' });
      return;
    case 'isolation':
      if (redundancy !== undefined && (redundancy.outputs?.length ?? redundancy.priorities ?? 2) <= 3)
        play.edit({ redundancy: { ...redundancy, isolation: !redundancy.isolation } });
      return;
    case 'members':
      if (redundancy?.mode === 'Standby')
        play.edit({ redundancy: { ...redundancy, isolation: false, priorities: 2 + (n % 3) } });
      if (redundancy?.mode === 'Parallel')
        play.edit(parallel(outputsFrom(n + member).length < 2 ? ['a', 'c'] : outputsFrom(n + member)));
      return;
    case 'address':
      if (redundancy?.outputs === undefined) return;
      play.edit({
        redundancy: {
          ...redundancy,
          outputs: redundancy.outputs.map((each, index, all) => ({
            ...each,
            ...(member % 2 === 0
              ? { rtmpUrl: all[(index + 1) % all.length]?.rtmpUrl ?? '' }
              : { rtmpUrl: `rtmp://x${index}n${n}.example.com/live` }),
          })),
        },
      });
      return;
    case 'mode':
      turn(play, n);
      return;
    case 'none':
  }
}

function turn(play: Play, n: number): void {
  const place = 'rtmp://a.example.com/live/key';
  const { rtmpUrl: _url, redundancy: _redundancy, ...rest } = play.resource.spec;
  const spec: ConverterSpec = {
    ...rest,
    updateStrategy: 'StopFirst',
    ...[{ rtmpUrl: place }, { rtmpUrl: place, ...standby(3) }, parallel(['a', 'b', 'c'])][n % 3],
  };
  const { metadata } = play.resource;
  play.resource = { ...play.resource, metadata: { ...metadata, generation: metadata.generation + 1 }, spec };
}

function wanted({ resource }: Play): number {
  if (resource.spec.desiredState !== 'Running') return 0;
  const { redundancy } = resource.spec;
  return redundancy?.mode === 'Parallel' ? (redundancy.outputs?.length ?? 0) : 1;
}

function underRandomFaults(spec: Partial<ConverterSpec>): void {
  it('nothing lives unlisted or twice at a place, and in the end all is as declared', { timeout: 120_000 }, () => {
    assert(
      property(moves, (script) => {
        const world = new World(spec);
        const { play, cloud } = world;
        for (const [n, move] of script.entries()) {
          world.faulty(move.ending);
          change(world, move, n);
          play.run(move.wait + 1);
          world.settledPlaces();
        }
        world.faulty('ok');
        play.run(300);
        cloud.hidden.clear();
        world.failed.clear();
        play.run(3_000);
        world.settledPlaces();
        const count = wanted(play);
        expect(play.ready).toBe(count > 0 ? 'True Running' : 'True Stopped');
        expect(cloud.living.size).toBe(count);
        expect(play.status.admission?.length ?? 0).toBe(count);
        expect(play.passes).toBeLessThan(((play.now - Date.parse('2026-12-01T09:00:00Z')) / 1_000) * 0.5 + 600);
      }),
      { numRuns: 25 },
    );
  });

  it('with deletion at the end nothing lives', { timeout: 120_000 }, () => {
    assert(
      property(moves, (script) => {
        const world = new World(spec);
        const { play, cloud } = world;
        for (const [n, move] of script.entries()) {
          world.faulty(move.ending);
          change(world, move.change === 'hide' ? { ...move, change: 'none' } : move, n);
          play.run(move.wait + 1);
        }
        world.faulty('ok');
        play.delete();
        play.run(1_200);
        expect(play.released).toBe(true);
        expect([...cloud.living.keys()]).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('decide is idempotent: the same inputs, the same step', { timeout: 60_000 }, () => {
    assert(
      property(moves, (script) => {
        const world = new World(spec);
        for (const [n, move] of script.entries()) {
          world.faulty(move.ending);
          change(world, move, n);
          world.play.run(move.wait + 1);
          expect(world.play.decide()).toEqual(world.play.decide());
        }
      }),
      { numRuns: 25 },
    );
  });
}

describe('MP-8 under random faults, deaths, crashes and edits', () => underRandomFaults(parallel(['a', 'b', 'c'])));
describe('MP-9 under random faults, deaths, crashes and edits', () => underRandomFaults(standby(3)));

describe('MP-8, MP-9 found by random faults', () => {
  it('outputs that change places in a round stay where they are while an earlier converter is in the way', () => {
    const world = new World(parallel(['a', 'b', 'c']));
    const { play, cloud } = world;
    world.faulty('ok');
    play.run(5);
    // The first of a is out of sight for good, and keeps its name; so its replacement has another one beside it.
    cloud.hidden.add(play.of('a')?.converterId ?? '');
    const phases = (): string => play.tasks.flatMap(({ member, phase }) => (member === 'a' ? [phase] : [])).join(' ');
    for (let passed = 0; passed < 400 && phases() !== 'Unknown Running'; passed += 1) play.run(1);
    expect(phases()).toBe('Unknown Running');
    change(world, { ending: 'ok', change: 'address', member: 0, wait: 0 }, 0);
    for (let passed = 0; passed < 60; passed += 1) {
      play.run(1);
      world.settledPlaces();
    }
  });

  it('a priority whose earlier converter holds its name unseen is left to the next one', () => {
    const world = new World(standby(3));
    const { play, cloud } = world;
    world.faulty('ok');
    play.run(1);
    cloud.hidden.add(play.of('p1')?.converterId ?? '');
    // 2 and 3 die at once, while Agora shows nothing of 1 but that its name is taken.
    for (const member of ['p2', 'p3']) {
      while (play.of(member)?.converterId === undefined) play.run(1);
      cloud.living.delete(play.of(member)?.converterId ?? '');
    }
    play.run(600);
    expect(play.status.activePriority).toBe(2);
    expect(play.ready).toBe('True Running');
    world.settledPlaces();
  });
});

describe('MP-8, MP-10 siblings', () => {
  const faults = array(
    record({
      ending: constantFrom(...ENDINGS, 'no-resources', 'server', 'lost'),
      change: constantFrom('none', 'die', 'failed', 'hide'),
      wait: integer({ min: 0, max: 90 }),
    }),
    { maxLength: 20 },
  );
  it('whatever becomes of one output, no call but looks is made of another, and its task stays', {
    timeout: 120_000,
  }, () => {
    assert(
      property(faults, constantFrom('a', 'b', 'c'), (script, victim) => {
        const world = new World(parallel(['a', 'b', 'c']));
        const { play, cloud } = world;
        world.faulty('ok');
        play.run(30);
        const siblings = ['a', 'b', 'c'].filter((name) => name !== victim);
        const before = siblings.map((name) => play.of(name)?.converterId);
        const from = play.calls.length;
        for (const { ending, change: what, wait } of script) {
          world.faulty(ending, victim);
          const id = play.of(victim)?.converterId ?? '';
          if (what === 'die') cloud.living.delete(id);
          if (what === 'hide') cloud.hidden.add(id);
          if (what === 'failed') world.failed.add(id);
          play.run(wait + 1);
          expect(siblings.map((name) => play.of(name)?.converterId)).toEqual(before);
        }
        const touched = play.calls.slice(from).filter(({ type, action }) => type !== 'get' && action.member !== victim);
        expect(touched).toEqual([]);
        for (const name of siblings) expect(play.members).toContain(`${name} Running`);
      }),
      { numRuns: 25 },
    );
  });
});

describe('MP-10 names', () => {
  const stem = constantFrom('s', 'show68_vertical', 'x'.repeat(44), `${'y'.repeat(40)}-r2`);
  it('each of the 99 names of an isolated task fits, ends in its way and is told from all others', () => {
    assert(
      property(stem, constantFrom(1, 2, 3), integer({ min: 1, max: 99 }), (base, way, n) => {
        const isolated = isolatedName(base, way);
        const name = nthName(isolated, n);
        expect(name.length).toBeLessThanOrEqual(64);
        expect(name.endsWith(`-agora-isolate-${way}`)).toBe(true);
        expect(name).toMatch(/^[A-Za-z0-9_-]+$/u);
        expect(isNameOf(isolated, name)).toBe(true);
        for (const other of [1, 2, 3] as const)
          if (other !== way) expect(isNameOf(isolatedName(base, other), name)).toBe(false);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desiredOf } from '../../../src/kinds/converter/desired.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import { converterSpec, parallel, standby, VIDEO } from './builders.ts';
import { created, destroyed, state, updated } from './notice.ts';
import { Play } from './play.ts';
import { checkListed, ENDINGS } from './random-cloud.ts';
import { DELAYS, type Fate, isForeign, REASONS, TellingCloud } from './telling-cloud.ts';

const CHANGES = [
  'none',
  'none',
  'bitrate',
  'idleTimeout',
  'overlap',
  'stop',
  'run',
  'end',
  'end',
  'fail',
  'move',
  'foreign',
  'crash',
] as const;
/** What a notice says that nothing happened for: of one that is gone, of somebody else's, or of one that lives. */
const LIES = ['none', 'none', 'gone', 'theirs', 'alive'] as const;
const EVENTS = ['created', 'updated', 'state', 'destroyed'] as const;

const step = fc.record({
  ending: fc.constantFrom(...ENDINGS),
  change: fc.constantFrom(...CHANGES),
  lie: fc.constantFrom(...LIES),
  event: fc.constantFrom(...EVENTS),
  reason: fc.constantFrom(...REASONS),
  member: fc.integer({ min: 0, max: 3 }),
  wait: fc.constantFrom(1, 4, 13, 40, 130),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const fates = fc.array(fc.constantFrom(...(Object.keys(DELAYS) as Fate[])), { minLength: 1, maxLength: 8 });

class World {
  readonly play: Play;
  readonly agora: TellingCloud;
  /** Somebody said that one is gone which lives: it is found out, but not at once. */
  #deceived = false;
  #overlaps = false;

  constructor(spec: Partial<ConverterSpec>, told: readonly Fate[]) {
    this.play = new Play({ ...spec, maxStartsPerHour: 60 });
    this.agora = new TellingCloud(this.play, told);
  }

  #oneOf(member: number): string {
    const ids = this.play.tasks.flatMap(({ phase, converterId }) =>
      (phase === 'Running' || phase === 'Confirming') && converterId !== undefined ? [converterId] : [],
    );
    return ids[member % Math.max(1, ids.length)] ?? '';
  }

  change({ change, reason, member }: Step, n: number): void {
    const { play, agora } = this;
    const id = this.#oneOf(member);
    const { transcodeOptions } = converterSpec();
    // An edit may replace what was made before it; one in place that only whose create has no answer yet.
    const unanswered = play.tasks.some(({ converterId }) => converterId === undefined);
    if (['idleTimeout', 'overlap', 'stop'].includes(change) || (change === 'bitrate' && unanswered))
      agora.excusedBefore = play.now;
    switch (change) {
      case 'bitrate':
        if (transcodeOptions !== undefined)
          play.edit({ transcodeOptions: { ...transcodeOptions, videoOptions: { ...VIDEO, bitrate: 100 + n } } });
        return;
      case 'idleTimeout':
        return play.edit({ idleTimeout: 100 + n });
      case 'overlap':
        if (play.resource.spec.redundancy?.mode === 'Standby') return;
        this.#overlaps = true;
        return play.edit({ updateStrategy: n % 2 === 0 ? 'Overlap' : 'StopFirst' });
      case 'stop':
        return play.edit({ desiredState: 'Stopped' });
      case 'run':
        return play.edit({ desiredState: 'Running' });
      case 'end':
        return agora.end(id, reason);
      case 'fail':
        return agora.fail(id);
      case 'move':
        return agora.move(id);
      case 'foreign':
        return agora.foreign(this.#name(member), n % 2 === 0 ? '' : `their-${n}`);
      case 'crash':
        return play.crash();
      case 'none':
    }
  }

  /** A name that a task of ours has, or would have next. */
  #name(member: number): string {
    const names = this.play.tasks.map((task) => task.name);
    const wished = desiredOf(this.play.resource, this.play.context());
    return names[member % Math.max(1, names.length)] ?? (wished.ok ? wished.desired.baseName : 'show68_vertical');
  }

  lie({ lie, event, reason, member }: Step): void {
    const { play, agora } = this;
    const at = play.now;
    const updateTs = Math.floor(at / 1_000);
    const said = { created, updated, state: state('failed'), destroyed: destroyed(reason) }[event];
    const gone = agora.begun.filter(({ id }) => !agora.cloud.living.has(id));
    const one = gone[member % Math.max(1, gone.length)];
    if (lie === 'gone' && one !== undefined) {
      const { id, name, createTs, requestId } = one;
      play.tell(said, { converterId: id, name, createTs, updateTs, ...(event === 'created' ? { requestId } : {}) });
    }
    // Event 1 names its request; a name that ours holds is nobody else's, so that no end of theirs tells of it.
    const made = event === 'created' ? { name: this.#name(member), requestId: 'theirs' } : { name: 'theirs' };
    if (lie === 'theirs') play.tell(said, { converterId: 'foreign0', createTs: updateTs, updateTs, ...made });
    const id = this.#oneOf(member);
    if (lie !== 'alive' || id === '') return;
    play.tell(said, { converterId: id, updateTs });
    if (event !== 'destroyed' || !agora.cloud.living.has(id)) return;
    this.#deceived = true;
    agora.excused.add(id);
  }

  check(): void {
    const { play, agora } = this;
    checkListed(play, agora.cloud, isForeign);
    if (this.#deceived || this.#overlaps) return;
    const places = agora.begun.filter(({ id }) => agora.cloud.living.has(id)).map(({ place }) => place);
    expect(new Set(places).size, `two push to one place: ${places.join()}`).toBe(places.length);
  }

  /** What a scenario ends in, when the faults are over and what is not ours has gone. */
  end(steps: readonly Step[]): this {
    const { agora } = this;
    for (const [n, each] of steps.entries()) {
      agora.faulty(each.ending);
      this.change(each, n);
      this.lie(each);
      agora.pass(each.wait);
      this.check();
    }
    agora.faulty('ok');
    for (const id of agora.cloud.living.keys()) if (isForeign(id)) agora.end(id, 'Delete Request');
    agora.pass(300);
    agora.failed.clear();
    agora.pass(3_600);
    this.check();
    return this;
  }
}

function wanted({ resource }: Play): number {
  const { desiredState, redundancy } = resource.spec;
  if (desiredState !== 'Running') return 0;
  return redundancy?.mode === 'Parallel' ? (redundancy.outputs?.length ?? 0) : 1;
}

function whateverIsTold(spec: Partial<ConverterSpec>, numRuns: number): void {
  it('the end is the same as without any, and at no time does anything live unlisted or twice', {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fates, (steps, told) => {
        for (const each of [told, ['lost'] as const]) {
          const { play, agora } = new World(spec, each).end(steps);
          const count = wanted(play);
          expect(play.ready).toBe(count > 0 ? 'True Running' : 'True Stopped');
          expect(agora.cloud.living.size).toBe(count);
          expect(play.status.admission?.length ?? 0).toBe(count);
        }
      }),
      { numRuns, seed: 2026 },
    );
  });
}

describe('MP-28 notices in any order, true or not, doubled, late or lost', () => whateverIsTold({}, 40));
describe('MP-28, MP-8 notices of outputs', () => whateverIsTold(parallel(['a', 'b', 'c']), 15));
describe('MP-28, MP-9 notices of priorities', () => whateverIsTold(standby(3), 15));

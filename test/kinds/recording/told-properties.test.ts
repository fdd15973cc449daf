import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, type Instant, seconds } from '../../../src/core/time.ts';
import type { RecordingEvent } from '../../../src/kinds/evidence.ts';
import type { RecordingAction } from '../../../src/kinds/recording/action.ts';
import { failure } from './builders.ts';
import { exited, failover, other, stopped } from './notice.ts';
import { type Ending, Play } from './play.ts';

const notFound = failure('not-found', { status: 404 });

/** What becomes of the notices of one scenario, one after the other. */
type Fate = 'overtakes' | 'prompt' | 'late' | 'later' | 'doubled' | 'lost';
const DELAYS: Readonly<Record<Fate, readonly number[]>> = {
  overtakes: [0],
  prompt: [1],
  late: [40],
  later: [400],
  doubled: [1, 90],
  lost: [],
};

interface Alive {
  readonly sid: string;
  readonly cname: string;
  readonly uid: string;
  readonly resourceId: string;
  readonly endsAt: Instant;
  sequence: number;
  /** Moved to another server: not found until then. */
  awayUntil: Instant;
}

/** Agora as far as handles, conflicts and ends go (reference B.8 to B.10), telling all that happens, as the fates will. */
class Cloud {
  readonly alive = new Map<string, Alive>();
  readonly play: Play;
  readonly #fates: readonly Fate[];
  readonly #used = new Set<string>();
  #due: { readonly at: Instant; readonly tell: () => void }[] = [];
  #ids = 0;
  #told = 0;

  constructor(play: Play, fates: readonly Fate[]) {
    this.play = play;
    this.#fates = fates;
  }

  answer(action: RecordingAction): Ending {
    for (const each of this.alive.values()) if (this.play.now >= each.endsAt) this.end(each, 1);
    if (action.type === 'acquire') {
      this.#ids += 1;
      return { call: 'acquire', resourceId: `R${this.#ids}` };
    }
    if (action.type === 'start') return this.#start(action);
    const each = this.alive.get(action.sid);
    if (each !== undefined && each.resourceId !== action.resourceId)
      return failure('handle-invalid', { status: 400, code: 1003 });
    if (each === undefined || this.play.now < each.awayUntil) return notFound;
    if (action.type === 'query') return { call: 'query', status: 5 };
    if (action.type === 'update') return { call: 'updateRecording' };
    this.end(each, 0);
    return { call: 'stop', files: [] };
  }

  #start({ cname, uid, resourceId }: Extract<RecordingAction, { type: 'start' }>): Ending {
    if (this.#used.has(resourceId)) return failure('already-started', { status: 201, code: 7 });
    if ([...this.alive.values()].some((each) => each.cname === cname && each.uid === uid))
      return failure('task-conflict', { status: 400, code: 53 });
    this.#used.add(resourceId);
    const sid = `sid-${resourceId}`;
    const endsAt = this.play.now + hours(this.play.resource.spec.maxRecordingHour);
    const each: Alive = { sid, cname, uid, resourceId, endsAt, sequence: 0, awayUntil: 0 };
    this.alive.set(sid, each);
    this.#tell(each, { type: 'started' });
    this.#tell(each, other(4));
    return { call: 'start', sid };
  }

  end(each: Alive, code: number): void {
    this.alive.delete(each.sid);
    this.#tell(each, stopped(code));
    this.#tell(each, exited(code <= 1 ? 0 : 1));
  }

  move(each: Alive): void {
    each.awayUntil = this.play.now + seconds(60);
    this.#tell(each, failover(`${each.uid}0`));
  }

  #tell(each: Alive, event: RecordingEvent): void {
    const { sid, cname, uid } = each;
    const at = this.play.now;
    const sequence = each.sequence++;
    const fate = this.#fates[this.#told++ % Math.max(1, this.#fates.length)] ?? 'lost';
    const tell = (): void => void this.play.tell(event, { sid, cname, uid, sequence, at });
    for (const delay of DELAYS[fate]) {
      if (delay === 0) tell();
      else this.#due.push({ at: at + seconds(delay), tell });
    }
  }

  /** Lets time pass, and what is due be told in it. */
  pass(forSeconds: number): void {
    const end = this.play.now + seconds(forSeconds);
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#due = this.#due.filter((each) => each !== next);
      if (next.at > this.play.now) this.play.run((next.at - this.play.now) / 1_000);
      next.tell();
    }
    if (end > this.play.now) this.play.run((end - this.play.now) / 1_000);
  }
}

const ENDINGS = ['ok', 'lost', 'lost-done', 'server', 'crash-before', 'crash-after', 'not-sent'] as const;
const CHANGES = ['none', 'fps', 'cname', 'stop', 'run', 'die', 'fail', 'move', 'restart'] as const;

interface Step {
  readonly ending: (typeof ENDINGS)[number];
  readonly change: (typeof CHANGES)[number];
  readonly wait: number;
}

function faulty(cloud: Cloud, action: RecordingAction, how: Step['ending']): Ending {
  switch (how) {
    case 'ok':
      return cloud.answer(action);
    case 'lost-done':
      cloud.answer(action);
      return failure('lost');
    case 'crash-after':
      cloud.answer(action);
      return how;
    case 'lost':
    case 'server':
      return failure(how);
    case 'crash-before':
    case 'not-sent':
      return how;
  }
}

function change(play: Play, cloud: Cloud, what: Step['change'], n: number): void {
  const each = [...cloud.alive.values()].at(-1);
  switch (what) {
    case 'fps':
      return void play.edit({ videoFps: 5 + (n % 20) });
    case 'cname':
      return void play.edit({ cname: `show${n}` });
    case 'stop':
      return void play.edit({ desiredState: 'Stopped' });
    case 'run':
      return void play.edit({ desiredState: 'Running' });
    case 'restart':
      return void play.restart();
    case 'die':
    case 'fail':
      if (each !== undefined) cloud.end(each, what === 'die' ? 6 : 4);
      return;
    case 'move':
      if (each !== undefined) cloud.move(each);
      return;
    case 'none':
  }
}

/** All that lives is in the status: by its `sid`, or by the uid of an entry whose outcome is open. */
function checkListed(play: Play, cloud: Cloud): void {
  for (const { sid, uid } of cloud.alive.values()) {
    const listed = play.tasks.some((task) => task.sid === sid || (task.sid === undefined && task.uid === uid));
    expect(listed, `${sid} lives and no status lists it`).toBe(true);
  }
}

/** What a scenario ends in, when the faults are over and all that was started blindly has ended. */
function endOf(steps: readonly Step[], fates: readonly Fate[]): { readonly play: Play; readonly cloud: Cloud } {
  const play = new Play({ maxStartsPerHour: 60, maxRecordingHour: 1 });
  const cloud = new Cloud(play, fates);
  for (const [index, { ending, change: what, wait }] of steps.entries()) {
    let used = false;
    play.otherwise = (action) => {
      const how = used ? 'ok' : ending;
      used = true;
      return faulty(cloud, action, how);
    };
    change(play, cloud, what, index);
    cloud.pass(wait);
    checkListed(play, cloud);
  }
  play.otherwise = (action) => cloud.answer(action);
  cloud.pass(2 * 3_600);
  // It has just been begun anew, or is about to be, where its hour is over now.
  for (let minute = 0; minute < 20 && !play.ready.startsWith('True'); minute += 1) cloud.pass(60);
  checkListed(play, cloud);
  return { play, cloud };
}

const step: fc.Arbitrary<Step> = fc.record({
  ending: fc.constantFrom(...ENDINGS),
  change: fc.constantFrom(...CHANGES),
  wait: fc.constantFrom(1, 4, 13, 40, 130),
});
const fate: fc.Arbitrary<Fate> = fc.constantFrom('overtakes', 'prompt', 'late', 'later', 'doubled', 'lost');

describe('WR-11 notices in any order, doubled, late or lost, among answers, faults and crashes', () => {
  it('the end is the same as without any, and at no time does anything live unlisted', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        fc.array(fate, { minLength: 1, maxLength: 8 }),
        (steps, fates) => {
          for (const told of [fates, ['lost'] as const]) {
            const { play, cloud } = endOf(steps, told);
            const wanted = play.resource.spec.desiredState === 'Running';
            expect(play.ready).toBe(wanted ? 'True Running' : 'True Stopped');
            expect([...cloud.alive.keys()]).toEqual(wanted ? [play.task?.sid] : []);
            expect(play.phases.filter((phase) => !phase.endsWith('Lost'))).toHaveLength(wanted ? 1 : 0);
            expect(play.status.admission?.length ?? 0).toBe(wanted ? 1 : 0);
          }
        },
      ),
      { numRuns: 60, seed: 2026 },
    );
  });
});

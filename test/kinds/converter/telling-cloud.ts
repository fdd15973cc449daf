import { expect } from 'vitest';
import { type Instant, instant, seconds } from '../../../src/core/time.ts';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { addressOf } from '../../../src/kinds/converter/desired.ts';
import { memberNamed } from '../../../src/kinds/converter/members.ts';
import { viewOf } from '../../../src/kinds/converter/view.ts';
import type { ConverterEvent, ConverterNotice } from '../../../src/kinds/evidence.ts';
import { reveal } from '../../../src/kinds/reference.ts';
import { failure } from './builders.ts';
import { created, destroyed, state, updated } from './notice.ts';
import type { Ending, Play } from './play.ts';
import { Cloud, type ENDINGS } from './random-cloud.ts';

/** What becomes of the notices of one scenario, one after the other: how many seconds later each is told. */
export const DELAYS = {
  overtakes: [0],
  prompt: [1],
  late: [40],
  later: [400],
  doubled: [1, 90],
  lost: [],
} as const;
export type Fate = keyof typeof DELAYS;

export const REASONS = ['Internal Error', 'Idle Timeout', 'Delete Request', 'something new'] as const;

type More = Partial<Omit<ConverterNotice, 'event' | 'source'>>;

const FOREIGN = 'foreign';
export const isForeign = (id: string): boolean => id.startsWith(FOREIGN);

/** One that lived, or lives, at Agora. */
interface Begun {
  readonly id: string;
  readonly name: string;
  readonly createTs: number;
  readonly requestId: string;
  /** Where it pushes to, its priority included. */
  readonly place: string;
}

/** Agora that tells all that happens to its converters (reference D.5), as the fates will. */
export class TellingCloud {
  readonly play: Play;
  readonly cloud: Cloud;
  readonly begun: Begun[] = [];
  readonly failed = new Set<string>();
  /** Those that have a cause to be replaced, and since when all that was begun before has one: an edit. */
  readonly excused = new Set<string>();
  excusedBefore: Instant = 0;
  readonly #fates: readonly Fate[];
  #due: { readonly at: Instant; readonly happen: () => void }[] = [];
  #told = 0;
  #foreign = 0;

  constructor(play: Play, fates: readonly Fate[]) {
    this.play = play;
    this.cloud = new Cloud(play);
    this.#fates = fates;
  }

  /** The first call ends so, every other one well. */
  faulty(ending: (typeof ENDINGS)[number]): void {
    let used = false;
    this.play.otherwise = (action) => {
      const how = used ? 'ok' : ending;
      used = true;
      return this.#ending(action, how);
    };
  }

  #ending(action: ConverterAction, how: (typeof ENDINGS)[number]): Ending {
    switch (how) {
      case 'ok':
        return this.#answer(action);
      case 'crash-after':
        this.#answer(action);
        return how;
      case 'not-sent':
      case 'crash-before':
        return how;
      case 'lost-done':
        this.#answer(action);
        return { ...failure('lost'), ids: { requestId: this.#requestId } };
      default:
        return { ...failure(how), ids: { requestId: this.#requestId } };
    }
  }

  /** Of the call that is being made, as its intent has it. */
  get #requestId(): string {
    return `r${this.play.calls.length}`;
  }

  #answer(action: ConverterAction): Ending {
    const { living } = this.cloud;
    const before = new Set(living.keys());
    const requestId = this.#requestId;
    if (action.type !== 'create') this.#checkCause(action);
    const ending = this.cloud.answer(action);
    if (typeof ending === 'string' || !('call' in ending)) return ending;
    if (action.type === 'get' && this.failed.has(action.converterId)) return { call: 'get', state: 'failed' };
    if (action.type === 'create')
      for (const [id, { name, createTs = 0 }] of living)
        if (!before.has(id)) this.#begin({ id, name, createTs, requestId, place: this.#placeOf(action) });
    if (action.type === 'update') this.#tell(action.converterId, updated, { requestId });
    if (action.type === 'delete') this.#tell(action.converterId, destroyed('Delete Request'), {});
    return ending;
  }

  /** What is somebody else's is never touched, and what lives is not deleted because of what befell another one. */
  #checkCause({ type, converterId, attempt }: Exclude<ConverterAction, { type: 'create' }>): void {
    expect(isForeign(converterId), `${type} of a foreign converter`).toBe(false);
    if (type !== 'delete' || !this.cloud.living.has(converterId) || this.excused.has(converterId)) return;
    const startedAt = this.play.tasks.find((task) => task.attempt === attempt)?.startedAt;
    expect(instant(startedAt) ?? 0, `${converterId} is deleted without a cause`).toBeLessThanOrEqual(
      this.excusedBefore,
    );
  }

  #begin(one: Begun): void {
    const { id, name, createTs, requestId } = one;
    this.begun.push(one);
    this.#tell(id, created, { name, createTs, ...(requestId === '' ? {} : { requestId }) });
    this.#tell(id, state('running'), {});
  }

  #placeOf({ member = 'main' }: ConverterAction): string {
    const { resource } = this.play;
    const view = resource.spec.redundancy === undefined ? resource : viewOf(resource, memberNamed(resource, member));
    const address = addressOf(view, this.play.context());
    return address === undefined ? '' : reveal(address);
  }

  /** Somebody else takes a name that is free, and says under which request, or does not. */
  foreign(name: string, requestId: string): void {
    if ([...this.cloud.living.values()].some((each) => each.name === name)) return;
    this.#foreign += 1;
    const id = `${FOREIGN}${this.#foreign}`;
    const createTs = Math.floor(this.play.now / 1_000);
    const elsewhere = { rtcChannel: 'theirs', rtmpUrl: 'rtmp://theirs.example.com/live' };
    this.cloud.living.set(id, { id, name, state: 'running', createTs, updateTs: createTs, sequence: -1, ...elsewhere });
    this.#begin({ id, name, createTs, requestId, place: elsewhere.rtmpUrl });
  }

  /** It ends without us. */
  end(id: string, reason: string): void {
    if (!this.cloud.living.has(id)) return;
    this.cloud.living.delete(id);
    this.#tell(id, destroyed(reason), {});
  }

  fail(id: string): void {
    this.failed.add(id);
    this.excused.add(id);
    this.#tell(id, state('failed'), {});
  }

  /** Moved to another server: not found until it is there. */
  move(id: string): void {
    this.excused.add(id);
    this.cloud.hidden.add(id);
    this.#due.push({ at: this.play.now + seconds(60), happen: () => void this.cloud.hidden.delete(id) });
  }

  /** What a notice of this one says that Agora would send. */
  #tell(id: string, event: ConverterEvent, more: More): void {
    const at = this.play.now;
    const known = this.begun.find((each) => each.id === id);
    const name = event.type === 'destroyed' && known !== undefined ? { name: known.name } : {};
    const stamps = { updateTs: Math.floor(at / 1_000), ...(known === undefined ? {} : { createTs: known.createTs }) };
    const fate = this.#fates[this.#told++ % Math.max(1, this.#fates.length)] ?? 'lost';
    const happen = (): void => void this.play.tell(event, { converterId: id, at, ...name, ...stamps, ...more });
    for (const delay of DELAYS[fate]) {
      if (delay === 0) happen();
      else this.#due.push({ at: at + seconds(delay), happen });
    }
  }

  /** Lets time pass, with all that is due in it. */
  pass(forSeconds: number): void {
    const end = this.play.now + seconds(forSeconds);
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#due = this.#due.filter((each) => each !== next);
      if (next.at > this.play.now) this.play.run((next.at - this.play.now) / 1_000);
      next.happen();
    }
    if (end > this.play.now) this.play.run((end - this.play.now) / 1_000);
  }
}

import type { Instant } from '../core/time.ts';
import type { Subject } from './fault-rules.ts';
import type { Json } from './json.ts';
import type { Entry, TaskEvent } from './ledger.ts';
import type { Product } from './limits.ts';
import { envelope, type Notice, payloadOf, TESTED_EVENTS, testNotice } from './notices.ts';
import type { Outbox } from './outbox.ts';
import type { Message } from './post.ts';
import { signed } from './signature.ts';
import type { World } from './world.ts';

/** How the notifications fared. */
export interface NoticeCounts {
  /** Events that somebody had subscribed to. */
  readonly told: number;
  /** Times that one was sent, repetitions included. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Not answered 200 the fourth time either. */
  readonly givenUp: number;
  /** Never sent, by a fault. */
  readonly lost: number;
  /** What was answered, by status; `none` where nothing was. */
  readonly answers: Readonly<Record<string, number>>;
}

/** The answer to one test event. */
export interface TestResult {
  readonly productId: 3 | 5;
  readonly eventType: number;
  readonly status: number | 'none';
}

/** One notification on its way. */
interface Letter {
  readonly notice: Notice;
  readonly appId: string;
  readonly taskId: string;
  readonly product: Product;
  readonly subject: Subject;
  readonly forged: boolean;
}

/** A notification that waits to be overtaken goes all the same after this. */
const LONGEST_HOLD_MS = 60_000;
const LATE_SECONDS = 300;
const DOUBLED_AFTER_SECONDS = 2;
const AGORAS_ADDRESS = '203.0.113.10';

/**
 * Sends what happens to tasks to whoever subscribed to it (reference D.3): 200 within ten seconds, else once more at once,
 * then after growing waits, three repetitions at most. In the order of the events, unless a fault says otherwise.
 */
export class Deliveries {
  readonly #world: World;
  readonly #outbox: Outbox;
  readonly #began: Instant;
  readonly #held = new Map<string, Letter[]>();
  readonly #counts = { told: 0, sent: 0, acknowledged: 0, givenUp: 0, lost: 0 };
  readonly #answers: Record<string, number> = {};
  #tests = 0;

  constructor(world: World, outbox: Outbox) {
    this.#world = world;
    this.#outbox = outbox;
    this.#began = world.now();
  }

  get counts(): NoticeCounts {
    return { ...this.#counts, answers: { ...this.#answers } };
  }

  /** An event of a task. */
  happened(entry: Entry, event: TaskEvent, unshown: Json): void {
    const { agenda, timings, subscriptions, switches } = this.#world;
    const { appId, product, id, name } = entry.identity;
    if (!this.#outbox.isOpen || subscriptions.get(appId, product) === undefined) return;
    this.#counts.told += 1;
    const { productId, eventType } = event;
    const notice = {
      noticeId: this.#noticeId(entry.ordinal, event.sequence),
      productId,
      eventType,
      payload: payloadOf(entry, event, unshown, switches),
    };
    const letter: Letter = {
      notice,
      appId,
      taskId: id,
      product,
      subject: { appId, product, name, taskId: id, event: eventType },
      forged: false,
    };
    agenda.plan(event.at + timings.noticeMs, (at) => this.#dispatch(letter, at));
  }

  /** What Console does when a subscription is saved: one event of each type, sent once. */
  test(appId: string, signal: AbortSignal): Promise<readonly TestResult[]> {
    const products = (['recording', 'converter'] satisfies Product[]).filter(
      (product) => this.#world.subscriptions.get(appId, product) !== undefined,
    );
    const all = products.flatMap((product) => {
      const productId = product === 'recording' ? 3 : 5;
      return TESTED_EVENTS[productId].map(async (eventType): Promise<TestResult> => {
        const noticeId = this.#noticeId('test', this.#tests++);
        const notice = testNotice(productId, eventType, noticeId, this.#world.now());
        const message = this.#message({ notice, appId, product, forged: false });
        const answer = message && (await this.#outbox.post(message, this.#world.timings.noticeTimeoutMs, signal));
        return { productId, eventType, status: answer?.status ?? 'none' };
      });
    });
    return Promise.all(all);
  }

  #dispatch(letter: Letter, at: Instant): void {
    const { agenda, faults } = this.#world;
    const struck = new Map(faults.forNotice(letter.subject).map((fault) => [fault.kind, fault]));
    if (struck.has('notice-lost')) {
      this.#counts.lost += 1;
      return;
    }
    const sent: Letter = { ...letter, forged: struck.has('wrong-signature') };
    const doubled = struck.get('notice-doubled');
    if (doubled !== undefined) this.#later(sent, at, secondsOf(doubled) ?? DOUBLED_AFTER_SECONDS);
    const late = struck.get('notice-late');
    if (late !== undefined) {
      this.#later(sent, at, secondsOf(late) ?? LATE_SECONDS);
      return;
    }
    const { taskId } = letter;
    if (struck.has('notice-reordered')) {
      this.#held.set(taskId, [...(this.#held.get(taskId) ?? []), sent]);
      agenda.plan(at + LONGEST_HOLD_MS, (when) => this.#release(taskId, when));
      return;
    }
    this.#attempt(sent, 0, at);
    this.#release(taskId, at);
  }

  #later(letter: Letter, at: Instant, seconds: number): void {
    this.#world.agenda.plan(at + seconds * 1_000, (when) => this.#attempt(letter, 0, when));
  }

  /** What was held back for a later one of the same task. */
  #release(taskId: string, at: Instant): void {
    const held = this.#held.get(taskId) ?? [];
    this.#held.delete(taskId);
    for (const letter of held) this.#attempt(letter, 0, at);
  }

  #attempt(letter: Letter, repetition: number, at: Instant): void {
    const { faults, timings, agenda } = this.#world;
    const message = this.#message(letter);
    if (message === undefined) return;
    this.#counts.sent += 1;
    const answered = (status: number | undefined, when: Instant): void => {
      this.#answers[status ?? 'none'] = (this.#answers[status ?? 'none'] ?? 0) + 1;
      const waitMs = timings.noticeRetriesMs[repetition];
      if (status === 200) this.#counts.acknowledged += 1;
      else if (waitMs === undefined) this.#counts.givenUp += 1;
      else agenda.plan(when + waitMs, (due) => this.#attempt(letter, repetition + 1, due));
    };
    if (faults.forReceiver('notices', letter.subject) !== undefined) answered(undefined, at);
    else this.#outbox.send(message, timings.noticeTimeoutMs, (answer) => answered(answer?.status, this.#world.now()));
  }

  #message({ notice, appId, product, forged }: Omit<Letter, 'subject' | 'taskId'>): Message | undefined {
    const subscription = this.#world.subscriptions.get(appId, product);
    if (subscription === undefined) return undefined;
    const { url, secret } = subscription;
    const body = envelope(notice, this.#world.now());
    const headers = { 'content-type': 'application/json', ...signed(forged ? `not ${secret}` : secret, body) };
    return { url, headers, body, from: AGORAS_ADDRESS };
  }

  /** In the form of the samples; never that of another cloud's notification, which a receiver may remember. */
  #noticeId(first: number | string, second: number): string {
    return `${this.#began}:${first}:${second}`;
  }
}

const secondsOf = (fault: { readonly seconds?: number } | object): number | undefined =>
  'seconds' in fault ? fault.seconds : undefined;

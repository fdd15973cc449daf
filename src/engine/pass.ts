import type { Resource, StatusBase } from '../core/resource.ts';
import { type Instant, timestamp } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase, CallResult, Step } from '../kinds/kind.ts';
import { Draft, type Stored } from './draft.ts';
import { withIntent } from './intents.ts';
import type { PassParts } from './pass-parts.ts';
import { send } from './send.ts';
import type { Work } from './workqueue.ts';

/** Why a pass ended and when the key wants another. */
export type PassEnd =
  | { readonly again: 'at'; readonly at: Instant }
  | { readonly again: 'now' }
  | { readonly again: 'on-event' };

const ON_EVENT: PassEnd = { again: 'on-event' };
const NOW: PassEnd = { again: 'now' };
/** Each member of a redundant set may ask in turn (MP-10: the others go on where one is refused). */
const MOST_REFUSALS = 8;
/** A slot that frees wakes whoever gets it; the others learn their place so often. */
const QUEUE_LOOK_MS = 15_000;

type AnyStep = Step<StatusBase, ActionBase>;

/** What a round began with. */
interface Round {
  readonly context: Context;
  readonly now: Instant;
}

const ended = (stored: Exclude<Stored, 'written'>): PassEnd | undefined => {
  if (stored === 'refolded') return undefined;
  return stored === 'gone' ? ON_EVENT : NOW;
};

const wasForWantOfRoom = (result: CallResult): boolean =>
  result.sent && !result.answer.ok && result.answer.kind === 'quota';

/**
 * One pass of a key: decide → claim → persist the intent → lane and check → one call → fold, and on until nothing is due
 * (design §5). What a call answered is written together with what `decide` makes of it and with the next intent.
 */
export class Pass {
  readonly #parts: PassParts;
  readonly #kind: AnyKind;
  readonly #draft: Draft;
  readonly #work: Work;
  #asked = false;
  /** The ledger's last answer was no: its place in the queue is looked at again now and then. */
  #waits = false;
  /** It asked before the first list was looked at: it is woken when claims are granted, and until then nothing is said. */
  #early = false;

  constructor(parts: PassParts, kind: AnyKind, resource: Resource, work: Work) {
    this.#parts = parts;
    this.#kind = kind;
    this.#draft = new Draft(parts, kind, resource);
    this.#work = work;
  }

  async run(): Promise<PassEnd> {
    try {
      return await this.#untilNothingIsDue();
    } finally {
      // However it ends, in an error or after the last round: what a call answered is not dropped (design §5, step 6).
      await this.#draft.storeFolded();
      this.#parts.memory.underway.delete(this.#draft.key);
    }
  }

  /** After `run`: the resource went while a call of it was under way, whose answer nobody has on record. */
  get orphan(): Resource | undefined {
    return this.#draft.orphan;
  }

  async #untilNothingIsDue(): Promise<PassEnd> {
    const { ledger, mostRounds } = this.#parts;
    // Of a resource that came back without it, as after a restore.
    if (this.#draft.lacksFinalizer(this.#draft.status) && (await this.#draft.hold()).result !== 'written') return NOW;
    for (let round = 0; round < mostRounds; round += 1) {
      const end = await this.#round();
      if (end !== undefined) {
        // Whoever asks for nothing any more leaves the queue and gives back what it was granted and did not use.
        if (!this.#asked) ledger.withdraw(this.#draft.key);
        return end;
      }
    }
    return NOW;
  }

  async #round(): Promise<PassEnd | undefined> {
    const { clock, memory } = this.#parts;
    const draft = this.#draft;
    // A refusal is decided upon in its own instant only: whoever is woken within the same millisecond asks again.
    const now = Math.max(clock.now(), (memory.refusedAt.get(draft.key) ?? 0) + 1);
    const context = draft.context();
    const probing = this.#probe(context, now);
    if (probing !== undefined) {
      await probing;
      return undefined;
    }
    const step = this.#claim(this.#decide(context, now), context, now);
    this.#note(step, now);
    this.#parts.decided(draft.key);
    if (this.#early) return ON_EVENT;
    draft.decided(step.status, step.events);
    if (step.do === 'call') return this.#call(step, { context, now });
    const stored = await draft.store(step.status);
    if (stored !== 'written') return ended(stored);
    if (step.do === 'release') return this.#release();
    if (step.do === 'wait') return { again: 'at', at: step.until };
    return this.#waits ? { again: 'at', at: now + QUEUE_LOOK_MS } : ON_EVENT;
  }

  #decide(context: Context, now: Instant): AnyStep {
    return this.#kind.decide(this.#draft.resource(), this.#draft.observation(now), context, now);
  }

  /** Checks an endpoint where the kind wants to know of one before it goes on. */
  #probe(context: Context, now: Instant): Promise<void> | undefined {
    const { probe, clock, stopping } = this.#parts;
    const { endpoints } = this.#kind;
    const draft = this.#draft;
    if (probe === undefined || endpoints === undefined || stopping.aborted) return undefined;
    const due = endpoints.due(draft.resource(), draft.observation(now), context, now);
    if (due === undefined) return undefined;
    this.#work.park();
    const { endpoint, range } = due;
    return probe(endpoint, range, stopping).then((reach) => {
      draft.observed(endpoints.found(draft.observation(now), { endpoint, reach, at: clock.now() }));
    });
  }

  /** Asks the ledger where the step claims something; a refusal is decided upon once more, in the same instant. */
  #claim(first: AnyStep, context: Context, now: Instant): AnyStep {
    const { ledger, memory } = this.#parts;
    const draft = this.#draft;
    let step = first;
    for (let refusals = 0; step.do === 'call' && step.claims !== undefined; refusals += 1) {
      if (refusals > MOST_REFUSALS)
        throw new Error(`${step.action.type} of ${draft.key} was decided against the ledger's refusal`);
      this.#asked = true;
      const grant = ledger.request(draft.key, step.claims, now);
      this.#waits = !('granted' in grant);
      if ('granted' in grant) return step;
      memory.refusedAt.set(draft.key, now);
      if (grant.why === 'not-synced') {
        this.#early = true;
        return step;
      }
      const refused = this.#kind.refused(draft.resource(), draft.observation(now), step.action, grant, now);
      draft.observed(refused.observation);
      draft.decided(refused.status);
      step = this.#decide(context, now);
    }
    return step;
  }

  async #call(step: Extract<AnyStep, { do: 'call' }>, { context, now }: Round): Promise<PassEnd | undefined> {
    const { requestId: nextId, stopping, process, mayCall, memory } = this.#parts;
    const draft = this.#draft;
    // No new call, and no trace of one.
    if (stopping.aborted) return ON_EVENT;
    if (!mayCall()) return { again: 'at', at: now + 1_000 };
    const requestId = nextId();
    const { metadata, spec } = draft.base;
    if (step.intent !== undefined) {
      const intent = { call: step.intent.call, requestId, holder: process.holder, at: timestamp(now) };
      const stored = await draft.store(withIntent(step.status, step.intent.attempt, intent));
      if (stored !== 'written') return ended(stored);
    } else if (draft.owesAnswer || !draft.isOnRecord(step.status)) {
      // What a mutating call answered, and what was found of a task, is on record before anything else is asked: the next answer is
      // folded onto the object as it is by then, and a handle that was only in this pass's hands would be gone.
      const stored = await draft.store(step.status);
      if (stored !== 'written') return ended(stored);
    }
    const { action } = step;
    // The declaration that was decided upon: an edit that came while the intent was written is for the check to see.
    const resource = { ...draft.resource(), metadata, spec };
    if (step.intent !== undefined) memory.underway.set(draft.key, resource);
    this.#work.park();
    const result = await send(this.#parts, { kind: this.#kind, resource, action, context, requestId });
    draft.fold({ action, result, ...(step.intent === undefined ? {} : { requestId }) });
    // The ledger knows what is on record: until a slot is given back there, the next round would be granted it again (MP-2, WR-5).
    return wasForWantOfRoom(result) ? this.#storeRefusal() : undefined;
  }

  async #storeRefusal(): Promise<PassEnd | undefined> {
    const { status } = this.#draft;
    const stored = status === undefined ? 'written' : await this.#draft.store(status);
    return stored === 'written' ? undefined : ended(stored);
  }

  async #release(): Promise<PassEnd> {
    const { ledger, memory } = this.#parts;
    const { key } = this.#draft;
    const removed = await this.#draft.setFinalizer('absent');
    if (removed.result === 'conflict') return NOW;
    ledger.remove(key);
    memory.forget(key);
    return ON_EVENT;
  }

  #note(step: AnyStep, now: Instant): void {
    this.#parts.memory.steps.set(this.#draft.key, {
      at: now,
      do: step.do,
      ...(step.do === 'wait' ? { until: step.until } : {}),
      ...(step.do === 'call' ? { action: step.action.type } : {}),
    });
  }
}

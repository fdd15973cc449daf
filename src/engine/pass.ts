import type { AgoraAnswer } from '../agora/answer.ts';
import type { AgoraApi } from '../agora/api.ts';
import type { Clock } from '../core/clock.ts';
import { sameData } from '../core/equal.ts';
import { deletionRequested, hasFinalizer, type Key, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import { type Instant, timestamp } from '../core/time.ts';
import type { ResourceHost, WriteResult } from '../hosts/host.ts';
import type { Context } from '../kinds/context.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase, CallResult, Step, UserEvent } from '../kinds/kind.ts';
import type { Lanes } from '../limits/lanes.ts';
import type { Ledger } from '../limits/ledger.ts';
import type { Logger } from '../observability/log.ts';
import type { Answers } from './answers.ts';
import { contextOf, type Process } from './context.ts';
import { carriesIntent, withIntent } from './intents.ts';
import type { Memory } from './memory.ts';
import type { Work } from './workqueue.ts';

export interface PassParts {
  readonly host: ResourceHost;
  readonly api: AgoraApi;
  readonly lanes: Lanes;
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly process: Process;
  readonly answers: Answers;
  readonly log: Logger;
  /** X-Request-IDs; injected, so that a simulation repeats itself. */
  readonly requestId: () => string;
  /** May this replica call now, and will it be allowed to until the call's deadline (design §5.8)? */
  readonly mayCall: () => boolean;
  /** Makes a write of ours: indexes, ledger, and who else it concerns learn of it; its own echo wakes nobody. */
  readonly ownWrite: (key: Key, write: () => Promise<WriteResult>) => Promise<WriteResult>;
  readonly wake: (key: Key) => void;
  /** Told after each decision: a key that was decided upon has asked for whatever it wants. */
  readonly decided: (key: Key) => void;
  /** Does a host's name resolve (MP-22)? Absent where nobody can tell, as against a simulated cloud. */
  readonly resolves?: (host: string) => Promise<boolean>;
  /** No new call begins once it aborts; running ones end. */
  readonly stopping: AbortSignal;
  /** Breaks running calls off: the end of the grace period. */
  readonly abandon: AbortSignal;
}

/** Why a pass ended and when the key wants another. */
export type PassEnd =
  | { readonly again: 'at'; readonly at: Instant }
  | { readonly again: 'now' }
  | { readonly again: 'on-event' };

const ON_EVENT: PassEnd = { again: 'on-event' };
const NOW: PassEnd = { again: 'now' };
/** More rounds than any resource needs in one go; past it other keys get their turn. */
const MOST_ROUNDS = 40;
/** A slot that frees wakes whoever gets it; the others learn their place so often. */
const QUEUE_LOOK_MS = 15_000;
const WRITE_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

type AnyStep = Step<StatusBase, ActionBase>;

const ended = (stored: 'refolded' | 'stale' | 'gone'): PassEnd | undefined => {
  if (stored === 'refolded') return undefined;
  return stored === 'gone' ? ON_EVENT : NOW;
};

/** An answer that is folded but not yet written. It is never dropped (design §5, step 6). */
interface Unwritten {
  readonly action: ActionBase;
  readonly result: CallResult;
  /** Of the intent that the object must still carry; absent for calls without one. */
  readonly requestId?: string;
}

/**
 * One pass of a key: decide → claim → persist the intent → lane and check → one call → fold, and on until nothing is due
 * (design §5). What a call answered is written together with what `decide` makes of it and with the next intent.
 */
export class Pass {
  readonly #parts: PassParts;
  readonly #kind: AnyKind;
  readonly #key: Key;
  readonly #work: Work;
  /** As the host has it. */
  #base: Resource;
  /** With what was folded and decided since. */
  #status: StatusBase | undefined;
  #unwritten: Unwritten | undefined;
  #asked = false;
  /** The ledger's last answer was no: its place in the queue is looked at again now and then. */
  #waits = false;
  /** It asked before the first list was looked at: it is woken when claims are granted, and until then nothing is said. */
  #early = false;
  /** Of steps and answers since the last write; those from `#folded` on belong to the answer that is not written yet. */
  #events: UserEvent[] = [];
  #folded = 0;

  constructor(parts: PassParts, kind: AnyKind, resource: Resource, work: Work) {
    this.#parts = parts;
    this.#kind = kind;
    this.#key = keyOf(resource);
    this.#base = resource;
    this.#status = resource.status as StatusBase | undefined;
    this.#work = work;
  }

  async run(): Promise<PassEnd> {
    const { host, ledger, ownWrite } = this.#parts;
    if (!hasFinalizer(this.#base) && !deletionRequested(this.#base)) {
      const added = await ownWrite(this.#key, () => host.setFinalizer(this.#base, 'present'));
      if (added.result !== 'written') return NOW;
      this.#rebase(added.resource);
    }
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const end = await this.#round();
      if (end !== undefined) {
        // Whoever asks for nothing any more leaves the queue and gives back what it was granted and did not use.
        if (!this.#asked) ledger.withdraw(this.#key);
        return end;
      }
    }
    return NOW;
  }

  async #round(): Promise<PassEnd | undefined> {
    const { clock, memory } = this.#parts;
    // A refusal is decided upon in its own instant only: whoever is woken within the same millisecond asks again.
    const now = Math.max(clock.now(), (memory.refusedAt.get(this.#key) ?? 0) + 1);
    const context = this.#context();
    if (await this.#lookedUp(context, now)) return undefined;
    const folded = this.#status;
    const step = this.#claim(this.#decide(context, now), context, now);
    this.#note(step, now);
    this.#parts.decided(this.#key);
    if (this.#early) {
      await this.#storeFolded(folded);
      return ON_EVENT;
    }
    this.#events.push(...(step.events ?? []));
    this.#status = step.status;
    if (step.do === 'call') return this.#call(step, { context, now, folded });
    const stored = await this.#store(step.status);
    if (stored !== 'written') return ended(stored);
    if (step.do === 'release') return this.#release();
    if (step.do === 'wait') return { again: 'at', at: step.until };
    return this.#waits ? { again: 'at', at: now + QUEUE_LOOK_MS } : ON_EVENT;
  }

  #resource(): Resource<unknown, StatusBase> {
    const { status: _status, ...rest } = this.#base;
    return this.#status === undefined ? rest : { ...rest, status: this.#status };
  }

  #context(): Context {
    return contextOf(this.#base, this.#parts);
  }

  #observation(now: Instant): unknown {
    const { observations } = this.#parts.memory;
    const known = observations.get(this.#key);
    if (known !== undefined) return known;
    const first = this.#kind.unseen(now);
    observations.set(this.#key, first);
    return first;
  }

  #decide(context: Context, now: Instant): AnyStep {
    return this.#kind.decide(this.#resource(), this.#observation(now), context, now);
  }

  /** Looks a name up where the kind wants one before it goes on; true where it learned something. */
  async #lookedUp(context: Context, now: Instant): Promise<boolean> {
    const { resolves, memory } = this.#parts;
    const { names } = this.#kind;
    if (resolves === undefined || names === undefined) return false;
    const host = names.due(this.#resource(), this.#observation(now), context, now);
    if (host === undefined) return false;
    this.#work.park();
    const check = { host, resolves: await resolves(host), at: this.#parts.clock.now() };
    memory.observations.set(this.#key, names.found(this.#observation(now), check));
    return true;
  }

  /** Asks the ledger where the step claims something; a refusal is decided upon once more, in the same instant. */
  #claim(step: AnyStep, context: Context, now: Instant): AnyStep {
    if (step.do !== 'call' || step.claims === undefined) return step;
    this.#asked = true;
    const { ledger, memory } = this.#parts;
    const grant = ledger.request(this.#key, step.claims, now);
    this.#waits = !('granted' in grant);
    if ('granted' in grant) return step;
    memory.refusedAt.set(this.#key, now);
    if (grant.why === 'not-synced') {
      this.#early = true;
      return step;
    }
    const { status, observation } = this.#kind.refused(
      this.#resource(),
      this.#observation(now),
      step.action,
      grant,
      now,
    );
    memory.observations.set(this.#key, observation);
    this.#status = status;
    const next = this.#decide(context, now);
    if (next.do === 'call' && next.claims !== undefined && 'why' in ledger.request(this.#key, next.claims, now)) {
      throw new Error(`${next.action.type} of ${this.#key} was decided against the ledger's refusal`);
    }
    return next;
  }

  async #call(
    step: Extract<AnyStep, { do: 'call' }>,
    {
      context,
      now,
      folded,
    }: { readonly context: Context; readonly now: Instant; readonly folded: StatusBase | undefined },
  ): Promise<PassEnd | undefined> {
    const { requestId, stopping, process, mayCall } = this.#parts;
    if (stopping.aborted || !mayCall()) {
      // No new call, and no trace of one; but what was answered and not yet written is written.
      await this.#storeFolded(folded);
      return stopping.aborted ? ON_EVENT : { again: 'at', at: now + 1_000 };
    }
    const id = requestId();
    if (step.intent !== undefined) {
      const intent = { call: step.intent.call, requestId: id, holder: process.holder, at: timestamp(now) };
      const stored = await this.#store(withIntent(step.status, step.intent.attempt, intent));
      if (stored !== 'written') return ended(stored);
    } else if (this.#unwritten !== undefined && this.#unwritten.requestId !== undefined) {
      // What a mutating call answered is on record before anything else is asked.
      const stored = await this.#store(step.status);
      if (stored !== 'written') return ended(stored);
    }
    const result = await this.#send(step.action, context, id);
    return this.#fold({ action: step.action, result, ...(step.intent === undefined ? {} : { requestId: id }) });
  }

  async #send(action: ActionBase, context: Context, requestId: string): Promise<CallResult> {
    const { lanes, api, abandon, stopping, log, answers } = this.#parts;
    const resource = this.#resource();
    this.#work.park();
    const call = await lanes.run<AgoraAnswer>({
      appId: action.appId,
      limit: action.limit,
      class: action.class,
      key: this.#key,
      signal: stopping,
      check: () => this.#mayStillSend(action, context),
      send: () => this.#kind.perform(resource, action, context, api, { requestId, signal: abandon }),
    });
    if (!call.sent) return { sent: false };
    log.debug(
      {
        resource: this.#key,
        action: action.type,
        requestId,
        ok: call.value.ok,
        ...(call.value.ok ? {} : { kind: call.value.kind }),
      },
      'called',
    );
    answers.note(this.#key, action, call.value);
    return { sent: true, answer: call.value };
  }

  /**
   * In the tick of the send: the object is the one that was decided upon, or only its metadata changed; so is its
   * project; nothing forbids the call by now (design §6).
   */
  #mayStillSend(action: ActionBase, context: Context): boolean {
    const { host, clock, mayCall, answers } = this.#parts;
    const now = clock.now();
    if (action.notAfter !== undefined && now >= action.notAfter) return false;
    if (!mayCall()) return false;
    const current = host.get(this.#key);
    if (current === undefined || current.metadata.uid !== this.#base.metadata.uid) return false;
    if (current.metadata.generation !== this.#base.metadata.generation) return false;
    if (action.class !== 'stop' && deletionRequested(current) !== deletionRequested(this.#base)) return false;
    const project = context.project?.resource;
    const currentProject = project === undefined ? undefined : host.get(keyOf(project));
    if (currentProject !== undefined && currentProject.metadata.generation !== project?.metadata.generation)
      return false;
    return answers.admit(action, now);
  }

  /** What the call answered, on the object as it is by now. */
  #fold(unwritten: Unwritten): undefined {
    const { host } = this.#parts;
    const current = host.get(this.#key);
    const moved = current !== undefined && current.metadata.resourceVersion !== this.#base.metadata.resourceVersion;
    if (moved && this.#isSame(current, unwritten)) this.#rebase(current);
    this.#folded = this.#events.length;
    this.#refold(unwritten);
    return undefined;
  }

  #refold(unwritten: Unwritten): void {
    const { clock, memory } = this.#parts;
    const now = clock.now();
    const { action, result } = unwritten;
    const folded = this.#kind.fold(this.#resource(), this.#observation(now), action, result, this.#context(), now);
    memory.observations.set(this.#key, folded.observation);
    this.#parts.answers.observed(this.#base, folded.observation);
    for (const { key } of folded.wake ?? []) this.#parts.wake(key);
    this.#status = folded.status;
    this.#events = [...this.#events.slice(0, this.#folded), ...(folded.events ?? [])];
    this.#unwritten = unwritten;
  }

  #isSame(current: Resource, { action, requestId }: Unwritten): boolean {
    if (current.metadata.uid !== this.#base.metadata.uid) return false;
    return requestId === undefined || action.attempt === undefined || carriesIntent(current, action.attempt, requestId);
  }

  #rebase(resource: Resource): void {
    this.#base = resource;
    this.#status = resource.status as StatusBase | undefined;
  }

  /** What was answered and is not yet on record, where the pass goes no further. */
  async #storeFolded(folded: StatusBase | undefined): Promise<void> {
    for (let status = folded; this.#unwritten !== undefined && status !== undefined; status = this.#status) {
      if ((await this.#store(status)) !== 'refolded') return;
    }
  }

  /**
   * Writes a status where it differs. `refolded`: the object had changed under an answer, which was folded again onto
   * the fresh object; decide anew. `stale`: what was read was old and nothing depends on it; the pass is dropped.
   */
  async #store(status: StatusBase): Promise<'written' | 'refolded' | 'stale' | 'gone'> {
    const { host } = this.#parts;
    if (sameData(status, this.#base.status)) {
      this.#done();
      return 'written';
    }
    const result = await this.#write(status);
    if (result.result === 'written') {
      this.#rebase(result.resource);
      this.#done();
      return 'written';
    }
    if (result.result === 'gone') return 'gone';
    const unwritten = this.#unwritten;
    if (unwritten === undefined) return 'stale';
    const fresh = await host.refresh(this.#key);
    if (fresh === undefined) return 'gone';
    if (!this.#isSame(fresh, unwritten)) {
      this.#parts.log.error(
        { resource: this.#key, action: unwritten.action.type, requestId: unwritten.requestId },
        'the object no longer waits for this answer',
      );
      return 'stale';
    }
    this.#rebase(fresh);
    this.#refold(unwritten);
    return 'refolded';
  }

  /** An answer that was not written yet is written however long the host is out of reach; anything else just fails. */
  async #write(status: StatusBase): Promise<WriteResult> {
    const { host, clock, abandon, log, ownWrite } = this.#parts;
    for (let failures = 0; ; failures += 1) {
      try {
        return await ownWrite(this.#key, () => host.writeStatus(this.#base, status));
      } catch (error) {
        if (this.#unwritten === undefined || abandon.aborted) throw error;
        log.warn({ resource: this.#key, error, failures }, 'the status could not be written; tried again');
        await clock.sleep(WRITE_RETRY_MS[Math.min(failures, WRITE_RETRY_MS.length - 1)] ?? 0, abandon);
      }
    }
  }

  #done(): void {
    this.#unwritten = undefined;
    for (const event of this.#events) this.#parts.host.event(this.#base, event);
    this.#events = [];
    this.#folded = 0;
  }

  async #release(): Promise<PassEnd> {
    const { host, ledger, memory, ownWrite } = this.#parts;
    const removed = await ownWrite(this.#key, () => host.setFinalizer(this.#base, 'absent'));
    if (removed.result === 'conflict') return NOW;
    ledger.remove(this.#key);
    memory.forget(this.#key);
    return ON_EVENT;
  }

  #note(step: AnyStep, now: Instant): void {
    this.#parts.memory.steps.set(this.#key, {
      at: now,
      do: step.do,
      ...(step.do === 'wait' ? { until: step.until } : {}),
      ...(step.do === 'call' ? { action: step.action.type } : {}),
    });
  }
}

import { rung } from '../core/backoff.ts';
import { sameData } from '../core/equal.ts';
import { deletionRequested, hasFinalizer, type Key, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { WriteResult } from '../hosts/host.ts';
import type { Context } from '../kinds/context.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase, CallResult, UserEvent } from '../kinds/kind.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import { contextOf } from './context.ts';
import { carriesIntent } from './intents.ts';
import type { PassParts } from './pass-parts.ts';

/** An answer that is folded but not yet written. It is never dropped (design §5, step 6). */
export interface Unwritten {
  readonly action: ActionBase;
  readonly result: CallResult;
  /** Of the intent that the object must still carry; absent for calls without one. */
  readonly requestId?: string;
}

/** What an answer makes of the object, before anything is decided on it. */
interface FoldedAnswer {
  readonly status: StatusBase;
  readonly events: readonly UserEvent[];
}

/**
 * `refolded`: the object had changed under an answer, which was folded again onto the fresh object; decide anew. `stale`:
 * what was read was old and nothing depends on it; the pass is dropped.
 */
export type Stored = 'written' | 'refolded' | 'stale' | 'gone';

type Written = Exclude<WriteResult, { result: 'conflict' }> | { readonly result: 'conflict'; readonly met: Resource };

const WRITE_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** An answer is folded so often without a pause; a host that always meets us with a conflict must not spin. */
const REFOLDS_AT_ONCE = 10;
const REFOLD_PAUSE_MS = 1_000;

/** A resource in the hands of a pass: as the host has it, and with what was decided and answered since. */
export class Draft {
  readonly key: Key;
  readonly #parts: PassParts;
  readonly #kind: AnyKind;
  /** As the host has it. */
  #base: Resource;
  /** With what was folded and decided since. */
  #status: StatusBase | undefined;
  #unwritten: (Unwritten & { readonly folded: FoldedAnswer }) | undefined;
  /** What folding its answer made of the observation, and of which: an answer that is folded again counts once. */
  #noted: { readonly before: unknown; readonly after: unknown } | undefined;
  #orphan: Resource | undefined;
  /** Of steps and answers since the last write; those from `#folded` on belong to the answer that is not written yet. */
  #events: UserEvent[] = [];
  #folded = 0;

  constructor(parts: PassParts, kind: AnyKind, resource: Resource) {
    this.key = keyOf(resource);
    this.#parts = parts;
    this.#kind = kind;
    this.#base = resource;
    this.#status = resource.status as StatusBase | undefined;
  }

  get base(): Resource {
    return this.#base;
  }

  get status(): StatusBase | undefined {
    return this.#status;
  }

  /** Has a call with an intent been answered that is not on record yet? */
  get owesAnswer(): boolean {
    return this.#unwritten?.requestId !== undefined;
  }

  /** The object as it would be with an answer that found it gone: what its status lists may live all the same. */
  get orphan(): Resource | undefined {
    return this.#orphan;
  }

  /** Do the entries stand in the object as they are in this status? */
  isOnRecord(status: StatusBase): boolean {
    return sameData(tasksOf(status as TaskStatus), tasksOf(this.#base.status as TaskStatus | undefined));
  }

  resource(): Resource<unknown, StatusBase> {
    const { status: _status, ...rest } = this.#base;
    return this.#status === undefined ? rest : { ...rest, status: this.#status };
  }

  context(): Context {
    return contextOf(this.#base, this.#parts);
  }

  observation(now: Instant): unknown {
    const { observations } = this.#parts.memory;
    const known = observations.get(this.key);
    if (known !== undefined) return known;
    const first = this.#kind.unseen(now);
    observations.set(this.key, first);
    return first;
  }

  observed(observation: unknown): void {
    this.#parts.memory.observations.set(this.key, observation);
  }

  /** What was decided; its events are told once it is written. */
  decided(status: StatusBase, events: readonly UserEvent[] = []): void {
    this.#status = status;
    this.#events.push(...events);
  }

  /** Takes the object as the host has it by now. */
  rebase(resource: Resource): void {
    this.#base = resource;
    this.#status = resource.status as StatusBase | undefined;
  }

  /** As `store`: what a conflict met is known from then on. */
  async setFinalizer(finalizer: 'present' | 'absent'): Promise<Written> {
    const { host, ownWrite } = this.#parts;
    const result = await ownWrite(this.key, () => host.setFinalizer(this.#base, finalizer));
    if (result.result !== 'conflict') return result;
    const met = await host.refresh(this.key);
    return met === undefined ? { result: 'gone' } : { ...result, met };
  }

  /** What the call answered, on the object as it is by now. */
  fold(unwritten: Unwritten): void {
    const { host } = this.#parts;
    const current = host.get(this.key);
    const moved = current !== undefined && current.metadata.resourceVersion !== this.#base.metadata.resourceVersion;
    if (moved && this.#awaits(current, unwritten)) this.rebase(current);
    this.#folded = this.#events.length;
    this.#noted = undefined;
    this.#refold(unwritten);
  }

  #refold(unwritten: Unwritten): void {
    const { clock, answers, wake } = this.#parts;
    const now = clock.now();
    const { action, result } = unwritten;
    const known = this.observation(now);
    const noted = this.#noted;
    const before = noted !== undefined && noted.after === known ? noted.before : known;
    const folded = this.#kind.fold(this.resource(), before, action, result, this.context(), now);
    this.#noted = { before, after: folded.observation };
    this.observed(folded.observation);
    answers.observed(this.#base, folded.observation);
    for (const { key } of folded.wake ?? []) wake(key);
    this.#unwritten = { ...unwritten, folded: { status: folded.status, events: folded.events ?? [] } };
    this.#takeBack(this.#unwritten.folded);
  }

  /** What was decided on the answer is forgotten; the answer is not. */
  #takeBack({ status, events }: FoldedAnswer): void {
    this.#status = status;
    this.#events = [...this.#events.slice(0, this.#folded), ...events];
  }

  /** Is it the object of the call, and does it still carry the call's intent? */
  #awaits(current: Resource, { action, requestId }: Unwritten): boolean {
    if (current.metadata.uid !== this.#base.metadata.uid) return false;
    return requestId === undefined || action.attempt === undefined || carriesIntent(current, action.attempt, requestId);
  }

  /** Brings what was answered on record, however often somebody else's change comes in between. */
  async storeFolded(): Promise<void> {
    const { clock, abandon } = this.#parts;
    for (let times = 0; this.#unwritten !== undefined; times += 1) {
      if (times % REFOLDS_AT_ONCE === REFOLDS_AT_ONCE - 1) await clock.sleep(REFOLD_PAUSE_MS, abandon);
      const { folded } = this.#unwritten;
      this.#takeBack(folded);
      await this.store(folded.status);
    }
  }

  /** Writes a status where it differs. */
  async store(status: StatusBase): Promise<Stored> {
    const { log } = this.#parts;
    if (sameData(status, this.#base.status)) {
      this.#done();
      return 'written';
    }
    const written = await this.#insisting(() => this.#write(status));
    if (written.result === 'gone') {
      this.#leave();
      return 'gone';
    }
    if (written.result === 'written') {
      this.rebase(written.resource);
      this.#done();
      return 'written';
    }
    const { met } = written;
    const unwritten = this.#unwritten;
    if (unwritten === undefined) return 'stale';
    if (met.metadata.uid !== this.#base.metadata.uid) {
      // Another one has its name already.
      this.#leave();
      return 'stale';
    }
    if (!this.#awaits(met, unwritten)) {
      const { action, requestId } = unwritten;
      log.error({ resource: this.key, action: action.type, requestId }, 'the object no longer waits for this answer');
      this.#unwritten = undefined;
      return 'stale';
    }
    this.rebase(met);
    this.#refold(unwritten);
    return 'refolded';
  }

  /** The object is gone, with an answer that is not on record. */
  #leave(): void {
    const { requestId, folded } = this.#unwritten ?? {};
    if (requestId !== undefined && folded !== undefined && this.#kind.needsFinalizer(folded.status))
      this.#orphan = { ...this.#base, status: folded.status };
    this.#unwritten = undefined;
  }

  async #write(status: StatusBase): Promise<Written> {
    if (this.lacksFinalizer(status)) {
      const held = await this.hold();
      if (held.result !== 'written') return held;
    }
    return this.#parts.ownWrite(this.key, () => this.#writeStatus(status));
  }

  /** Could what this status lists be left behind by a deletion? One that was deleted already takes no finalizer any more. */
  lacksFinalizer(status: StatusBase | undefined): boolean {
    return !hasFinalizer(this.#base) && !deletionRequested(this.#base) && this.#kind.needsFinalizer(status);
  }

  /** Adds the finalizer; what was decided and answered meanwhile stays in hand. */
  async hold(): Promise<Written> {
    const held = await this.setFinalizer('present');
    if (held.result === 'written') this.#base = held.resource;
    return held;
  }

  /**
   * What a conflict met is read, past any cache: else a host that is told late would meet it again and again. It may be this very
   * write, whose answer was lost: a status with an intent is never written twice, since the intent has a request ID of its own.
   */
  async #writeStatus(status: StatusBase): Promise<Written> {
    const { host, wake } = this.#parts;
    const result = await host.writeStatus(this.#base, status);
    if (result.result !== 'conflict') return result;
    const met = await host.refresh(this.key);
    if (met === undefined) return { result: 'gone' };
    const isOurs = met.metadata.uid === this.#base.metadata.uid && sameData(met.status, status);
    if (!isOurs) return { ...result, met };
    // Whatever came on top of it was not decided upon.
    wake(this.key);
    return { result: 'written', resource: met };
  }

  /** An answer that is not on record yet is brought there however long the host is out of reach; anything else just fails. */
  async #insisting<Value>(ask: () => Promise<Value>): Promise<Value> {
    const { clock, abandon, log } = this.#parts;
    for (let failures = 0; ; failures += 1) {
      try {
        return await ask();
      } catch (error) {
        if (this.#unwritten === undefined || abandon.aborted) throw error;
        log.warn({ resource: this.key, error, failures }, 'the status could not be written; tried again');
        await clock.sleep(rung(WRITE_RETRY_MS, failures + 1), abandon);
      }
    }
  }

  #done(): void {
    this.#unwritten = undefined;
    for (const event of this.#events) this.#parts.host.event(this.#base, event);
    this.#events = [];
    this.#folded = 0;
  }
}

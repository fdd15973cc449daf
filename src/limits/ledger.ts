import { invariant } from '../core/assert.ts';
import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { coversClaims, without } from './claims.ts';
import { describeExclusion, excludedBy } from './grant.ts';
import { allClaims, holdingsIn, holdsJust, type LedgerEntry, newEntry, waiterIn } from './ledger-entry.ts';
import { NameRegister } from './names.ts';
import { type LevelUse, Pool } from './pool.ts';
import { type ClaimRequest, type Claims, NO_CLAIMS, type Refusal, type Slot } from './slot.ts';
import type { Limits } from './tables.ts';

export type Grant = { readonly granted: true } | Refusal;

export interface LedgerOptions {
  /** Of any App ID that a claim names, also one whose project is gone. */
  readonly limitsFor: (appId: string) => Limits;
}

/**
 * A mirror of what statuses say is held, and the queue for what is not free. It stores nothing: after a restart the
 * same statuses make the same ledger.  (design §6; WR-1, WR-5, MP-2, MP-5, MP-17, MP-18)
 *
 * The owner's part: `set` after every status write and every change that the host tells; in each pass either `request`
 * or, where the step asks for nothing, `withdraw`, since whoever was woken has its slot kept until it does one of both.
 */
export class Ledger {
  readonly #limitsFor: (appId: string) => Limits;
  readonly #entries = new Map<Key, LedgerEntry>();
  readonly #pools = new Map<string, Pool>();
  readonly #names = new NameRegister();
  readonly #listeners = new Set<(keys: readonly Key[]) => void>();
  readonly #askedTooEarly = new Set<Key>();
  #isReady = false;

  constructor({ limitsFor }: LedgerOptions) {
    this.#limitsFor = limitsFor;
  }

  /** The host has listed everything once, and each has been looked at: from now on claims are granted. */
  ready(): void {
    this.#isReady = true;
    // Those whose turn it is first: whoever asks after them learns a true place.
    const keys = new Set([...[...this.#pools.values()].flatMap((pool) => pool.wakeable()), ...this.#askedTooEarly]);
    this.#askedTooEarly.clear();
    this.#tell([...keys]);
  }

  /** Told the keys that may be granted if they ask again now. Returns what ends it. */
  onWake(listener: (keys: readonly Key[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the status of `key` says it holds, with the ends of its slots where they are known. */
  set(key: Key, claims: Claims, ends: readonly (Instant | undefined)[] = []): void {
    const entry = this.#entryOf(key);
    if (holdsJust(entry, claims, ends)) return;
    entry.held = claims;
    entry.ends = ends;
    // A status that does not show the grant yet, since an event came between, must not lose it.
    if (entry.reserved !== undefined && coversClaims(claims, entry.reserved)) entry.reserved = undefined;
    const hasWhatItAsked = entry.asked !== undefined && coversClaims(claims, entry.asked.claims);
    if (hasWhatItAsked) entry.asked = undefined;
    this.#announce(this.#recount(key, entry));
    if (hasWhatItAsked) this.#tell([key]);
  }

  /** The resource is gone. */
  remove(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    Object.assign(entry, { held: NO_CLAIMS, ends: [], reserved: undefined, asked: undefined });
    this.#announce(this.#recount(key, entry));
    this.#entries.delete(key);
  }

  /** Leaves the queue and gives back what was granted but not written; what the status holds stays. */
  withdraw(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || (entry.reserved === undefined && entry.asked === undefined)) return;
    entry.reserved = undefined;
    entry.asked = undefined;
    this.#announce(this.#recount(key, entry));
  }

  /**
   * Asks for all that `key` would hold after its step. A resource keeps what it holds, whatever the limits have become.
   * What is granted is reserved until a status that shows it is `set`, or until `withdraw`.
   */
  request(key: Key, ask: ClaimRequest, now: Instant): Grant {
    const entry = this.#entryOf(key);
    if (!this.#isReady) {
      // It is asked again when all have asked, so that priority and age decide and not who came first.
      this.#askedTooEarly.add(key);
      entry.asked = ask;
      this.#recount(key, entry);
      return { why: 'not-synced' };
    }
    const taken = ask.claims.names.find((name) => !entry.held.names.includes(name) && this.#names.isTaken(name, key));
    if (taken !== undefined) {
      this.withdraw(key);
      return { why: 'name', name: taken, owner: this.#names.refuse(taken, key) };
    }
    // A claim replaces the former one: what is only reserved counts no more, unless it is what is asked for.
    const holds =
      entry.reserved !== undefined && coversClaims(entry.reserved, ask.claims) ? entry.reserved : entry.held;
    const adds = without(ask.claims.slots, holds.slots);
    const [first] = adds;
    if (first === undefined) return this.#reserve(key, entry, ask.claims);

    const { appId } = first;
    invariant(
      adds.every((slot) => slot.appId === appId),
      `${key} claims new slots under one App ID at a time`,
    );
    const excluded = excludedBy(adds, this.#limitsFor(appId));
    if (excluded !== undefined) {
      this.withdraw(key);
      return { why: 'excluded', limit: describeExclusion(excluded, adds) };
    }
    entry.reserved = undefined;
    entry.asked = ask;
    const touched = this.#recount(key, entry);
    const pool = this.#poolOf(appId);
    if (pool.isGranted(key, now)) {
      entry.reserved = ask.claims;
      pool.take(key, holdingsIn(appId, entry));
      return this.#reserve(key, entry, ask.claims);
    }
    this.#announce(touched);
    const refusal = pool.refusal(key, now);
    invariant(refusal !== undefined, `${key} is granted or refused`);
    return refusal;
  }

  /** Why `key` waits now; undefined where it does not. For `explain`. */
  waiting(key: Key, now: Instant): Refusal | undefined {
    const appId = [...(this.#entries.get(key)?.pools ?? [])];
    return appId.map((id) => this.#poolOf(id).refusal(key, now)).find((refusal) => refusal !== undefined);
  }

  /** Converters under an App ID that are not ours: they count against the total of converters only. */
  foreign(appId: string, count: number): void {
    this.#poolOf(appId).foreign(count);
    this.#announce([appId]);
  }

  /** The limits of an App ID were edited. */
  limitsChanged(appId: string): void {
    this.#poolOf(appId).replan();
    this.#announce([appId]);
  }

  /**
   * `406` or "Resources quota exceeded" to a call of `key`: what is held is all there is, until a probe shows more. What
   * was granted for it and is on no record is given back, so that it asks again and waits.
   */
  quotaRefused(key: Key, slot: Slot, now: Instant): void {
    this.#poolOf(slot.appId).quotaRefused(key, slot, now);
    const entry = this.#entries.get(key);
    if (entry?.reserved === undefined) return;
    entry.reserved = undefined;
    this.#announce(this.#recount(key, entry));
  }

  /** A start or create in this slot went through. */
  quotaOk(slot: Slot): void {
    this.#poolOf(slot.appId).quotaOk(slot);
    this.#announce([slot.appId]);
  }

  /** Each bound of an App ID and how much of it is used. */
  usage(appId: string): readonly LevelUse[] {
    return this.#pools.get(appId)?.usage() ?? [];
  }

  #reserve(key: Key, entry: LedgerEntry, claims: Claims): Grant {
    entry.asked = undefined;
    entry.reserved = coversClaims(entry.held, claims) ? undefined : claims;
    this.#announce(this.#recount(key, entry));
    return { granted: true };
  }

  /** Brings pools and names in line with an entry. Returns the App IDs whose pools may have changed. */
  #recount(key: Key, entry: LedgerEntry): ReadonlySet<string> {
    const claims = allClaims(entry);
    const appIds = new Set(claims.flatMap(({ slots }) => slots.map(({ appId }) => appId)));
    const touched = new Set([...entry.pools, ...appIds]);
    for (const appId of touched) {
      const pool = this.#poolOf(appId);
      pool.hold(key, holdingsIn(appId, entry));
      const waiter = waiterIn(appId, key, entry);
      if (waiter === undefined) pool.leave(key);
      else pool.wait(waiter);
    }
    const names = [...new Set(claims.flatMap((claim) => claim.names))];
    const wanting = this.#names.change(key, entry.names, names);
    entry.pools = appIds;
    entry.names = names;
    this.#tell(wanting);
    return touched;
  }

  #announce(appIds: Iterable<string>): void {
    for (const appId of appIds) this.#tell(this.#poolOf(appId).wakeable());
  }

  #entryOf(key: Key): LedgerEntry {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry = newEntry();
    this.#entries.set(key, entry);
    return entry;
  }

  #poolOf(appId: string): Pool {
    const known = this.#pools.get(appId);
    if (known !== undefined) return known;
    const pool = new Pool(() => this.#limitsFor(appId));
    this.#pools.set(appId, pool);
    return pool;
  }

  #tell(keys: readonly Key[]): void {
    if (keys.length > 0) for (const listener of this.#listeners) listener(keys);
  }
}

import type { Key } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import { BelievedLimits } from './believed.ts';
import { without } from './claims.ts';
import { byTurn, countIn, describeFull, grant, type Held, type Plan, unitsIn, type Waiter } from './grant.ts';
import { allLevels, type Cell, cellOf, type Level, levelsOf, limitOf, touches } from './levels.ts';
import type { Refusal, Slot } from './slot.ts';
import type { Limits } from './tables.ts';
import { Turns } from './turns.ts';

/** One bound and how much of it is used. */
export interface LevelUse {
  readonly level: Level;
  readonly held: number;
  /** The table's, or what Agora's refusals taught where that is lower. */
  readonly limit: number;
  /** Resources that wait for a unit of it. */
  readonly waiting: number;
}

/** A slot in use, and when it ends as far as that is known. */
export interface Holding {
  readonly slot: Slot;
  readonly end: Instant | undefined;
}

/**
 * Slots and waiters of one App ID. Counts are kept up to date; the plan of `grant` is made when something that
 * matters to it changed, so that a waiter whose like was refused already costs nothing.
 */
export class Pool {
  readonly #limits: () => Limits;
  readonly #holdings = new Map<Key, readonly Holding[]>();
  readonly #tasks = new Map<Cell, number>();
  readonly #waiters = new Map<Key, Waiter>();
  readonly #turns = new Turns();
  readonly #turnsIn = new Map<Level, Turns>();
  /** Known ends in a level, sorted; forgotten when a holding changes. */
  readonly #endsIn = new Map<Level, readonly Instant[]>();
  readonly #believed = new BelievedLimits();
  #foreign = 0;
  #plan: (Plan & { readonly granted: Set<Key> }) | undefined;
  #plannedAt: Instant = Number.NEGATIVE_INFINITY;
  /** The latest instant that anybody told; waiters ask again at least once a minute (design §5). */
  #now: Instant = Number.NEGATIVE_INFINITY;
  /** Granted waiters that were told to ask again. */
  readonly #told = new Set<Key>();
  /** The plan whose granted waiters have all been told. */
  #toldPlan: Plan | undefined;

  constructor(limits: () => Limits) {
    this.#limits = limits;
  }

  /** What `key` takes up from now on. */
  hold(key: Key, holdings: readonly Holding[]): void {
    const [before, after] = [this.#slotsOf(key), holdings.map(({ slot }) => slot)];
    const [taken, freed] = [without(after, before), without(before, after)];
    this.#endsIn.clear();
    if (holdings.length === 0) this.#holdings.delete(key);
    else this.#holdings.set(key, holdings);
    this.#count(taken, 1);
    this.#count(freed, -1);
    if (taken.length + freed.length > 0) this.#plan = undefined;
  }

  /** A granted waiter takes its claim; the plan that granted it counted it already and stays. */
  take(key: Key, holdings: readonly Holding[]): void {
    const plan = this.#plan;
    this.#unqueue(key);
    plan?.granted.delete(key);
    this.hold(key, holdings);
    this.#plan = plan;
  }

  foreign(count: number): void {
    if (count !== this.#foreign) this.#plan = undefined;
    this.#foreign = count;
  }

  /** The limits changed. */
  replan(): void {
    this.#plan = undefined;
  }

  /** Puts a waiter in its place, or in another one. */
  wait(waiter: Waiter): void {
    const known = this.#waiters.get(waiter.key);
    if (known !== undefined && byTurn(known, waiter) === 0 && known.shape === waiter.shape) return;
    // Where nobody is refused, turns decide nothing: thousands that ask again at once need no new plan each.
    const plan = this.#plan;
    const isGrantedLikewise = plan?.refused.size === 0 && plan.granted.has(waiter.key) && known?.shape === waiter.shape;
    const wasTold = this.#told.has(waiter.key);
    this.leave(waiter.key);
    this.#waiters.set(waiter.key, waiter);
    this.#turns.insert(waiter);
    for (const level of this.#levelsOf(waiter)) this.#turnsOf(level).insert(waiter);
    if (isGrantedLikewise) {
      this.#plan = plan;
      if (wasTold) this.#told.add(waiter.key);
      return;
    }
    const like = this.#plan?.refused.get(waiter.shape);
    if (like === undefined || byTurn(waiter, like.first) < 0) this.#plan = undefined;
  }

  leave(key: Key): void {
    const waiter = this.#unqueue(key);
    if (waiter === undefined) return;
    const isMerelyRefused = this.#plan?.refused.get(waiter.shape)?.first.key !== key && !this.#plan?.granted.has(key);
    if (!isMerelyRefused) this.#plan = undefined;
  }

  isGranted(key: Key, now: Instant): boolean {
    this.#now = Math.max(this.#now, now);
    return this.#planned().granted.has(key);
  }

  /** Waiters that could go on if they asked, and were not told so yet. */
  wakeable(): readonly Key[] {
    if (this.#waiters.size === 0) return [];
    const plan = this.#planned();
    if (plan === this.#toldPlan) return [];
    const { granted } = plan;
    for (const key of this.#told) if (!granted.has(key)) this.#told.delete(key);
    const keys = [...granted].filter((key) => !this.#told.has(key));
    for (const key of keys) this.#told.add(key);
    this.#toldPlan = plan;
    return keys;
  }

  /** Why a waiter waits. Undefined where it does not. */
  refusal(key: Key, now: Instant): Refusal | undefined {
    const waiter = this.#waiters.get(key);
    if (waiter === undefined) return undefined;
    const planned = this.#planned().refused.get(waiter.shape)?.full;
    if (planned === undefined) return undefined;
    // What was ahead when the plan was made may be held by now.
    const { level, limit } = planned;
    const held = this.#heldIn(level);
    const full = { ...planned, held, ahead: Math.max(0, planned.held + planned.ahead - held) };
    const turns = this.#turnsOf(level);
    const ahead = turns.ahead(waiter);
    // The k-th end is known only for as many waiters as there are ends.
    const ends = this.#endsOf(level).filter((end) => end > now);
    const competing = ahead < ends.length ? [...turns.first(ahead), waiter] : [];
    const units = competing.reduce((sum, other) => sum + Math.max(0, unitsIn(level, other)), 0);
    const estimatedAt = units === 0 ? undefined : ends[Math.max(1, held + units - limit) - 1];
    return {
      why: 'wait',
      limit: describeFull(full),
      position: ahead + 1,
      ...(estimatedAt === undefined ? {} : { estimatedAt }),
    };
  }

  quotaRefused(key: Key, slot: Slot, now: Instant): void {
    this.#now = Math.max(this.#now, now);
    // It may have given its slot back by now, or not yet.
    const own = this.#slotsOf(key).some((held) => cellOf(held) === cellOf(slot)) ? 1 : 0;
    this.#believed.refused(cellOf(slot), this.#heldLike(slot) - own, now);
    this.#plan = undefined;
  }

  quotaOk(slot: Slot): void {
    if (this.#believed.succeeded(cellOf(slot), this.#heldLike(slot))) this.#plan = undefined;
  }

  usage(): readonly LevelUse[] {
    const limits = this.#limits();
    const believed = this.#believed.at(this.#now);
    return allLevels(limits.mixedResolution).map((level) => {
      const limit = limitOf(level, limits, (cell) => (this.#tasks.get(cell) ?? 0) > 0);
      return {
        level,
        held: this.#heldIn(level),
        limit: level.of === 'class' ? Math.min(limit, believed.get(level.id) ?? limit) : limit,
        waiting: this.#turnsIn.get(level)?.size ?? 0,
      };
    });
  }

  #planned(): Plan & { readonly granted: Set<Key> } {
    const previous = this.#plan;
    if (previous !== undefined && !this.#believed.hasOpened(this.#plannedAt, this.#now)) return previous;
    const caps = { limits: this.#limits(), believed: this.#believed.at(this.#now) };
    const plan = grant(this.#held(), this.#turns, caps);
    this.#plannedAt = this.#now;
    this.#plan = { ...plan, granted: new Set(plan.granted) };
    return this.#plan;
  }

  #slotsOf(key: Key): readonly Slot[] {
    return this.#holdings.get(key)?.map(({ slot }) => slot) ?? [];
  }

  #held(): Held {
    return { tasks: this.#tasks, foreign: this.#foreign };
  }

  #heldIn(level: Level): number {
    return countIn(level, this.#held());
  }

  /** What is counted in the narrowest level of a slot. */
  #heldLike(slot: Slot): number {
    const [level] = levelsOf([slot], this.#limits().mixedResolution);
    return level === undefined ? 0 : this.#heldIn(level);
  }

  #endsOf(level: Level): readonly Instant[] {
    const known = this.#endsIn.get(level);
    if (known !== undefined) return known;
    const here = [...this.#holdings.values()].flat().filter(({ slot }) => touches(level, slot));
    const ends = here.flatMap(({ end }) => (end === undefined ? [] : [end])).sort((a, b) => a - b);
    this.#endsIn.set(level, ends);
    return ends;
  }

  #turnsOf(level: Level): Turns {
    const turns = this.#turnsIn.get(level) ?? new Turns();
    this.#turnsIn.set(level, turns);
    return turns;
  }

  /** The levels in which a waiter has a place, whatever rule the limits follow at the time. */
  #levelsOf({ adds }: Waiter): readonly Level[] {
    return [...new Set([...levelsOf(adds, 'Nested'), ...levelsOf(adds, 'Literal')])];
  }

  #unqueue(key: Key): Waiter | undefined {
    const waiter = this.#waiters.get(key);
    if (waiter === undefined) return undefined;
    this.#waiters.delete(key);
    this.#told.delete(key);
    this.#turns.delete(waiter);
    for (const level of this.#levelsOf(waiter)) this.#turnsIn.get(level)?.delete(waiter);
    return waiter;
  }

  #count(slots: readonly Slot[], by: number): void {
    for (const slot of slots) {
      const cell = cellOf(slot);
      const count = (this.#tasks.get(cell) ?? 0) + by;
      if (count === 0) this.#tasks.delete(cell);
      else this.#tasks.set(cell, count);
    }
  }
}

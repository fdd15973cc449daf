import type { Instant } from '../core/time.ts';
import type { Excess, Product } from './limits.ts';
import { type Area, type BillingClass, billingClassOf, type SizeClass, sizeClassOf } from './sizes.ts';

/** Who or what ended a task. */
export type EndCause = 'stop' | 'delete' | 'max-recording-hour' | 'page' | 'idle' | 'fault' | 'killed';

/** What a notification says (reference D.4, D.5). */
export interface TaskEvent {
  readonly at: Instant;
  readonly productId: 3 | 5;
  readonly eventType: number;
  /** From 0, one more with each event of the task. */
  readonly sequence: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** `unshown` goes into the notification alone: addresses hold keys, and configurations are long. */
export type EventHook = (entry: Entry, event: TaskEvent, unshown: Readonly<Record<string, unknown>>) => void;

/** A task that lives or lived, as every reader but the cloud itself sees it. */
export interface Task {
  readonly product: Product;
  /** sid or converter id, in lower case. */
  readonly id: string;
  readonly appId: string;
  /** cname, or the converter's name; empty where it has none. */
  readonly name: string;
  readonly uid?: string;
  readonly resourceId?: string;
  readonly channel?: string;
  readonly area: Area;
  readonly class: SizeClass;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
  readonly endedBy?: EndCause;
  /** X-Request-ID of the call that began it. */
  readonly requestId: string;
  /** Sequences of the updates that arrived, in their order. */
  readonly sequences: readonly number[];
  readonly events: readonly TaskEvent[];
}

/** Constant parts of a task. */
export type Identity = Pick<Task, 'product' | 'id' | 'appId' | 'name' | 'area' | 'requestId'> & {
  readonly uid?: string;
  readonly resourceId?: string;
  readonly channel?: string;
  /** What two tasks of one unnamed kind have in common where they do the same; never shown. */
  readonly address?: string;
};

/** The cloud's own entry; `Task` is its read-only face. */
export class Entry {
  readonly identity: Identity;
  readonly createdAt: Instant;
  readonly ordinal: number;
  endedAt: Instant | undefined;
  endedBy: EndCause | undefined;
  readonly sequences: number[] = [];
  readonly events: TaskEvent[] = [];
  /** Stretches of one output size: an update can change it. */
  readonly sizes: { readonly from: Instant; readonly pixels: number; readonly class: SizeClass }[] = [];
  /** Where a converter pushed to, and since when; never shown. */
  readonly addresses: { readonly from: Instant; readonly address: string }[] = [];
  /** What notifications name as its uid: another one after a failover. */
  noticeUid: string | undefined;
  readonly #told: EventHook;

  constructor(identity: Identity, begun: { readonly at: Instant; readonly ordinal: number; readonly told: EventHook }) {
    this.identity = identity;
    this.createdAt = begun.at;
    this.ordinal = begun.ordinal;
    this.noticeUid = identity.uid;
    if (identity.address !== undefined) this.addresses.push({ from: begun.at, address: identity.address });
    this.#told = begun.told;
  }

  get class(): SizeClass {
    return this.sizes.at(-1)?.class ?? 'SD';
  }

  record(at: Instant, eventType: number, details: TaskEvent['details'], unshown: TaskEvent['details'] = {}): void {
    const productId = this.identity.product === 'recording' ? 3 : 5;
    const event: TaskEvent = { at, productId, eventType, sequence: this.events.length, details };
    this.events.push(event);
    this.#told(this, event, unshown);
  }

  view(): Task {
    const { address: _address, ...shown } = this.identity;
    return {
      ...shown,
      class: this.class,
      createdAt: this.createdAt,
      ...(this.endedAt === undefined ? {} : { endedAt: this.endedAt }),
      ...(this.endedBy === undefined ? {} : { endedBy: this.endedBy }),
      sequences: this.sequences,
      events: this.events,
    };
  }

  /** Minutes of each price up to `now`, not rounded. */
  minutes(now: Instant): Readonly<Record<BillingClass, number>> {
    const billed = { HD: 0, FHD: 0 };
    this.sizes.forEach((size, index) => {
      const until = this.sizes[index + 1]?.from ?? this.endedAt ?? now;
      billed[billingClassOf(size.pixels)] += (until - size.from) / 60_000;
    });
    return billed;
  }
}

export type SeenExcess = Excess & { readonly appId: string; readonly at: Instant };
export type Hook = (task: Task) => void;

/** Every task ever, kept apart from what the calls answer, so that an audit does not depend on them. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly byId = new Map<string, Entry>();
  readonly live = new Set<Entry>();
  readonly excess: SeenExcess[] = [];
  readonly #startHooks = new Set<Hook>();
  readonly #endHooks = new Set<Hook>();
  readonly #eventHooks = new Set<EventHook>();
  #liveViews: readonly Task[] | undefined;

  begin(identity: Identity, pixels: number, size: SizeClass, at: Instant): Entry {
    const entry = new Entry(identity, {
      at,
      ordinal: this.entries.length + 1,
      told: (...told) => {
        for (const hook of this.#eventHooks) hook(...told);
      },
    });
    entry.sizes.push({ from: at, pixels, class: size });
    this.entries.push(entry);
    this.byId.set(identity.id, entry);
    this.live.add(entry);
    this.#liveViews = undefined;
    this.#tell(this.#startHooks, entry);
    return entry;
  }

  end(entry: Entry, at: Instant, by: EndCause): void {
    entry.endedAt = at;
    entry.endedBy = by;
    this.live.delete(entry);
    this.#liveViews = undefined;
    this.#tell(this.#endHooks, entry);
  }

  resize(entry: Entry, pixels: number, at: Instant, size: SizeClass = sizeClassOf(pixels)): void {
    entry.sizes.push({ from: at, pixels, class: size });
    this.#liveViews = undefined;
  }

  /** The same array until a task begins, ends or changes its size. */
  liveTasks(): readonly Task[] {
    this.#liveViews ??= [...this.live].map((entry) => entry.view());
    return this.#liveViews;
  }

  onStart(hook: Hook): () => void {
    this.#startHooks.add(hook);
    return () => this.#startHooks.delete(hook);
  }

  onEnd(hook: Hook): () => void {
    this.#endHooks.add(hook);
    return () => this.#endHooks.delete(hook);
  }

  onEvent(hook: EventHook): () => void {
    this.#eventHooks.add(hook);
    return () => this.#eventHooks.delete(hook);
  }

  #tell(hooks: ReadonlySet<Hook>, entry: Entry): void {
    if (hooks.size === 0) return;
    const task = entry.view();
    for (const hook of hooks) hook(task);
  }
}

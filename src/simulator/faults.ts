import type { Instant } from '../core/time.ts';
import type { Agenda } from './agenda.ts';
import { createDie, type Die } from './dice.ts';
import {
  type CallFault,
  type FaultPlace,
  type FaultRule,
  type HostFault,
  isCallFault,
  isHostFault,
  isNoticeFault,
  isReceiverFault,
  isTaskFault,
  matches,
  type NoticeFault,
  placeOf,
  type ReceiverFault,
  type Subject,
  type TaskFault,
} from './fault-rules.ts';
import type { Entry } from './ledger.ts';

export interface FaultView {
  readonly id: string;
  readonly rule: FaultRule;
  readonly hits: number;
  /** False before its time, after it, and when it is used up. */
  readonly active: boolean;
}

interface Armed {
  readonly id: string;
  readonly rule: FaultRule;
  readonly die: Die;
  hits: number;
  removed: boolean;
}

export interface FaultSurroundings {
  readonly seed: string;
  readonly agenda: Agenda;
  readonly now: () => Instant;
  readonly liveTasks: () => Iterable<Entry>;
  /** Lets a task fault happen; false where it cannot happen to that task now. */
  readonly strike: (fault: TaskFault, entry: Entry, at: Instant) => boolean;
}

/** The rules in force and how often each struck. Rules that ended stay listed until they are cleared. */
export class Faults {
  readonly #surroundings: FaultSurroundings;
  readonly #armed = new Map<string, Armed>();
  /** Only these are looked at for a call, however many rules wait for their time. */
  readonly #active: Record<FaultPlace, Armed[]> = { call: [], host: [], task: [], notice: [], receiver: [] };
  #added = 0;

  constructor(surroundings: FaultSurroundings) {
    this.#surroundings = surroundings;
  }

  /** An id that is in use already is replaced. Returns the ids. */
  add(rules: readonly FaultRule[]): readonly string[] {
    return rules.map((rule) => {
      this.#added += 1;
      const id = rule.id ?? `fault-${this.#added}`;
      this.clear(id);
      const armed: Armed = { id, rule, die: createDie(`${this.#surroundings.seed}/${id}`), hits: 0, removed: false };
      this.#armed.set(id, armed);
      const now = this.#surroundings.now();
      const { fromAt = now, untilAt } = rule;
      if (untilAt !== undefined) this.#surroundings.agenda.plan(untilAt, () => this.#withdraw(armed));
      if (fromAt > now) this.#surroundings.agenda.plan(fromAt, (at) => this.#activate(armed, at));
      else this.#activate(armed, now);
      return id;
    });
  }

  /** Removes one rule, or all of them; how many there were. */
  clear(id?: string): number {
    const chosen =
      id === undefined ? [...this.#armed.values()] : [this.#armed.get(id)].filter((each) => each !== undefined);
    for (const armed of chosen) {
      armed.removed = true;
      this.#armed.delete(armed.id);
      this.#withdraw(armed);
    }
    return chosen.length;
  }

  list(): readonly FaultView[] {
    const active = new Set(Object.values(this.#active).flat());
    return [...this.#armed.values()].map((armed) => ({
      id: armed.id,
      rule: armed.rule,
      hits: armed.hits,
      active: active.has(armed),
    }));
  }

  /** The faults that strike this call; each kind of them at most once. */
  forCall(subject: Subject): readonly CallFault[] {
    if (this.#active.call.length === 0) return [];
    const struck: CallFault[] = [];
    for (const armed of [...this.#active.call]) {
      const { rule } = armed;
      if (!isCallFault(rule) || struck.some((fault) => fault.kind === rule.kind)) continue;
      if (rule.kind === 'list-refused' && subject.call !== 'list' && subject.call !== 'listChannel') continue;
      if (this.#strikes(armed, subject)) struck.push(rule);
    }
    return struck;
  }

  forHost(subject: Subject): HostFault | undefined {
    for (const armed of [...this.#active.host]) {
      if (isHostFault(armed.rule) && this.#strikes(armed, subject)) return armed.rule;
    }
    return undefined;
  }

  /** The faults that strike this notification; each kind of them at most once. */
  forNotice(subject: Subject): readonly NoticeFault[] {
    const struck: NoticeFault[] = [];
    for (const armed of [...this.#active.notice]) {
      const { rule } = armed;
      if (!isNoticeFault(rule) || struck.some((fault) => fault.kind === rule.kind)) continue;
      if (this.#strikes(armed, subject)) struck.push(rule);
    }
    return struck;
  }

  /** Whether this attempt to reach a receiver fails. */
  forReceiver(what: 'notices' | 'reports', subject: Subject): ReceiverFault | undefined {
    for (const armed of [...this.#active.receiver]) {
      const { rule } = armed;
      if (!isReceiverFault(rule)) continue;
      if (rule.kind === 'ingress-outage' ? (rule.only ?? what) !== what : what !== 'reports') continue;
      if (this.#strikes(armed, subject)) return rule;
    }
    return undefined;
  }

  /** To be called when a task has begun. */
  taskBegan(entry: Entry, at: Instant): void {
    for (const armed of [...this.#active.task]) this.#visit(armed, entry, at);
  }

  #activate(armed: Armed, at: Instant): void {
    if (armed.removed) return;
    const { rule } = armed;
    if (rule.untilAt !== undefined && rule.untilAt <= at) return;
    if (!isTaskFault(rule)) {
      this.#active[placeOf(rule)].push(armed);
      return;
    }
    this.#active.task.push(armed);
    const order = new Map([...this.#surroundings.liveTasks()].map((entry) => [entry, armed.die()]));
    for (const [entry] of [...order].sort(([, a], [, b]) => a - b)) {
      if (!this.#active.task.includes(armed)) return;
      this.#visit(armed, entry, at);
    }
  }

  #visit(armed: Armed, entry: Entry, at: Instant): void {
    const { rule } = armed;
    if (!isTaskFault(rule)) return;
    const { appId, name, id, product } = entry.identity;
    if (!matches(rule.match, { product, appId, name, taskId: id }) || armed.die() >= (rule.probability ?? 1)) return;
    if (this.#surroundings.strike(rule, entry, at)) this.#hit(armed);
  }

  #strikes(armed: Armed, subject: Subject): boolean {
    if (!matches(armed.rule.match, subject)) return false;
    if (armed.rule.probability !== undefined && armed.die() >= armed.rule.probability) return false;
    this.#hit(armed);
    return true;
  }

  #hit(armed: Armed): void {
    armed.hits += 1;
    if (armed.rule.count !== undefined && armed.hits >= armed.rule.count) this.#withdraw(armed);
  }

  #withdraw(armed: Armed): void {
    for (const list of Object.values(this.#active)) {
      const index = list.indexOf(armed);
      if (index >= 0) list.splice(index, 1);
    }
  }
}

import type { AgoraAnswer, AgoraValue, ConverterRow, Failure } from '../../../src/agora/answer.ts';
import type { Condition } from '../../../src/core/conditions.ts';
import type { Key } from '../../../src/core/resource.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type Instant, seconds, timestamp } from '../../../src/core/time.ts';
import { type Context, NO_PAGES, type ServiceHealth } from '../../../src/kinds/context.ts';
import type { ConverterAction } from '../../../src/kinds/converter/action.ts';
import { currentOf } from '../../../src/kinds/converter/changes.ts';
import { converterKind } from '../../../src/kinds/converter/kind.ts';
import type { ConverterObservation } from '../../../src/kinds/converter/observation.ts';
import type { ConverterResource, ConverterStep } from '../../../src/kinds/converter/situation.ts';
import type { ConverterSpec, ConverterStatus, ConverterTask } from '../../../src/kinds/converter/types.ts';
import type { Endpoint, ProbeRange, Reach } from '../../../src/kinds/endpoint.ts';
import type { ConverterEvent, ConverterNotice } from '../../../src/kinds/evidence.ts';
import type { Refusal, UserEvent } from '../../../src/kinds/kind.ts';
import type { LeftBehind, ProjectSpec } from '../../../src/kinds/project/types.ts';
import { withTask } from '../../../src/kinds/task.ts';
import type { Claims } from '../../../src/limits/slot.ts';
import { APP_ID, converter, projectSpec, T0 } from './builders.ts';
import { notice } from './notice.ts';

/** How a call ends: an answer, nothing sent, or the process dying with the call not sent, or sent and not heard of. */
export type Ending = AgoraValue | Omit<Failure, 'sentAt'> | 'not-sent' | 'crash-before' | 'crash-after';

export interface Call {
  readonly at: number;
  readonly type: ConverterAction['type'];
  readonly action: ConverterAction;
}

/** One converter, its host and a script for Agora, in virtual time: decide → claim → intent → answer → fold, and on. */
export class Play {
  resource: ConverterResource;
  observation: ConverterObservation;
  now: Instant = T0;
  project: { spec: ProjectSpec; credentials: boolean; leftBehind: readonly LeftBehind[] } | undefined;
  health: ServiceHealth = {};
  sweep: Context['sweep'] = { rows: new Map(), lastSeenAt: new Map(), refused: false };
  secrets: Record<string, string> = {};
  owners: Record<string, Key> = {};
  /** What the ledger says to a claim; undefined grants. */
  ledger: (claims: Claims) => Refusal | undefined = () => undefined;
  /** Endings still to come, per call; then `otherwise`. */
  script: Partial<Record<ConverterAction['type'], Ending[]>> = {};
  otherwise: (action: ConverterAction) => Ending = (action) => this.#obliging(action);
  /** What a check of the CDN's address comes to (MP-22); undefined where nobody can check. */
  reach: ((endpoint: Endpoint) => Reach) | undefined;
  readonly checks: { readonly at: number; readonly endpoint: Endpoint; readonly range: ProbeRange }[] = [];
  /** What the sweeps show, as long as they run. */
  rows: (() => readonly ConverterRow[]) | undefined;
  readonly calls: Call[] = [];
  readonly events: UserEvent[] = [];
  readonly claimed: Claims[] = [];
  writes = 0;
  passes = 0;
  released = false;
  /** What the obliging Agora runs: id → row. */
  readonly living = new Map<string, ConverterRow>();
  #ids = 0;

  constructor(spec: Partial<ConverterSpec> = {}) {
    this.resource = converter(spec);
    this.observation = converterKind.unseen(T0);
    this.project = { spec: projectSpec(), credentials: true, leftBehind: [] };
  }

  get status(): ConverterStatus {
    return this.resource.status ?? { observedGeneration: -1, conditions: [] };
  }

  get task(): ConverterTask | undefined {
    return currentOf(this.resource.status);
  }

  /** The task that a member of a redundant set lives by. */
  of(member: string): ConverterTask | undefined {
    return currentOf({ ...this.status, tasks: this.tasks.filter((task) => task.member === member) });
  }

  /** `name phase` of each member, with its reason where it does not run. */
  get members(): readonly string[] {
    return (this.status.members ?? []).map(
      ({ name, ready, phase, reason }) => `${name} ${phase}${ready || reason === undefined ? '' : ` ${reason}`}`,
    );
  }

  condition(type: string): string {
    const found = this.status.conditions.find((each) => each.type === type);
    return found === undefined ? '-' : `${found.status} ${found.reason}`;
  }

  get tasks(): readonly ConverterTask[] {
    return this.status.tasks ?? [];
  }

  get ready(): string {
    const find = (type: string): Condition | undefined => this.status.conditions.find((each) => each.type === type);
    const ready = find('Ready');
    const progress = find('Stalled') === undefined ? (find('Reconciling') === undefined ? '' : '…') : '!';
    return `${ready?.status} ${ready?.reason}${progress}`;
  }

  get message(): string {
    return this.status.conditions.find((each) => each.type === 'Ready')?.message ?? '';
  }

  edit(spec: Partial<ConverterSpec>): void {
    const { metadata } = this.resource;
    this.resource = {
      ...this.resource,
      metadata: { ...metadata, generation: metadata.generation + 1 },
      spec: { ...this.resource.spec, ...spec },
    };
  }

  delete(): void {
    this.resource = {
      ...this.resource,
      metadata: { ...this.resource.metadata, deletionTimestamp: timestamp(this.now) },
    };
  }

  request(text: string): void {
    const annotations = { 'agora-reconciler.dev/reconcile-requested-at': text };
    this.resource = { ...this.resource, metadata: { ...this.resource.metadata, annotations } };
  }

  /** Agora tells something of a converter, of the latest attempt with an id unless it says otherwise; the next pass weighs it. */
  tell(event: ConverterEvent, more: Partial<Omit<ConverterNotice, 'event' | 'source'>> = {}): this {
    const converterId = this.tasks.findLast((each) => each.converterId !== undefined)?.converterId ?? 'none';
    const told = notice(event, { converterId, receivedAt: this.now, ...more }, more.at ?? this.now);
    this.observation = converterKind.told?.(this.resource, this.observation, told, this.now) ?? this.observation;
    return this;
  }

  /** The process dies: what was volatile is gone. */
  crash(): void {
    this.observation = converterKind.unseen(this.now);
  }

  context(): Context {
    const { project } = this;
    const shown: Context['sweep'] = this.sweep;
    return {
      project:
        project === undefined
          ? undefined
          : {
              resource: {
                ...converter(),
                kind: 'AgoraProject',
                spec: project.spec,
                status: { observedGeneration: 1, conditions: [], leftBehind: project.leftBehind },
              },
              appId: project.spec.appId,
              spec: project.spec,
              credentials: project.credentials
                ? { customerId: new Secret('id'), customerSecret: new Secret('secret') }
                : undefined,
            },
      secret: (name, key) => {
        const value = this.secrets[`${name}/${key}`];
        return value === undefined ? undefined : new Secret(value);
      },
      health: { recording: {}, converter: this.health },
      sweep: shown,
      ownerOf: (id) => this.owners[id],
      members: [],
      pages: NO_PAGES,
      rivals: [],
      process: { holder: 'me', startedAt: T0, steadyNow: this.now },
    };
  }

  /** A complete sweep that begins now and shows this. */
  list(rows: readonly ConverterRow[]): void {
    const lastSeenAt = new Map(this.sweep.lastSeenAt);
    for (const { id } of rows) lastSeenAt.set(id, this.now);
    this.sweep = { begunAt: this.now, rows: new Map(rows.map((row) => [row.id, row])), lastSeenAt, refused: false };
  }

  decide(): ConverterStep {
    return converterKind.decide(this.resource, this.observation, this.context(), this.now);
  }

  /** Works for so long: passes whenever one is due, a sweep every five seconds where `rows` says what it shows. */
  run(forSeconds: number): readonly Call[] {
    const from = this.calls.length;
    const end = this.now + seconds(forSeconds);
    while (this.now <= end && !this.released) {
      if (this.rows !== undefined && (this.now - T0) % 5_000 === 0) this.list(this.rows());
      const next = this.pass();
      const sweepAt = this.rows === undefined ? end + 1 : T0 + (Math.floor((this.now - T0) / 5_000) + 1) * 5_000;
      this.now = Math.min(Math.max(next, this.now + 1), sweepAt, end + 1);
    }
    this.now = end;
    return this.calls.slice(from);
  }

  /** Sweeps show what the obliging Agora runs. */
  watched(): this {
    this.rows = () => [...this.living.values()];
    return this;
  }

  /** One pass, as the engine runs it; answers when the next one is due. */
  pass(): Instant {
    this.passes += 1;
    for (let round = 0; round < 40; round += 1) {
      if (this.#checked()) continue;
      const step = this.#claimed(this.decide());
      if (this.released) return Number.POSITIVE_INFINITY;
      if (step.do !== 'call') {
        this.#write(step.status);
        if (step.do === 'release') this.released = true;
        return step.do === 'wait' ? step.until : Number.POSITIVE_INFINITY;
      }
      if (!this.#call(step)) return this.now + seconds(1);
    }
    throw new Error(`no end of rounds: ${JSON.stringify(this.calls.slice(-3))}`);
  }

  #checked(): boolean {
    if (this.reach === undefined) return false;
    const due = converterKind.endpoints?.due(this.resource, this.observation, this.context(), this.now);
    if (due === undefined) return false;
    this.checks.push({ at: (this.now - T0) / 1_000, ...due });
    const check = { endpoint: due.endpoint, reach: this.reach(due.endpoint), at: this.now };
    this.observation = converterKind.endpoints?.found(this.observation, check) ?? this.observation;
    return true;
  }

  #claimed(first: ConverterStep): ConverterStep {
    let step = first;
    for (let refusals = 0; step.do === 'call' && step.claims !== undefined; refusals += 1) {
      if (refusals > (this.resource.spec.redundancy === undefined ? 1 : 8))
        throw new Error('decided against the refusal');
      const refusal = this.ledger(step.claims.claims);
      if (refusal === undefined) {
        this.claimed.push(step.claims.claims);
        break;
      }
      const folded = converterKind.refused(this.resource, this.observation, step.action, refusal, this.now);
      this.resource = { ...this.resource, status: folded.status };
      this.observation = folded.observation;
      step = this.decide();
    }
    this.events.push(...(step.events ?? []));
    return step;
  }

  #call(step: Extract<ConverterStep, { do: 'call' }>): boolean {
    const { action, intent } = step;
    this.resource = { ...this.resource, status: step.status };
    if (intent !== undefined) {
      const task = (step.status.tasks ?? []).find((each) => each.attempt === intent.attempt);
      if (task === undefined) throw new Error(`an intent without its entry: ${intent.attempt}`);
      const mark = { call: intent.call, requestId: `r${this.calls.length}`, holder: 'me', at: timestamp(this.now) };
      this.#write(withTask<ConverterTask, ConverterStatus>(step.status, intent.attempt, { ...task, intent: mark }));
    }
    const ending = this.script[action.type]?.shift() ?? this.otherwise(action);
    if (ending !== 'not-sent' && ending !== 'crash-before')
      this.calls.push({ at: (this.now - T0) / 1_000, type: action.type, action });
    if (ending === 'crash-before' || ending === 'crash-after') {
      this.crash();
      return false;
    }
    const result =
      ending === 'not-sent' ? ({ sent: false } as const) : { sent: true as const, answer: this.#answer(ending) };
    if (result.sent && result.answer.ok) this.health = { lastGoodAt: this.now };
    const folded = converterKind.fold(this.resource, this.observation, action, result, this.context(), this.now);
    this.resource = { ...this.resource, status: folded.status };
    this.observation = folded.observation;
    this.events.push(...(folded.events ?? []));
    return true;
  }

  #answer(ending: AgoraValue | Omit<Failure, 'sentAt'>): AgoraAnswer {
    if ('ok' in ending) return { ...ending, sentAt: this.now };
    return { ok: true, value: ending, ids: { requestId: 'request' }, sentAt: this.now };
  }

  #write(status: ConverterStatus): void {
    if (JSON.stringify(status) !== JSON.stringify(this.#written)) this.writes += 1;
    this.#written = status;
    this.resource = { ...this.resource, status };
  }

  #written: ConverterStatus | undefined;

  #obliging(action: ConverterAction): Ending {
    const updateTs = Math.floor(this.now / 1_000);
    switch (action.type) {
      case 'create':
        this.#ids += 1;
        this.living.set(`c${this.#ids}`, {
          id: `c${this.#ids}`,
          name: action.name,
          state: 'running',
          createTs: updateTs,
          updateTs,
        });
        return { call: 'create', id: `c${this.#ids}`, createTs: updateTs, updateTs, state: 'connecting' };
      case 'get':
        return { call: 'get', state: 'running' };
      case 'update':
        return { call: 'updateConverter', updateTs };
      case 'delete':
        this.living.delete(action.converterId);
        return { call: 'deleteConverter' };
    }
  }
}

/** A converter that runs, with nothing left to do. */
export function running(spec: Partial<ConverterSpec> = {}): Play {
  const play = new Play(spec).watched();
  play.run(10);
  if (play.ready !== 'True Running') throw new Error(`does not run: ${play.ready} ${play.message}`);
  return play;
}

export const types = (calls: readonly Call[]): readonly string[] => calls.map((call) => call.type);

/** Without looks. */
export const changing = (calls: readonly Call[]): readonly Call[] => calls.filter((call) => call.type !== 'get');

/** `type@seconds` of each call, counted from `since`. */
export const timed = (calls: readonly Call[], since = 0): readonly string[] =>
  calls.map((call) => `${call.type}@${Math.round(call.at - since)}`);

export { APP_ID, seconds };

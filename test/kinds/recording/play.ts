import type { AgoraAnswer, AgoraValue } from '../../../src/agora/answer.ts';
import { type Condition, findCondition } from '../../../src/core/conditions.ts';
import { sameData } from '../../../src/core/equal.ts';
import { Secret } from '../../../src/core/secret.ts';
import { hours, type Instant, seconds, timestamp } from '../../../src/core/time.ts';
import {
  type Context,
  type IngressView,
  NO_PAGES,
  type PagesSeen,
  type ServiceHealth,
} from '../../../src/kinds/context.ts';
import type { PageReport, RecordingEvent, RecordingNotice } from '../../../src/kinds/evidence.ts';
import type { Refusal, UserEvent } from '../../../src/kinds/kind.ts';
import { noteAnswer } from '../../../src/kinds/project/health.ts';
import type { LeftBehind, ProjectSpec } from '../../../src/kinds/project/types.ts';
import type { RecordingAction } from '../../../src/kinds/recording/action.ts';
import { recordingKind } from '../../../src/kinds/recording/kind.ts';
import type { RecordingObservation } from '../../../src/kinds/recording/observation.ts';
import type { RecordingResource, RecordingStep } from '../../../src/kinds/recording/situation.ts';
import type { RecordingSpec, RecordingStatus, RecordingTask } from '../../../src/kinds/recording/types.ts';
import { withTask } from '../../../src/kinds/task.ts';
import type { Claims } from '../../../src/limits/slot.ts';
import { APP_ID, type Failed, failure, projectSpec, recording, T0 } from './builders.ts';

/** How a call ends: an answer, nothing sent, or the process dying: before the call, or after it with the answer unheard. */
export type Ending = AgoraValue | Failed | 'not-sent' | 'crash-before' | 'crash-after';
export type CallType = RecordingAction['type'];

export interface Call {
  /** Seconds since the play began. */
  readonly at: number;
  readonly type: CallType;
  readonly action: RecordingAction;
}

/** A recording that the obliging Agora runs. */
interface Living {
  status: number;
  onhold: boolean;
  readonly endsAt: Instant;
  readonly uid: string;
}

const ACTIVE: readonly string[] = ['Acquired', 'Starting', 'Confirming', 'Running'];
const ROUNDS = 60;

/**
 * One recording, its host and a script for Agora, in virtual time: decide → claim → intent → answer → fold, and on, as
 * a pass of the engine does it. Every `decide` is made twice and must say the same.
 */
export class Play {
  /** As the host has it; with what was folded since while a pass runs. */
  resource: RecordingResource;
  observation: RecordingObservation;
  now: Instant = T0;
  /** What the pages of the project's other recordings tell. */
  pages: PagesSeen = NO_PAGES;
  ingress: IngressView | undefined = { listens: true };
  startedAt: Instant = T0;
  /** How far the wall clock has left the monotonic one behind. */
  wallAheadMs = 0;
  project: { spec: ProjectSpec; credentials: boolean; leftBehind: readonly LeftBehind[] } | undefined = {
    spec: projectSpec(),
    credentials: true,
    leftBehind: [],
  };
  health: ServiceHealth = {};
  secrets: Record<string, string> = { 's3/accessKey': 'AKIA-canary', 's3/secretKey': 'shh-canary' };
  /** What the ledger says to a claim; undefined grants. */
  ledger: (claims: Claims) => Refusal | undefined = () => undefined;
  /** Endings still to come, per call; then `otherwise`. */
  script: Partial<Record<CallType, Ending[]>> = {};
  otherwise: (action: RecordingAction) => Ending = (action) => this.oblige(action);
  readonly calls: Call[] = [];
  readonly events: UserEvent[] = [];
  readonly claimed: Claims[] = [];
  /** sid → what the obliging Agora runs. */
  readonly living = new Map<string, Living>();
  /** Looked at after each step of a pass. */
  check: (status: RecordingStatus) => void = () => undefined;
  writes = 0;
  released = false;
  #stored: RecordingStatus | undefined;
  #unwritten = false;
  #ids = 0;

  constructor(spec: Partial<RecordingSpec> = {}) {
    this.resource = recording(spec);
    this.observation = recordingKind.unseen(T0);
  }

  get status(): RecordingStatus {
    return this.resource.status ?? { observedGeneration: -1, conditions: [] };
  }

  get tasks(): readonly RecordingTask[] {
    return this.status.tasks ?? [];
  }

  get task(): RecordingTask | undefined {
    return this.tasks.findLast((task) => ACTIVE.includes(task.phase));
  }

  get phases(): readonly string[] {
    return this.tasks.map((task) => `${task.attempt}:${task.phase}`);
  }

  /** `True Running`; `…` where Reconciling, `!` where Stalled. */
  get ready(): string {
    const ready = this.condition('Ready');
    const progress = [this.condition('Reconciling') && '…', this.condition('Stalled') && '!'];
    return `${ready?.status} ${ready?.reason}${progress.filter(Boolean).join('')}`;
  }

  get message(): string {
    return this.condition('Ready')?.message ?? '';
  }

  condition(type: Parameters<typeof findCondition>[1]): Condition | undefined {
    return findCondition(this.status.conditions, type);
  }

  /** Seconds since the play began. */
  get at(): number {
    return (this.now - T0) / 1_000;
  }

  /** A new generation. */
  edit(spec: Partial<RecordingSpec>): this {
    const { metadata } = this.resource;
    this.resource = {
      ...this.resource,
      metadata: { ...metadata, generation: metadata.generation + 1 },
      spec: { ...this.resource.spec, ...spec },
    };
    return this;
  }

  editProject(spec: Partial<ProjectSpec>): this {
    if (this.project !== undefined) this.project = { ...this.project, spec: { ...this.project.spec, ...spec } };
    return this;
  }

  delete(): this {
    const deletionTimestamp = timestamp(this.now);
    this.resource = { ...this.resource, metadata: { ...this.resource.metadata, deletionTimestamp } };
    return this;
  }

  request(text: string): this {
    const annotations = { 'agora-reconciler.dev/reconcile-requested-at': text };
    this.resource = { ...this.resource, metadata: { ...this.resource.metadata, annotations } };
    return this;
  }

  /** The process dies and another one takes over: only what was written is left. */
  restart(): this {
    this.resource = this.#hosted();
    this.observation = recordingKind.unseen(this.now);
    this.health = {};
    this.#unwritten = false;
    this.startedAt = this.now;
    return this;
  }

  /** Agora tells something of a recording, of the latest attempt with a `sid` unless it says otherwise; the next pass weighs it. */
  tell(event: RecordingEvent, more: Partial<Omit<RecordingNotice, 'event' | 'source'>> = {}): this {
    const task = this.tasks.findLast((each) => each.sid !== undefined) ?? this.tasks.at(-1);
    const { sid = '', cname = '', uid = '' } = task ?? {};
    const notice: RecordingNotice = {
      source: 'recording-notice',
      noticeId: `n${this.calls.length}-${event.type}`,
      at: this.now,
      receivedAt: this.now,
      sid,
      cname,
      uid,
      event,
      ...more,
    };
    this.observation = recordingKind.told?.(this.#hosted(), this.observation, notice, this.now) ?? this.observation;
    return this;
  }

  /** The resource as the host has it: without what was folded and not written yet. */
  #hosted(): RecordingResource {
    const { status: _status, ...rest } = this.resource;
    return this.#stored === undefined ? rest : { ...rest, status: this.#stored };
  }

  answers(type: CallType, ...endings: readonly Ending[]): this {
    this.script[type] = [...(this.script[type] ?? []), ...endings];
    return this;
  }

  context(): Context {
    const { project } = this;
    const credentials = { customerId: new Secret('customer-canary'), customerSecret: new Secret('password-canary') };
    return {
      project: project && {
        resource: {
          ...recording(),
          kind: 'AgoraProject',
          spec: project.spec,
          status: { observedGeneration: 1, conditions: [], leftBehind: project.leftBehind },
        },
        appId: APP_ID,
        spec: project.spec,
        credentials: project.credentials ? credentials : undefined,
      },
      secret: (name, key) => {
        const value = this.secrets[`${name}/${key}`];
        return value === undefined ? undefined : new Secret(value);
      },
      health: { recording: this.health, converter: {} },
      sweep: { rows: new Map(), lastSeenAt: new Map(), refused: false },
      ownerOf: () => undefined,
      members: [],
      pages: this.pages,
      ...(this.ingress === undefined ? {} : { ingress: this.ingress }),
      rivals: [],
      process: { holder: 'me', startedAt: this.startedAt, steadyNow: this.now - this.wallAheadMs },
    };
  }

  decide(): RecordingStep {
    const step = recordingKind.decide(this.resource, this.observation, this.context(), this.now);
    const again = recordingKind.decide(this.resource, this.observation, this.context(), this.now);
    if (JSON.stringify(step) !== JSON.stringify(again)) throw new Error('decide said two things');
    this.check(step.status);
    return step;
  }

  /** A report of the page of the current attempt comes in, now; without its token, as the ingress has checked that. */
  report(report: Partial<Omit<PageReport, 'source'>> = {}): this {
    const attempt = this.task?.attempt ?? 0;
    const evidence: PageReport = {
      source: 'page',
      attempt,
      receivedAt: this.now,
      state: 'ready',
      faults: [],
      load: `load-${attempt}`,
      ...report,
    };
    this.observation = recordingKind.told?.(this.resource, this.observation, evidence, this.now) ?? this.observation;
    this.pass();
    return this;
  }

  /** Works for so long, a pass whenever one is due; the calls that it made. */
  run(forSeconds: number): readonly Call[] {
    const from = this.calls.length;
    const end = this.now + seconds(forSeconds);
    while (this.now <= end && !this.released) {
      const next = this.pass();
      if (next <= this.now) throw new Error(`asks again at once: ${this.ready} ${this.message}`);
      this.now = Math.min(next, end + 1);
    }
    this.now = end;
    return this.calls.slice(from);
  }

  /** One pass; answers when the next one is due. */
  pass(): Instant {
    for (let round = 0; round < ROUNDS; round += 1) {
      const step = this.#claim(this.decide());
      this.events.push(...(step.events ?? []));
      if (step.do === 'call') {
        if (!this.#call(step)) return this.now + seconds(1);
        continue;
      }
      this.#write(step.status);
      if (step.do === 'release') this.released = true;
      return step.do === 'wait' ? step.until : Number.POSITIVE_INFINITY;
    }
    const last = this.calls.slice(-6).map((call) => `${call.type}#${call.action.attempt}@${call.at}`);
    throw new Error(`no end of rounds: ${last.join(' ')}`);
  }

  #claim(step: RecordingStep): RecordingStep {
    if (step.do !== 'call' || step.claims === undefined) return step;
    const { claims } = step.claims;
    const refusal = this.ledger(claims);
    if (refusal === undefined) {
      this.claimed.push(claims);
      return step;
    }
    const asked = { ...this.resource, status: step.status };
    const folded = recordingKind.refused(asked, this.observation, step.action, refusal, this.now);
    this.resource = { ...this.resource, status: folded.status };
    this.observation = folded.observation;
    const again = this.decide();
    if (again.do === 'call' && again.claims !== undefined && this.ledger(again.claims.claims) !== undefined)
      throw new Error('decided against the refusal');
    return again;
  }

  #call(step: Extract<RecordingStep, { do: 'call' }>): boolean {
    const { action, intent } = step;
    this.resource = { ...this.resource, status: step.status };
    if (intent !== undefined) {
      const task = (step.status.tasks ?? []).find((each) => each.attempt === intent.attempt);
      if (task === undefined) throw new Error(`an intent without its entry: ${intent.attempt}`);
      const mark = { call: intent.call, requestId: `r${this.calls.length}`, holder: 'me', at: timestamp(this.now) };
      this.#write(withTask<RecordingTask, RecordingStatus>(step.status, intent.attempt, { ...task, intent: mark }));
    } else if (this.#unwritten) this.#write(step.status);
    const ending = this.script[action.type]?.shift() ?? this.otherwise(action);
    if (ending !== 'not-sent' && ending !== 'crash-before') {
      if (this.health.refused !== undefined && this.now < this.health.refused.probeAt)
        throw new Error('called a project that is refused');
      this.calls.push({ at: this.at, type: action.type, action });
    }
    if (ending === 'crash-before' || ending === 'crash-after') {
      this.restart();
      return false;
    }
    const result =
      ending === 'not-sent' ? ({ sent: false } as const) : { sent: true as const, answer: this.#answer(ending) };
    if (result.sent) this.health = noteAnswer(this.health, result.answer, this.now);
    const folded = recordingKind.fold(this.resource, this.observation, action, result, this.context(), this.now);
    this.resource = { ...this.resource, status: folded.status };
    this.observation = folded.observation;
    this.events.push(...(folded.events ?? []));
    this.#unwritten = intent !== undefined;
    return true;
  }

  #answer(ending: AgoraValue | Failed): AgoraAnswer {
    if ('ok' in ending) return { ...ending, sentAt: this.now };
    return { ok: true, value: ending, ids: { requestId: 'request' }, sentAt: this.now };
  }

  #write(status: RecordingStatus): void {
    if (!sameData(status, this.#stored)) this.writes += 1;
    this.#stored = status;
    this.#unwritten = false;
    this.resource = { ...this.resource, status };
  }

  /** What an Agora that always does as asked answers. */
  oblige(action: RecordingAction): Ending {
    switch (action.type) {
      case 'acquire':
        this.#ids += 1;
        return { call: 'acquire', resourceId: `R${this.#ids}` };
      case 'start': {
        const sid = `sid-${action.resourceId}`;
        const endsAt = this.now + hours(this.resource.spec.maxRecordingHour);
        this.living.set(sid, { status: 4, onhold: action.onHold, endsAt, uid: action.uid });
        return { call: 'start', sid };
      }
      case 'query': {
        const living = this.#alive(action.sid);
        return living === undefined
          ? failure('not-found', { status: 404 })
          : { call: 'query', status: living.status, onhold: living.onhold };
      }
      case 'update': {
        const living = this.#alive(action.sid);
        if (living === undefined) return failure('not-found', { status: 404 });
        if (action.paths.includes('onhold')) living.onhold = action.onHold;
        return { call: 'updateRecording' };
      }
      case 'stop':
        if (this.#alive(action.sid) === undefined) return failure('not-found', { status: 404 });
        this.living.delete(action.sid);
        return { call: 'stop', files: ['a.m3u8'], uploadingStatus: 'uploaded' };
    }
  }

  #alive(sid: string): Living | undefined {
    const living = this.living.get(sid);
    if (living !== undefined && this.now >= living.endsAt) this.living.delete(sid);
    return this.living.get(sid);
  }

  /** Whatever runs is gone, and nobody is told. */
  die(): this {
    this.living.clear();
    return this;
  }
}

/** A recording that runs, with nothing left to do; its play begins anew at zero. */
export function running(spec: Partial<RecordingSpec> = {}, more: (play: Play) => void = () => undefined): Play {
  const play = new Play(spec);
  more(play);
  play.run(30);
  if (!['True Running', 'True OnHold'].includes(play.ready))
    throw new Error(`does not run: ${play.ready} ${play.message}`);
  return play;
}

export const types = (calls: readonly Call[]): readonly string[] => calls.map((call) => call.type);

/** Without looks. */
export const changing = (calls: readonly Call[]): readonly string[] => types(calls).filter((type) => type !== 'query');

/** `type@seconds` of each call, counted from `since`. */
export const timed = (calls: readonly Call[], since = 0): readonly string[] =>
  calls.map((call) => `${call.type}@${+(call.at - since).toFixed(3)}`);

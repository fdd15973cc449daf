import type { AgoraAnswer, ConverterRow } from '../../../src/agora/answer.ts';
import { findCondition } from '../../../src/core/conditions.ts';
import type { Key, Resource } from '../../../src/core/resource.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type Instant, seconds, timestamp } from '../../../src/core/time.ts';
import { type Context, NO_PAGES, type PagesSeen, type ServiceHealth } from '../../../src/kinds/context.ts';
import type { UserEvent, Wake } from '../../../src/kinds/kind.ts';
import type { ProjectAction, ProjectResource } from '../../../src/kinds/project/decide.ts';
import { projectKind } from '../../../src/kinds/project/kind.ts';
import type { ProjectObservation } from '../../../src/kinds/project/observation.ts';
import type { ProjectSpec, ProjectStatus } from '../../../src/kinds/project/types.ts';
import { APP_ID, type Failed, projectSpec, recording, T0 } from '../recording/builders.ts';

export type Ending = { readonly rows: readonly ConverterRow[]; readonly nextCursor?: string } | Failed | 'not-sent';

export const row = (id: string, more: Partial<ConverterRow> = {}): ConverterRow => ({
  id,
  name: `name-${id}`,
  state: 'running',
  updateTs: 1,
  ...more,
});

export interface Member {
  readonly kind?: 'RtmpConverter' | 'WebPageRecording';
  readonly name?: string;
  readonly deletedAt?: Instant;
  readonly tasks?: readonly object[];
}

export function member({ kind = 'RtmpConverter', name = 'vertical', deletedAt, tasks = [] }: Member = {}): Resource {
  const base = recording();
  return {
    ...base,
    kind,
    metadata: {
      ...base.metadata,
      name,
      uid: `uid-${name}`,
      ...(deletedAt === undefined ? {} : { deletionTimestamp: timestamp(deletedAt) }),
    },
    status: { observedGeneration: 1, conditions: [], tasks },
  };
}

export const task = (more: object = {}): object => ({
  attempt: 1,
  member: 'main',
  phase: 'Running',
  appId: APP_ID,
  region: 'eu',
  class: 'SD',
  generation: 1,
  name: 'name-c1',
  converterId: 'c1',
  sequence: 0,
  applied: {},
  ...more,
});

/** One project in virtual time; each `decide` is made twice and must say the same. */
export class ProjectPlay {
  project: ProjectResource;
  observation: ProjectObservation = projectKind.unseen(T0);
  now: Instant = T0;
  pages: PagesSeen = NO_PAGES;
  startedAt: Instant = T0;
  wallAheadMs = 0;
  members: Resource[] = [];
  rivals: Key[] = [];
  credentials = true;
  health: { recording: ServiceHealth; converter: ServiceHealth } = { recording: {}, converter: {} };
  script: Ending[] = [];
  otherwise: (action: ProjectAction) => Ending = () => ({ rows: [] });
  readonly calls: { readonly at: number; readonly action: ProjectAction }[] = [];
  readonly events: UserEvent[] = [];
  readonly wakes: (readonly Wake[])[] = [];
  released = false;

  constructor(spec: Partial<ProjectSpec> = {}) {
    const { status: _status, ...rest } = recording();
    const metadata = { ...rest.metadata, name: 'live', uid: 'uid-live' };
    this.project = { ...rest, kind: 'AgoraProject', metadata, spec: projectSpec(spec) };
  }

  get status(): ProjectStatus {
    return this.project.status ?? { observedGeneration: -1, conditions: [] };
  }

  get ready(): string {
    const ready = findCondition(this.status.conditions, 'Ready');
    return `${ready?.status} ${ready?.reason}`;
  }

  get reachable(): string | undefined {
    return findCondition(this.status.conditions, 'ApiReachable')?.status;
  }

  delete(): this {
    const deletionTimestamp = timestamp(this.now);
    this.project = { ...this.project, metadata: { ...this.project.metadata, deletionTimestamp } };
    return this;
  }

  context(): Context {
    const secret = new Secret('canary');
    return {
      project: {
        resource: this.project,
        appId: APP_ID,
        spec: this.project.spec,
        credentials: this.credentials ? { customerId: secret, customerSecret: secret } : undefined,
      },
      secret: () => undefined,
      health: this.health,
      sweep: this.observation.sweep,
      ownerOf: () => undefined,
      pages: this.pages,
      members: this.members,
      rivals: this.rivals,
      process: { holder: 'me', startedAt: this.startedAt, steadyNow: this.now - this.wallAheadMs },
    };
  }

  pass(): Instant {
    for (let round = 0; round < 40; round += 1) {
      const step = projectKind.decide(this.project, this.observation, this.context(), this.now);
      const again = projectKind.decide(this.project, this.observation, this.context(), this.now);
      if (JSON.stringify(step) !== JSON.stringify(again)) throw new Error('decide said two things');
      this.events.push(...(step.events ?? []));
      this.project = { ...this.project, status: step.status };
      if (step.do !== 'call') {
        if (step.do === 'release') this.released = true;
        return step.do === 'wait' ? step.until : Number.POSITIVE_INFINITY;
      }
      this.#call(step.action);
    }
    throw new Error('no end of rounds');
  }

  #call(action: ProjectAction): void {
    const ending = this.script.shift() ?? this.otherwise(action);
    if (ending !== 'not-sent') this.calls.push({ at: (this.now - T0) / 1_000, action });
    const result =
      ending === 'not-sent' ? ({ sent: false } as const) : { sent: true as const, answer: this.#answer(ending) };
    const folded = projectKind.fold(this.project, this.observation, action, result, this.context(), this.now);
    this.project = { ...this.project, status: folded.status };
    this.observation = folded.observation;
    if (folded.wake !== undefined) this.wakes.push(folded.wake);
    if (ending === 'not-sent') this.now += 100;
  }

  #answer(ending: Exclude<Ending, 'not-sent'>): AgoraAnswer {
    if ('ok' in ending) return { ...ending, sentAt: this.now };
    return { ok: true, value: { call: 'list', ...ending }, ids: { requestId: 'request' }, sentAt: this.now };
  }

  run(forSeconds: number): readonly number[] {
    const from = this.calls.length;
    const end = this.now + seconds(forSeconds);
    while (this.now <= end && !this.released) {
      const next = this.pass();
      if (next <= this.now) throw new Error('asks again at once');
      this.now = Math.min(next, end + 1);
    }
    this.now = end;
    return this.calls.slice(from).map((call) => call.at);
  }
}

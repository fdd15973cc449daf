import type { Resource, StatusBase } from '../../src/core/resource.ts';
import type { ResourceHost } from '../../src/hosts/host.ts';
import type { IngressWorld } from '../../src/ingress/world.ts';
import type { ConverterStatus, ConverterTask } from '../../src/kinds/converter/types.ts';
import type { AnyKind } from '../../src/kinds/index.ts';
import type { ActionBase, Step } from '../../src/kinds/kind.ts';
import { uidOf } from '../../src/kinds/recording/name.ts';
import { tasksOf, withTask } from '../../src/kinds/task.ts';
import type { Lanes } from '../../src/limits/lanes.ts';
import type { RateLimit } from '../../src/limits/slot.ts';
import { TOLD_PLANTS } from './plants-told.ts';

type Kinds = Readonly<Record<Resource['kind'], AnyKind>>;
type AnyStep = Step<StatusBase, ActionBase>;

/** A mistake put into the controller from outside, to see that the simulation finds it. */
export interface Plant {
  readonly name: string;
  /** A seed whose four hours find it, from which on the tests search: no more than time hangs on it. */
  readonly from: number;
  readonly kinds?: (kinds: Kinds, incarnation: number) => Kinds;
  readonly host?: (host: ResourceHost) => ResourceHost;
  readonly lanes?: (lanes: Lanes) => Lanes;
  /** What the ingress sees and whom it tells. */
  readonly ingress?: (world: IngressWorld) => IngressWorld;
}

/** Both task kinds, each with some of its functions replaced. */
const tasks =
  (change: (kind: AnyKind, incarnation: number) => Partial<AnyKind>): NonNullable<Plant['kinds']> =>
  (kinds, incarnation) => ({
    ...kinds,
    WebPageRecording: { ...kinds.WebPageRecording, ...change(kinds.WebPageRecording, incarnation) },
    RtmpConverter: { ...kinds.RtmpConverter, ...change(kinds.RtmpConverter, incarnation) },
  });

/** What `decide` says, changed. */
const deciding = (change: (step: AnyStep) => AnyStep): NonNullable<Plant['kinds']> =>
  tasks((kind) => ({
    decide: (resource, observation, context, now) => change(kind.decide(resource, observation, context, now)),
  }));

const intentNotPersisted: Plant = {
  name: 'intent-not-persisted',
  from: 5,
  kinds: deciding((step) => {
    if (step.do !== 'call' || (step.intent?.call !== 'start' && step.intent?.call !== 'create')) return step;
    const { intent: _intent, ...rest } = step;
    return rest;
  }),
};

const resultDropped: Plant = {
  name: 'result-dropped-on-a-conflict',
  from: 47,
  host: (host) => ({ ...host, refresh: async () => undefined }),
};

const stop404Gone: Plant = {
  name: '404-to-a-stop-taken-as-gone',
  from: 17,
  kinds: tasks((kind) => ({
    fold: (resource, observation, action, result, context, now) => {
      const isStop = action.type === 'stop' || action.type === 'delete';
      if (!isStop || !result.sent || result.answer.ok || result.answer.kind !== 'not-found')
        return kind.fold(resource, observation, action, result, context, now);
      const { ids, sentAt } = result.answer;
      const value =
        action.type === 'stop' ? ({ call: 'stop', files: [] } as const) : ({ call: 'deleteConverter' } as const);
      return kind.fold(
        resource,
        observation,
        action,
        { sent: true, answer: { ok: true, value, ids, sentAt } },
        context,
        now,
      );
    },
  })),
};

/** What a task from before a restart holds is forgotten. */
const slotFreed: Plant = {
  name: 'slot-freed-at-a-restart',
  from: 110,
  kinds: tasks((kind, incarnation) => {
    const first = new Set<string>();
    return {
      held: (resource) => {
        const { uid } = resource.metadata;
        const known = incarnation === 1 || first.has(uid);
        return known ? kind.held(resource) : { slots: [], names: [] };
      },
      decide: (resource, observation, context, now) => {
        const step = kind.decide(resource, observation, context, now);
        if (step.do === 'call' && (step.intent?.call === 'start' || step.intent?.call === 'create'))
          first.add(resource.metadata.uid);
        return step;
      },
    };
  }),
};

const sequenceInMemory: Plant = {
  name: 'sequence-kept-in-memory',
  from: 60,
  kinds: (kinds) => {
    const last = new Map<string, number>();
    const kind = kinds.RtmpConverter;
    const decide: AnyKind['decide'] = (resource, observation, context, now) => {
      const step = kind.decide(resource, observation, context, now) as AnyStep & {
        readonly action?: ActionBase & { readonly converterId?: string };
      };
      if (step.do !== 'call' || step.action.type !== 'update') return step;
      const id = String(step.action.converterId);
      const sequence = (last.get(id) ?? -1) + 1;
      last.set(id, sequence);
      const status = step.status as ConverterStatus;
      const task = tasksOf<ConverterTask>(status).find(({ attempt }) => attempt === step.action.attempt);
      const next =
        task === undefined
          ? status
          : withTask<ConverterTask, ConverterStatus>(status, task.attempt, { ...task, sequence });
      return { ...step, action: { ...step.action, sequence } as ActionBase, status: next };
    };
    return { ...kinds, RtmpConverter: { ...kind, decide } };
  },
};

const sameUid: Plant = {
  name: 'same-uid-after-an-unknown-start',
  from: 2,
  kinds: (kinds) => {
    const kind = kinds.WebPageRecording;
    const decide: AnyKind['decide'] = (resource, observation, context, now) => {
      const step = kind.decide(resource, observation, context, now);
      if (step.do !== 'call' || step.action.type !== 'acquire') return step;
      const { namespace, name } = resource.metadata;
      const uid = uidOf({ appId: step.action.appId, namespace, name, member: 'main', attempt: 1 });
      return { ...step, action: { ...step.action, uid } as ActionBase };
    };
    return { ...kinds, WebPageRecording: { ...kind, decide } };
  },
};

/** Ten a second by the calendar, so that twenty fit around its turn. */
const fixedWindow: Plant = {
  name: 'fixed-instead-of-sliding-window',
  from: 8,
  lanes: (lanes) => {
    const caps: Partial<Record<RateLimit, number>> = { recording: 10 };
    const used = new Map<string, { window: number; count: number }>();
    return {
      ...lanes,
      async run(call) {
        const cap = caps[call.limit];
        if (cap === undefined) return lanes.run(call);
        for (;;) {
          const window = Math.floor(Date.now() / 1_000);
          const slot = used.get(call.appId);
          const current = slot?.window === window ? slot : { window, count: 0 };
          if (current.count < cap) {
            used.set(call.appId, { window, count: current.count + 1 });
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
        }
        return call.check() ? { sent: true, value: await call.send() } : { sent: false };
      },
    };
  },
};

const foreignAdopted: Plant = {
  name: 'adoption-of-a-foreign-name',
  from: 141,
  kinds: (kinds) => {
    const kind = kinds.RtmpConverter;
    const greedy = <Given extends Resource<unknown, StatusBase>>(resource: Given): Given => ({
      ...resource,
      spec: { ...(resource.spec as object), conflictPolicy: 'Adopt' },
    });
    return {
      ...kinds,
      RtmpConverter: {
        ...kind,
        decide: (resource, observation, context, now) => kind.decide(greedy(resource), observation, context, now),
        fold: (resource, observation, action, result, context, now) =>
          kind.fold(greedy(resource), observation, action, result, context, now),
      },
    };
  },
};

export const PLANTS: readonly Plant[] = [
  intentNotPersisted,
  resultDropped,
  stop404Gone,
  slotFreed,
  sequenceInMemory,
  sameUid,
  fixedWindow,
  foreignAdopted,
  ...TOLD_PLANTS,
];

export const NO_PLANT: Plant = { name: 'none', from: 1 };

export function plantNamed(name: string): Plant {
  const plant = PLANTS.find((one) => one.name === name);
  if (plant === undefined)
    throw new Error(`no such plant: ${name}; there are ${PLANTS.map((one) => one.name).join(', ')}`);
  return plant;
}

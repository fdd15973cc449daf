import type { Resource } from '../../src/core/resource.ts';
import type { ResourceHost } from '../../src/hosts/host.ts';
import type { ConverterStatus, ConverterTask } from '../../src/kinds/converter/types.ts';
import type { ProjectStatus } from '../../src/kinds/project/types.ts';
import type { RecordingStatus, RecordingTask } from '../../src/kinds/recording/types.ts';
import type { Cloud } from '../../src/simulator/cloud.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { Looks } from './looks.ts';
import { PRIORITY_PARAMETER } from './manifests.ts';

/** What must hold throughout (design §9). Each check returns what is wrong, in words. */
export interface Invariants {
  /** After a task began. */
  began(task: Task): readonly string[];
  /** A status is on record. */
  wrote(status: unknown): void;
  /** Was it `Unknown` whether its start came to anything, so that another took its place? Then it may be stopped once it is known. */
  wasDoubted(task: Task): boolean;
  /** Nothing lives that no status lists, `leftBehind` included. */
  listed(): readonly string[];
  /** MP-9: at one address never two at the priority that the CDN takes, but for one that all signs say is gone. */
  prioritised(): readonly string[];
  /** What a status may not say. */
  sane(): readonly string[];
  /** Agora refused for want of room: only where something that we cannot stop, or that is not ours, takes it; and not again and again. */
  refusedByQuota(now: number): readonly string[];
  /** The host let go of it while its first call was under way: what that began is ended within a while, and listed nowhere. */
  vanished(resource: Resource): void;
  /** A start was answered with its sid, so that its handle can never be unknown any more. */
  answered(uid: string): void;
  /** The process died: answers that it had not yet written are lost for good. */
  crashed(): void;
}

/** More refusals than this within the time are one that is repeated at once: the largest crowd has forty resources. */
const REFUSALS = { most: 60, withinMs: 10_000 };

/** What was begun for a resource that went meanwhile is looked up, where need be, and ended within this. */
const ENDED_WITHIN_MS = 20 * 60_000;

/** An answer is on record within this, unless the host is out of reach, which the memory host never is. */
const WRITTEN_WITHIN_MS = 120_000;

type AnyTask = Partial<RecordingTask> & Partial<ConverterTask> & Pick<RecordingTask, 'attempt' | 'phase' | 'appId'>;

export function createInvariants(
  host: ResourceHost,
  cloud: Cloud,
  { isForeign, looks }: { readonly isForeign: (task: Task) => boolean; readonly looks: Looks },
): Invariants {
  const entries = (): readonly { readonly owner: string; readonly life: string; readonly entry: AnyTask }[] =>
    (['WebPageRecording', 'RtmpConverter'] as const).flatMap((kind) =>
      host.list(kind).flatMap((resource) => {
        const { tasks = [] } = (resource.status ?? {}) as { tasks?: readonly AnyTask[] };
        return tasks.map((entry) => ({
          owner: `${kind}/${resource.metadata.name}`,
          life: resource.metadata.uid,
          entry,
        }));
      }),
    );
  const left = (): readonly NonNullable<ProjectStatus['leftBehind']>[number][] =>
    host
      .list('AgoraProject')
      .flatMap((project) => (project as Resource<unknown, ProjectStatus>).status?.leftBehind ?? []);

  const isListed = (task: Task): boolean =>
    entries().some(({ entry }) => entry.phase !== 'Acquired' && describes(entry, task)) ||
    left().some(
      (entry) =>
        entry.sid === task.id ||
        entry.converterId?.toLowerCase() === task.id ||
        entry.taskUid === task.uid ||
        (entry.taskName !== undefined && entry.taskName === task.name),
    );

  const vanishedAt = new Map<string, number>();
  // Not `talk-15` for `talk-1`.
  const hasVanished = ({ name }: Task): boolean =>
    [...vanishedAt].some(([of, at]) => at > Date.now() - ENDED_WITHIN_MS && new RegExp(`${of}(?!\\d)`, 'u').test(name));
  const answeredAt = new Map<string, number>();
  const refusedAt: number[] = [];
  const doubted = new Set<string>();

  /** Every look said so for long enough (MP-6), or its resource went and left it. */
  const isHeldGone = (id: string): boolean => {
    const task = cloud.task(id);
    if (task === undefined) return true;
    const listed = entries().find(({ entry }) => describes(entry, task));
    return listed === undefined || listed.entry.phase === 'Lost';
  };

  return {
    vanished: ({ metadata }) => void vanishedAt.set(metadata.name, Date.now()),
    answered(uid) {
      const owner = entries().find(({ entry }) => entry.uid === uid);
      if (owner !== undefined) answeredAt.set(`${owner.life}/${uid}`, Date.now());
    },
    crashed() {
      for (const [uid, at] of answeredAt) if (at > Date.now() - WRITTEN_WITHIN_MS) answeredAt.delete(uid);
    },
    sane() {
      const wrong: string[] = [];
      const uids = new Set<string>();
      for (const { owner, life, entry } of entries()) {
        if (entry.uid !== undefined && uids.has(entry.uid))
          wrong.push(`${owner}: two attempts have the uid ${entry.uid}`);
        if (entry.uid !== undefined) uids.add(entry.uid);
        const at =
          entry.phase === 'Unknown' && entry.sid === undefined ? answeredAt.get(`${life}/${entry.uid}`) : undefined;
        if (at !== undefined)
          wrong.push(
            `${owner}: attempt ${entry.attempt} is Unknown although its start was answered at ${new Date(at).toISOString()}`,
          );
      }
      for (const resource of host.list('RtmpConverter')) {
        const { conflictPolicy } = resource.spec as { conflictPolicy: string };
        for (const { converterId } of (resource.status as ConverterStatus | undefined)?.tasks ?? []) {
          const task = converterId === undefined ? undefined : cloud.task(converterId);
          if (task !== undefined && isForeign(task) && conflictPolicy === 'Fail')
            wrong.push(`RtmpConverter/${resource.metadata.name} took the foreign converter ${task.id}`);
        }
      }
      return wrong;
    },
    refusedByQuota(now) {
      refusedAt.push(now);
      while ((refusedAt[0] ?? now) <= now - REFUSALS.withinMs) refusedAt.shift();
      if (refusedAt.length > REFUSALS.most) return [`Agora refused ${refusedAt.length} calls for want of room in 10 s`];
      const excused =
        left().length > 0 ||
        cloud.liveTasks().some(hasVanished) ||
        entries().some(
          ({ entry }) =>
            ['Unknown', 'Lost', 'Stopping'].includes(entry.phase) ||
            entry.mayHaveEffect === true ||
            entry.intent !== undefined,
        ) ||
        cloud.liveTasks().some(isForeign);
      const live = cloud
        .liveTasks()
        .map((task) => `${task.product} ${task.name} ${task.area} ${task.class}`)
        .join(', ');
      return excused
        ? []
        : [`Agora refused for want of room though nothing takes it that we do not count; alive: ${live}`];
    },
    began(task) {
      if (isForeign(task)) return [];
      const twins = cloud
        .liveTasks()
        .filter(
          (other) =>
            other.id !== task.id &&
            !isForeign(other) &&
            other.product === task.product &&
            stem(other.name) === stem(task.name) &&
            other.appId === task.appId,
        );
      return twins.flatMap((twin) => {
        const entry = entries().find(({ entry: one }) => describes(one, twin));
        const phase = entry?.entry.phase;
        if (phase !== undefined && ['Unknown', 'Stopping', 'Lost'].includes(phase)) return [];
        if (
          phase !== undefined &&
          isOverlap(
            entry?.entry,
            entries().map(({ entry: one }) => one),
            task,
          )
        )
          return [];
        const leftBehind = left().some((one) => one.taskUid === twin.uid || one.converterId?.toLowerCase() === twin.id);
        if (leftBehind) return [];
        return [
          `two live tasks of ${task.product} ${task.name}: ${twin.id} (${phase ?? 'in no status'}) while ${task.id} began`,
        ];
      });
    },
    wrote(status) {
      const { tasks = [] } = (status ?? {}) as { tasks?: readonly AnyTask[] };
      for (const { phase, uid, name } of tasks) if (phase === 'Unknown') doubted.add(uid ?? name ?? '');
    },
    wasDoubted: (task) => doubted.has(task.uid ?? task.name),
    prioritised() {
      const { priorities = [] } = cloud.audit({ priorityParameter: PRIORITY_PARAMETER });
      return priorities
        .filter(({ until, ids }) => until === undefined && !ids.some(isHeldGone))
        .map(({ names, priority }) => `${names.join(' and ')} push to one address at priority ${priority}`);
    },
    listed() {
      return cloud
        .liveTasks()
        .filter((task) => !isForeign(task) && !hasVanished(task) && !looks.isSilent(task.id) && !isListed(task))
        .map((task) => `${task.product} ${task.name} ${task.id} (uid ${task.uid ?? '-'}) lives and no status lists it`);
    },
  };
}

/** Does this entry speak of that task? By its handle, or by what it was started under. */
function describes(entry: AnyTask, task: Task): boolean {
  if (entry.appId !== task.appId) return false;
  if (task.product === 'recording')
    return entry.sid === task.id || (entry.uid === task.uid && entry.cname === task.name);
  if (entry.converterId !== undefined) return entry.converterId.toLowerCase() === task.id;
  return entry.name === task.name;
}

/** The old task runs on while the new one of an Overlap begins under its own name. */
const isOverlap = (old: AnyTask | undefined, all: readonly AnyTask[], task: Task): boolean =>
  task.product === 'converter' &&
  old !== undefined &&
  old.name !== task.name &&
  all.some((entry) => entry.name === task.name && entry.attempt > old.attempt);

const stem = (name: string): string => name.replace(/-r[0-9]+(?=$|-agora-isolate-[123]$)/, '');

/** At the end: as its declaration asks, or Stalled with a reason. */
export function unsettled(resource: Resource): string | undefined {
  const { conditions = [] } = (resource.status ?? {}) as Partial<RecordingStatus & ConverterStatus>;
  const ready = conditions.find(({ type }) => type === 'Ready');
  const stalled = conditions.find(({ type }) => type === 'Stalled');
  const waiting = ready?.reason === 'WaitingForSlot';
  // What may live without a handle ends by itself; until then it is rightly said to be stopping. What is Lost is gone.
  const { tasks = [] } = (resource.status ?? {}) as Partial<RecordingStatus>;
  const ending = ready?.reason === 'Stopping' && tasks.every(({ phase }) => phase === 'Unknown' || phase === 'Lost');
  if (ready?.status === 'True' || stalled !== undefined || waiting || ending) return undefined;
  return `${resource.kind}/${resource.metadata.name} has not settled: Ready ${ready?.status} ${ready?.reason}: ${ready?.message}`;
}

import { NETWORK_RETRY } from '../agora/schedules.ts';
import { rung, type Schedule } from '../core/backoff.ts';
import type { StatusBase } from '../core/resource.ts';
import { type Instant, instant, minutes, seconds, type Timestamp, timestamp } from '../core/time.ts';
import type { Region, ResolutionClass, Service } from '../limits/slot.ts';

/** What the specs of both task kinds share; the generated types fit it. */
export interface TaskSpec {
  readonly projectRef: { readonly name: string };
  readonly region: Region;
  readonly desiredState: 'Running' | 'OnHold' | 'Stopped';
  readonly schedule?: { readonly startAt?: Timestamp; readonly stopAt?: Timestamp };
  readonly restartPolicy: 'Always' | 'OnFailure' | 'Never';
  readonly maxStartsPerHour: number;
  readonly priority: number;
  readonly deletionPolicy: 'Stop' | 'Orphan';
  readonly suspend: boolean;
}

/**
 * `Acquired` a handle, nothing sent · `Starting` a start was sent, no handle yet · `Confirming` it has a handle ·
 * `Running` · `Stopping` it is not wanted, not known to be gone · `Unknown` may live, cannot be stopped, ends by
 * `endsAt` · `Lost` concluded gone by silence, watched for ten minutes more (design §4, §5.1).
 */
export type Phase = 'Acquired' | 'Starting' | 'Confirming' | 'Running' | 'Stopping' | 'Unknown' | 'Lost';

/** One task at Agora, or one that may be there. What the entries of both kinds share. */
export interface TaskBase {
  readonly attempt: number;
  readonly member: string;
  readonly phase: Phase;
  readonly appId: string;
  readonly region: Region;
  readonly class: ResolutionClass;
  /** Of the declaration it was started from. */
  readonly generation: number;
  /** Update path → keyed hash of the value it has; an empty text where an update's outcome is open. */
  readonly applied: Readonly<Record<string, string>>;
  /** What the change on the wire would make of `applied`. */
  readonly pending?: Readonly<Record<string, string>>;
  readonly startedAt?: Timestamp;
  readonly runningSince?: Timestamp;
  readonly endsAt?: Timestamp;
  /** First look in a row that answered 404, and how many did (design §5.1, silence). */
  readonly missingSince?: Timestamp;
  readonly missingLooks?: number;
  readonly lostAt?: Timestamp;
  readonly stoppingSince?: Timestamp;
  readonly failures?: Failures;
  /** Some call that would have begun it may have had an effect although it failed. */
  readonly mayHaveEffect?: boolean;
  /** Its stop was answered, whatever the answer said (WR-7: the next attempt may begin). */
  readonly stopAnswered?: boolean;
  /** Why it is being stopped or was given up, for people. */
  readonly reason?: string;
  readonly intent?: Intent;
}

/** Failures in a row of one sort; `network` counts those that never reached Agora and so count towards no rule. */
export interface Failures {
  readonly kind: string;
  readonly count: number;
  readonly network?: number;
  readonly since: Timestamp;
  readonly lastAt: Timestamp;
}

/** A call that is about to be sent, or was: written before it, removed by its result. */
export interface Intent {
  readonly call: string;
  readonly requestId: string;
  readonly holder: string;
  readonly at: Timestamp;
}

export interface TaskStatus<Task extends TaskBase = TaskBase> extends StatusBase {
  readonly resolutionClass?: ResolutionClass;
  /** Slots held by the resource (design §6); `Unknown` entries beside a newer attempt hold theirs besides. */
  readonly admission?: readonly Admission[];
  readonly queue?: {
    readonly since: Timestamp;
    readonly limit: string;
    readonly position: number;
    readonly estimatedStartAt?: Timestamp;
    readonly writtenAt?: Timestamp;
  };
  readonly restarts?: Restarts;
  readonly lastError?: LastError;
  /** What a person must change before it is tried again; `inputs` is the keyed hash of what was refused. */
  readonly blocked?: {
    readonly reason: string;
    readonly message: string;
    readonly inputs: string;
    readonly at: Timestamp;
  };
  readonly completedGeneration?: number;
  readonly completedReason?: string;
  /** The latest time a task of it was known to run; tells a missed window from a finished one. */
  readonly lastRanAt?: Timestamp;
  /** The attempt counter never falls, even when `tasks` is empty. */
  readonly lastAttempt?: number;
  readonly tasks?: readonly Task[];
}

export interface Admission {
  readonly appId: string;
  readonly service: Service;
  readonly region: Region;
  readonly class: ResolutionClass;
  readonly since: Timestamp;
}

export interface Restarts {
  /** All re-creations, those by an edit besides. */
  readonly count: number;
  /** Re-creations without ten minutes of running in between (design §5.5). */
  readonly inRow: number;
  /** Generation that `starts` is counted for. */
  readonly generation: number;
  /** Starts of the last hour that count towards `maxStartsPerHour`. */
  readonly lastStarts: readonly Timestamp[];
  /** When the latest attempt began. */
  readonly lastAt?: Timestamp;
  readonly lastReason?: string;
}

export interface LastError {
  readonly kind: string;
  readonly call: string;
  readonly httpStatus?: number;
  readonly code?: number;
  readonly message: string;
  readonly requestId: string;
  readonly agoraRequestId?: string;
  readonly customRequestId?: string;
  readonly resourceId?: string;
  readonly at: Timestamp;
  readonly retryAt?: Timestamp;
}

export const MAX_TASKS = 16;
export const MAX_UNKNOWN = 2;
/** How long an entry concluded gone by silence is still watched (design §5.1). */
export const LOST_KEPT_MS = minutes(10);
/** Calls whose answer has not come by then have none: 30 s for a stop or delete of a recording, else 15 s (design §5.8). */
export const callDeadlineMs = (call: string): number => (call === 'stop' ? seconds(30) : seconds(15));

export const tasksOf = <Task extends TaskBase>(status: TaskStatus<Task> | undefined): readonly Task[] =>
  status?.tasks ?? [];

/** An entry is there before its task is: what has none has nothing at Agora. */
export const listsTasks = (status: TaskStatus | undefined): boolean => tasksOf(status).length > 0;

export const findTask = <Task extends TaskBase>(
  status: TaskStatus<Task> | undefined,
  attempt: number,
): Task | undefined => tasksOf(status).find((task) => task.attempt === attempt);

/**
 * A live entry of which only the handles came back, as after a restore without the status: what it was started with is
 * known only where the declaration is still the one it was made from.
 */
export const isRestored = (task: Pick<TaskBase, 'applied'>): boolean => Object.keys(task.applied).length === 0;

/** The status with one entry replaced (by attempt) or, for undefined, taken out. */
export function withTask<Task extends TaskBase, Status extends TaskStatus<Task>>(
  status: Status,
  attempt: number,
  task: Task | undefined,
): Status {
  const tasks = tasksOf<Task>(status);
  const next =
    task === undefined
      ? tasks.filter((entry) => entry.attempt !== attempt)
      : tasks.map((entry) => (entry.attempt === attempt ? task : entry));
  return { ...status, tasks: next };
}

/** The status with a new entry; makes room by dropping the oldest `Lost` one. Undefined when the list is full of others. */
export function addTask<Task extends TaskBase, Status extends TaskStatus<Task>>(
  status: Status,
  task: Task,
  room = MAX_TASKS,
): Status | undefined {
  let tasks = tasksOf<Task>(status);
  if (tasks.length >= room) {
    const oldest = tasks.find((entry) => entry.phase === 'Lost');
    if (oldest === undefined) return undefined;
    tasks = tasks.filter((entry) => entry !== oldest);
  }
  return { ...status, tasks: [...tasks, task], lastAttempt: Math.max(status.lastAttempt ?? 0, task.attempt) };
}

/** Full of entries that may live: nothing new may start (`WaitingForCleanup`). */
export const isFull = (status: TaskStatus, room = MAX_TASKS): boolean =>
  tasksOf(status).length >= room && !tasksOf(status).some((entry) => entry.phase === 'Lost');

export const nextAttempt = (status: TaskStatus | undefined): number =>
  Math.max(status?.lastAttempt ?? 0, ...tasksOf(status).map((task) => task.attempt)) + 1;

/** May there be a task at Agora for this entry? `Acquired` was never started; `Lost` is concluded gone. */
export const mayLive = (task: TaskBase): boolean => task.phase !== 'Acquired' && task.phase !== 'Lost';

/** One more failure; a network failure without effect is counted apart (design §5.3). */
export function countFailure(
  old: Failures | undefined,
  kind: string,
  now: Instant,
  how: 'counted' | 'network',
): Failures {
  const since = old?.since ?? timestamp(now);
  const lastAt = timestamp(now);
  if (how === 'network')
    return { kind: old?.kind ?? kind, count: old?.count ?? 0, network: (old?.network ?? 0) + 1, since, lastAt };
  return { kind, count: (old?.count ?? 0) + 1, since, lastAt };
}

/** When the call after these failures is due: by the ladder, or by the network's own schedule where that failed last. */
export function retryAt(failures: Failures, ladder: Schedule): Instant {
  const wait = failures.network === undefined ? rung(ladder, failures.count) : rung(NETWORK_RETRY, failures.network);
  return instant(failures.lastAt) + wait;
}

/** When an open intent may be taken for a call whose answer is lost (design §5.8). */
export const intentExpiresAt = (intent: Intent): Instant => instant(intent.at) + callDeadlineMs(intent.call);

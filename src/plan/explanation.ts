import { findCondition } from '../core/conditions.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import type { KindName } from '../core/resource.ts';
import { instant, type Timestamp, timestamp } from '../core/time.ts';
import type { ConverterStatus } from '../kinds/converter/types.ts';
import { type Admission, type LastError, type TaskBase, type TaskStatus, tasksOf } from '../kinds/task.ts';
import { evidenceOf } from './evidence.ts';
import { PHASE_RATIONALE, REASON_RATIONALE, rulesFor } from './explain.ts';
import { handlesOf } from './handles.ts';
import type { Inspection } from './inspect.ts';
import { type Scrub, scrubOf } from './redact.ts';

/** Why a resource is where it is. Plain data: what `explain -o json` prints and the control socket carries. */
export interface Explanation {
  readonly resource: { readonly kind: KindName; readonly namespace: string; readonly name: string };
  /** When this was made, on the controller's clock. */
  readonly at: Timestamp;
  readonly source: Inspection['source'];
  readonly deleting: boolean;
  readonly ready: string;
  readonly reason: string;
  readonly message: string;
  /** `Stalled`: a person must act. */
  readonly progress: 'Reconciling' | 'Stalled' | 'Settled';
  readonly since?: Timestamp;
  /** The sentence of the reason: what it means and what to do. */
  readonly meaning: string;
  readonly rules: readonly string[];
  readonly because: string;
  readonly next: { readonly what: string; readonly at?: Timestamp };
  readonly evidence: readonly ExplainedEvidence[];
  readonly queue?: ExplainedQueue;
  readonly slots: readonly Admission[];
  readonly restarts?: { readonly count: number; readonly inRow: number; readonly lastReason?: string };
  /** Of a redundant converter. */
  readonly members?: readonly ExplainedMember[];
  readonly tasks: readonly ExplainedTask[];
  readonly otherConditions: readonly { readonly type: string; readonly status: string; readonly message: string }[];
  readonly lastError?: LastError;
}

export interface ExplainedEvidence {
  readonly what: string;
  readonly at?: Timestamp;
  readonly ageSeconds?: number;
}

export interface ExplainedQueue {
  readonly limit: string;
  readonly position?: number;
  readonly since?: Timestamp;
  readonly estimatedStartAt?: Timestamp;
}

export interface ExplainedMember {
  readonly name: string;
  readonly priority?: number;
  readonly ready: boolean;
  readonly phase: string;
  readonly reason?: string;
  readonly meaning?: string;
}

export interface ExplainedTask {
  readonly attempt: number;
  readonly member: string;
  readonly phase: string;
  readonly because: string;
  readonly rules: readonly string[];
  readonly region: string;
  readonly class: string;
  readonly handles: Readonly<Record<string, string>>;
  readonly startedAt?: Timestamp;
  readonly endsAt?: Timestamp;
  readonly reason?: string;
}

export function explanationOf(inspection: Inspection): Explanation {
  const { resource, now, source } = inspection;
  const { kind, metadata } = resource;
  const scrub = scrubOf(resource, inspection.context);
  const status: TaskStatus | undefined = resource.status;
  const ready = findCondition(status?.conditions, 'Ready');
  const reason = ready?.reason ?? 'Pending';
  const rationale = REASON_RATIONALE[reason as Reason] ?? REASON_RATIONALE.Pending;
  const queue = queueOf(inspection);
  return {
    resource: { kind, namespace: metadata.namespace, name: metadata.name },
    at: timestamp(now),
    source,
    deleting: metadata.deletionTimestamp !== undefined,
    ready: ready?.status ?? 'Unknown',
    reason,
    message: scrub(ready?.message ?? ''),
    progress: progressOf(status),
    ...(ready === undefined ? {} : { since: ready.lastTransitionTime }),
    meaning: REASONS[reason as Reason] ?? '',
    rules: rulesFor(kind, rationale.rules),
    because: rationale.because,
    next: nextOf(inspection, rationale.next, queue),
    evidence: evidenceOf(inspection).map(({ what, at }) => ({
      what: scrub(what),
      ...(at === undefined ? {} : { at: timestamp(at), ageSeconds: Math.max(0, Math.round((now - at) / 1_000)) }),
    })),
    ...(queue === undefined ? {} : { queue }),
    slots: status?.admission ?? [],
    ...restartsOf(status, scrub),
    ...membersOf(status as Partial<ConverterStatus> | undefined),
    tasks: tasksOf(status).map((task) => explainedTask(task, kind, scrub)),
    otherConditions: (status?.conditions ?? [])
      .filter(({ type }) => type !== 'Ready' && type !== 'Reconciling' && type !== 'Stalled')
      .map(({ type, status: is, message }) => ({ type, status: is, message: scrub(message) })),
    ...(status?.lastError === undefined
      ? {}
      : { lastError: { ...status.lastError, message: scrub(status.lastError.message) } }),
  };
}

function progressOf(status: TaskStatus | undefined): Explanation['progress'] {
  if (findCondition(status?.conditions, 'Stalled') !== undefined) return 'Stalled';
  return findCondition(status?.conditions, 'Reconciling') === undefined ? 'Settled' : 'Reconciling';
}

/** The ledger's word where a controller answered, else what was written (coarsely, and perhaps long ago). */
function queueOf({ resource, refusal }: Inspection): ExplainedQueue | undefined {
  const status: TaskStatus | undefined = resource.status;
  const written = status?.queue;
  if (refusal?.why !== 'wait')
    return written === undefined
      ? undefined
      : {
          limit: written.limit,
          position: written.position,
          since: written.since,
          ...(written.estimatedStartAt === undefined ? {} : { estimatedStartAt: written.estimatedStartAt }),
        };
  const { limit, position, estimatedAt } = refusal;
  return {
    limit,
    position,
    ...(written === undefined ? {} : { since: written.since }),
    ...(estimatedAt === undefined ? {} : { estimatedStartAt: timestamp(estimatedAt) }),
  };
}

function nextOf({ next }: Inspection, what: string, queue: ExplainedQueue | undefined): Explanation['next'] {
  if (queue?.estimatedStartAt !== undefined) return { what, at: queue.estimatedStartAt };
  if (next.do === 'wait' && next.until !== undefined) return { what, at: timestamp(next.until) };
  if (next.do === 'release') return { what: 'Nothing of it may live any more: the resource goes.' };
  return { what };
}

function restartsOf(status: TaskStatus | undefined, scrub: Scrub): Pick<Explanation, 'restarts'> {
  const restarts = status?.restarts;
  if (restarts === undefined) return {};
  const { count, inRow, lastReason } = restarts;
  return { restarts: { count, inRow, ...(lastReason === undefined ? {} : { lastReason: scrub(lastReason) }) } };
}

/** A member that does not run, with what its reason means. */
function membersOf(status: Partial<ConverterStatus> | undefined): Pick<Explanation, 'members'> {
  if (status?.members === undefined) return {};
  return {
    members: status.members.map(({ name, priority, ready, phase, reason }) => ({
      name,
      ...(priority === undefined ? {} : { priority }),
      ready,
      phase,
      ...(reason === undefined ? {} : { reason }),
      ...(reason === undefined || ready ? {} : { meaning: REASONS[reason as Reason] ?? '' }),
    })),
  };
}

function explainedTask(task: TaskBase, kind: KindName, scrub: Scrub): ExplainedTask {
  const { because, rules } = PHASE_RATIONALE[task.phase];
  return {
    attempt: task.attempt,
    member: task.member,
    phase: task.phase,
    because,
    rules: rulesFor(kind, rules),
    region: task.region,
    class: task.class,
    handles: handlesOf(task),
    ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt }),
    ...(task.endsAt === undefined ? {} : { endsAt: task.endsAt }),
    ...(task.reason === undefined ? {} : { reason: scrub(task.reason) }),
  };
}

/** Of a written time the age on the controller's clock, for people. */
export const ageOf = (at: Timestamp, now: Timestamp): number => Math.max(0, instant(now) - instant(at));

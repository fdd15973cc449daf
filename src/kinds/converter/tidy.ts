import { type Instant, instant, timestamp } from '../../core/time.ts';
import { afterEnd } from '../budget.ts';
import type { Context } from '../context.ts';
import { closedGate } from '../gate.ts';
import { countFailure, intentExpiresAt, LOST_KEPT_MS, tasksOf, withTask } from '../task.ts';
import type { Wish } from '../wish.ts';
import { currentOf, isLive } from './changes.ts';
import type { ConverterObservation } from './observation.ts';
import type { ConverterResource } from './resource.ts';
import { rowMadeBy, rowOf, sweepFor } from './rows.ts';
import { LIST_LAG_MS, MIGRATION_MS, SILENT_LOOKS } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

export interface Seen {
  readonly resource: ConverterResource;
  readonly observation: ConverterObservation;
  readonly context: Context;
  readonly wish: Wish;
  readonly now: Instant;
}

/** What time, the sweeps and the wish have made of the entries: pure bookkeeping, done again at every pass. */
export function tidy(status: ConverterStatus, seen: Seen): ConverterStatus {
  let next = status;
  // The newest first: a row that two creates of one name may have made belongs to the later.
  for (const { attempt } of tasksOf<ConverterTask>(status).toReversed()) {
    const task = tasksOf<ConverterTask>(next).find((entry) => entry.attempt === attempt);
    const tidied = task === undefined ? undefined : tidyTask(task, next, seen);
    if (tidied !== task) next = replaced(next, attempt, tidied);
  }
  return seen.wish.want === 'suspended' ? next : unwanted(next, seen);
}

export const replaced = (status: ConverterStatus, attempt: number, task: ConverterTask | undefined): ConverterStatus =>
  withTask<ConverterTask, ConverterStatus>(status, attempt, task);

function tidyTask(given: ConverterTask, status: ConverterStatus, seen: Seen): ConverterTask | undefined {
  const { now } = seen;
  if (given.phase === 'Lost' && now >= (instant(given.lostAt) ?? 0) + LOST_KEPT_MS) return undefined;
  if (given.intent !== undefined && now < intentExpiresAt(given.intent)) return given;
  const task = abandonIntent(given);
  if (task.converterId === undefined) return resolved(task, status, seen);
  if (task.phase === 'Lost') return seenAgain(task, seen);
  if (task.phase === 'Stopping' || task.phase === 'Unknown') return silent(task, seen);
  return running(task, seen);
}

/** An intent that nobody will answer any more: the call may have been sent, its answer is lost (design §5.8). */
export function abandonIntent(task: ConverterTask): ConverterTask {
  const { intent, pending: _pending, ...rest } = task;
  if (intent === undefined) return task;
  // What an update was to change stays open in `applied`; it is sent again under a new number (MP-24).
  if (intent.call === 'update') return rest;
  const failures = countFailure(counted(task), 'lost', intentExpiresAt(intent), 'counted');
  return intent.call === 'create'
    ? { ...remembered(rest, intent.requestId), mayHaveEffect: true, failures }
    : { ...rest, failures };
}

/** A notice may name the create that it came of (MP-28, ADR 0028). */
export function remembered(task: ConverterTask, requestId: string): ConverterTask {
  const others = (task.createRequestIds ?? []).filter((other) => other !== requestId);
  return { ...task, createRequestIds: [...others, requestId].slice(-MOST_REQUEST_IDS) };
}

/** Of one name, one after the other: an earlier one than these has long been told or listed. */
const MOST_REQUEST_IDS = 4;

/** Failures without those of the network, which a counted one ends. */
export function counted(task: Pick<ConverterTask, 'failures'>): ConverterTask['failures'] {
  if (task.failures === undefined) return undefined;
  const { network: _network, ...rest } = task.failures;
  return rest;
}

/** A create without an answer: a row that it made gives it its id; where it is not wanted, silence ends it. */
function resolved(task: ConverterTask, status: ConverterStatus, seen: Seen): ConverterTask | undefined {
  const { resource, context, wish, now } = seen;
  const row = rowMadeBy(task, { uid: resource.metadata.uid, status, context });
  if (row !== undefined) return withId(task, row.id, row.updateTs, now);
  if (task.phase !== 'Stopping' && task.phase !== 'Unknown') return task;
  const sweep = sweepFor(task, context);
  if (sweep.refused) {
    // It cannot be looked for by name, and to create it again would begin it: nobody can tell, so it is left behind.
    return wish.want === 'gone' && task.phase === 'Stopping' ? { ...task, phase: 'Unknown' } : task;
  }
  const since = instant(task.failures?.lastAt) ?? instant(task.stoppingSince) ?? 0;
  if ((sweep.begunAt ?? 0) < since + MIGRATION_MS) return task;
  return lost(task, sweep.begunAt ?? now);
}

/** Its create was not answered, and nothing has told since whether it had an effect. */
export const isUnanswered = (task: ConverterTask): boolean =>
  task.converterId === undefined && task.mayHaveEffect === true && task.phase !== 'Lost';

/** The lost create is found: the current one goes on, one that is not wanted is deleted. */
export function withId(task: ConverterTask, id: string, updateTs: number | undefined, now: Instant): ConverterTask {
  const { failures: _failures, mayHaveEffect: _maybe, lostAt: _lostAt, createRequestIds: _ids, ...rest } = task;
  const found = { ...rest, converterId: id, ...(updateTs === undefined ? {} : { updateTs }) };
  if (isLive(task)) return { ...found, phase: 'Confirming' };
  return { ...found, phase: 'Stopping', stoppingSince: task.stoppingSince ?? timestamp(now) };
}

/** Concluded gone; watched for ten minutes more. */
export function lost(task: ConverterTask, at: Instant): ConverterTask {
  const { failures: _failures, missingSince: _since, missingLooks: _looks, pending: _pending, ...rest } = task;
  return { ...rest, phase: 'Lost', lostAt: timestamp(at) };
}

/** Concluded gone and listed after all: it is stopped again. */
function seenAgain(task: ConverterTask, seen: Seen): ConverterTask {
  const shownAt = lastShownAt(task, seen.context);
  const lag = task.stopAnswered === true ? LIST_LAG_MS : 0;
  if (shownAt === undefined || shownAt <= (instant(task.lostAt) ?? 0) + lag) return task;
  return stopAgain(task, shownAt);
}

export function stopAgain(task: ConverterTask, at: Instant): ConverterTask {
  const { lostAt: _lostAt, stopAnswered: _answered, ...rest } = cleanLooks(task);
  return {
    ...rest,
    phase: task.phase === 'Unknown' ? 'Unknown' : 'Stopping',
    stoppingSince: task.stoppingSince ?? timestamp(at),
  };
}

export function cleanLooks(task: ConverterTask): ConverterTask {
  const { failures: _failures, missingSince: _since, missingLooks: _looks, ...rest } = task;
  return rest;
}

const lastShownAt = (task: ConverterTask, context: Context): Instant | undefined =>
  task.converterId === undefined ? undefined : sweepFor(task, context).lastSeenAt.get(task.converterId.toLowerCase());

/** Design §5.1, silence: every look 404 for 120 s, at least four, and absent from each complete sweep begun since. */
function silent(given: ConverterTask, seen: Seen): ConverterTask {
  // A deleted resource hands on only what cannot be stopped; this one has an id and can.
  const task: ConverterTask =
    given.phase === 'Unknown' && seen.wish.want === 'gone' ? { ...given, phase: 'Stopping' } : given;
  const since = instant(task.missingSince);
  if (since === undefined) return task;
  const sweep = sweepFor(task, seen.context);
  const shownAt = lastShownAt(task, seen.context);
  if (shownAt !== undefined && shownAt > since) return stopAgain(task, shownAt);
  const lastLookAt = instant(task.failures?.lastAt) ?? since;
  const listed = sweep.refused || (sweep.begunAt !== undefined && sweep.begunAt > since + MIGRATION_MS);
  if ((task.missingLooks ?? 0) < SILENT_LOOKS || lastLookAt < since + MIGRATION_MS || !listed) return task;
  return lost(task, lastLookAt);
}

/** A row that a sweep begun after the last Get shows running confirms a start. */
function running(task: ConverterTask, seen: Seen): ConverterTask {
  const { context, observation } = seen;
  const begunAt = sweepFor(task, context).begunAt ?? 0;
  if (task.phase !== 'Confirming' || task.failures !== undefined) return task;
  if (rowOf(task, context)?.state !== 'running') return task;
  if (begunAt <= (observation.looks[task.attempt]?.sentAt ?? instant(task.startedAt) ?? 0)) return task;
  return { ...task, phase: 'Running', runningSince: timestamp(begunAt) };
}

/** Live entries that nobody wants: all of them, or the outgoing one of an Overlap whose successor runs. */
function unwanted(status: ConverterStatus, seen: Seen): ConverterStatus {
  const current = currentOf(status);
  let next = status;
  const closed = closedGate(seen.resource.spec.projectRef.name, 'converter', seen.context, seen.now);
  for (const task of tasksOf<ConverterTask>(status)) {
    const reason = isLive(task) ? reasonToStop(task, current, seen) : undefined;
    // A delete that cannot be sent yet changes nothing: a resource that returns meanwhile just goes on.
    if (closed !== undefined && task.converterId !== undefined) continue;
    if (reason !== undefined) next = retired(next, task, reason, seen.now);
  }
  return next;
}

function reasonToStop(
  task: ConverterTask,
  current: ConverterTask | undefined,
  { wish, resource }: Seen,
): string | undefined {
  if (wish.want === 'gone') return 'the resource is deleted';
  if (wish.want === 'nothing') return resource.member?.unwanted ?? `nothing is wanted: ${wish.why}`;
  if (task !== current && current?.phase === 'Running') return `attempt ${current.attempt} runs in its place`;
  return undefined;
}

/** Turns a live entry into one that is stopping; one whose create never had an effect is simply forgotten (§5.1). */
export function retired(status: ConverterStatus, task: ConverterTask, reason: string, now: Instant): ConverterStatus {
  if (task.intent !== undefined) return status;
  if (task.converterId === undefined && task.mayHaveEffect !== true) return replaced(status, task.attempt, undefined);
  // Without an id the failures stay: the time of the last create is what silence is counted from.
  const { pending: _pending, ...rest } = task.converterId === undefined ? task : cleanLooks(task);
  const stopping: ConverterTask = {
    ...rest,
    phase: 'Stopping',
    reason,
    deliberate: true,
    stoppingSince: timestamp(now),
  };
  return afterEnd<ConverterStatus>(replaced(status, task.attempt, stopping), task, now);
}

import { type Instant, timestamp } from '../../core/time.ts';
import { countStart, nextStart } from '../budget.ts';
import type { Context } from '../context.ts';
import { closedGate, stalled, waiting } from '../gate.ts';
import { addTask, isFull, nextAttempt, tasksOf } from '../task.ts';
import type { Asking } from './action.ts';
import { blockedVerdict, unblocked } from './blocked.ts';
import { currentOf } from './changes.ts';
import { claimingOf, claimsOf, refusedNow } from './claim.ts';
import { type Desired, desiredOf } from './desired.ts';
import { admittedTo } from './held.ts';
import { freeName, isNameOf } from './name.ts';
import { type ConverterResource, type CurrentNeed, nothing, type Situation, until, untilKnown } from './situation.ts';
import { CDN_CHECK_MS } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

const MEMBER = 'main';

/** The next attempt: everything that must be true before a converter is created, in the order in which a user would fix it. */
export function decideAttempt(situation: Situation): CurrentNeed {
  const { resource, status, context, wished, now } = situation;
  if (!wished.ok) return nothing(wished.verdict);
  const { desired } = wished;
  const closed = closedGate(resource.spec.projectRef.name, 'converter', context, now);
  if (closed !== undefined) return untilKnown(closed.until, closed.verdict);
  const blocked = blockedVerdict(situation, desired);
  if (blocked !== undefined) return nothing(blocked);
  const name = nameForNext(status, desired.baseName);
  const old = tasksOf<ConverterTask>(status).find((task) => task.phase === 'Stopping' && !permits(task, name, desired));
  if (old !== undefined) {
    const why = `attempt ${old.attempt} is being stopped first: ${old.reason ?? 'not wanted'}`;
    return nothing(waiting(causeOf(situation) === 'recreate' ? 'Recovering' : 'Replacing', why));
  }
  return (
    spaced(situation) ?? notResolving(situation, desired) ?? createNew(situation, desired, { name, asking: 'first' })
  );
}

/**
 * MP-7, design §5.4: the replacement may be created once the old one's delete was answered, under the same name, so that
 * an old task that returns makes the create a harmless 409. Under another name or elsewhere it must be known to be gone.
 */
const permits = (task: ConverterTask, name: string, desired: Desired): boolean =>
  task.stopAnswered === true &&
  task.name === name &&
  task.region === desired.slot.region &&
  task.appId === desired.slot.appId;

/** The name of the last attempt, unless the declaration names another or an `Unknown` one may hold it. */
function nameForNext(status: ConverterStatus, base: string): string {
  const tasks = tasksOf<ConverterTask>(status).filter((task) => task.adopted !== true || task.phase !== 'Stopping');
  const last = tasks.at(-1);
  if (last !== undefined && last.phase !== 'Unknown' && isNameOf(base, last.name)) return last.name;
  const unknown = tasks.filter((task) => task.phase === 'Unknown').map((task) => task.name);
  return freeName(base, unknown);
}

/** The first attempt ever, one that an edit asked for, or a re-creation (design §5.5). */
export function causeOf({ resource, status }: Pick<Situation, 'resource' | 'status'>): 'first' | 'edit' | 'recreate' {
  if (status.restarts === undefined) return 'first';
  return status.restarts.generation === resource.metadata.generation ? 'recreate' : 'edit';
}

/** Design §5.5, and room in the list. */
export function spaced(situation: Situation): CurrentNeed | undefined {
  const { resource, status, now } = situation;
  const { maxStartsPerHour } = resource.spec;
  const start = nextStart(status.restarts, { generation: resource.metadata.generation, maxStartsPerHour }, now);
  if (now < start.at) {
    const at = timestamp(start.at);
    const exhausted = `${maxStartsPerHour} starts within an hour; tried again at ${at}, or on an edit or a request`;
    if (start.exhausted) return until(start.at, stalled('StartBudgetExhausted', exhausted));
    return until(start.at, waiting('Recovering', `the converter is created again at ${at}`));
  }
  if (!isFull(status)) return undefined;
  return nothing(
    waiting(
      'WaitingForCleanup',
      'too many earlier converters may still live; nothing new starts until one is known to be gone',
    ),
  );
}

/** MP-22: before a re-creation the CDN's host is looked up, where a resolver is there; its finding holds for a minute. */
function notResolving(situation: Situation, desired: Desired): CurrentNeed | undefined {
  const { cdn } = situation.observation;
  if (cdn === undefined || cdn.resolves || cdn.host !== desired.host || causeOf(situation) !== 'recreate')
    return undefined;
  const at: Instant = cdn.at + CDN_CHECK_MS;
  if (situation.now >= at) return undefined;
  return until(
    at,
    waiting(
      'Recovering',
      `the CDN’s host ${cdn.host} does not resolve; correct rtmpUrl or its DNS. Looked up again every minute`,
    ),
  );
}

/**
 * The host to look up before a re-creation (MP-22): whoever can resolve names puts the finding into the observation's
 * `cdn`, best when a task has failed, and wakes the key. Undefined where none is due.
 */
export function cdnHost(resource: ConverterResource, context: Context): string | undefined {
  const { status } = resource;
  if (status === undefined || currentOf(status) !== undefined || causeOf({ resource, status }) !== 'recreate')
    return undefined;
  const wished = desiredOf(resource, context);
  return wished.ok ? wished.desired.host : undefined;
}

/** A new entry and its create. */
export function createNew(
  situation: Situation,
  desired: Desired,
  how: { readonly name: string; readonly asking: Asking },
): CurrentNeed {
  const { resource, status, now } = situation;
  const refused = refusedNow(situation, how.asking, desired.slot);
  if (refused !== undefined) return refused;
  const cause = causeOf(situation);
  const reason = tasksOf<ConverterTask>(status).at(-1)?.reason;
  const { service: _service, ...place } = desired.slot;
  const task: ConverterTask = {
    attempt: nextAttempt(status),
    member: MEMBER,
    phase: 'Starting',
    ...place,
    generation: resource.metadata.generation,
    name: how.name,
    applied: desired.applied,
    startedAt: timestamp(now),
  };
  const added = addTask<ConverterTask, ConverterStatus>(unblocked(status), task);
  if (added === undefined) return nothing(waiting('WaitingForCleanup', 'too many earlier converters may still live'));
  const start = {
    generation: task.generation,
    cause,
    ...(reason === undefined || cause === 'first' ? {} : { reason }),
  };
  const counted = { ...added, restarts: countStart(status.restarts, start, now) };
  const replaces = tasksOf<ConverterTask>(status).length > 0;
  const said = cause === 'recreate' ? 'Recovering' : cause === 'edit' && replaces ? 'Replacing' : 'Starting';
  return createCall({ ...situation, status }, counted, task, {
    asking: how.asking,
    verdict: waiting(said, `converter ${task.name} is being created`),
  });
}

/** The create of an entry that stands in `status`, with the claim of its slot and its name. */
export function createCall(
  situation: Situation,
  status: ConverterStatus,
  task: ConverterTask,
  how: { readonly asking: Asking; readonly verdict: CurrentNeed['verdict'] },
): CurrentNeed {
  const { now } = situation;
  const { appId, region, attempt, name } = task;
  const slot = { appId, service: 'converter', region, class: task.class } as const;
  const admission = admittedTo(situation.status.admission, slot, timestamp(now));
  const after = { ...status, admission };
  return {
    do: 'call',
    action: {
      type: 'create',
      limit: 'converter-create',
      class: 'create',
      appId,
      region,
      attempt,
      name,
      claiming: claimingOf(situation, how.asking),
    },
    intent: { attempt, call: 'create' },
    claims: claimsOf(situation, after),
    status: after,
    verdict: how.verdict,
  };
}

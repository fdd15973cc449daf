import { timestamp } from '../../core/time.ts';
import { countStart, nextStart } from '../budget.ts';
import { closedGate, stalled, waiting } from '../gate.ts';
import { addTask, isFull, mayLive, nextAttempt, tasksOf } from '../task.ts';
import type { Asking } from './action.ts';
import { blockedVerdict, unblocked } from './blocked.ts';
import { causeOf } from './cause.ts';
import { afterCheck } from './cdn.ts';
import { claimingOf, claimsOf, refusedNow } from './claim.ts';
import type { Desired } from './desired.ts';
import { IDLE } from './ended.ts';
import { admittedTo } from './held.ts';
import { freeName, isNameOf } from './name.ts';
import { ONLY_MEMBER } from './resource.ts';
import { type CurrentNeed, nothing, type Situation, until, untilKnown } from './situation.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

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
  const old = tasksOf<ConverterTask>(status).find((task) => mayLive(task) && !permits(task, name, situation, desired));
  if (old !== undefined) {
    const first = old.phase === 'Stopping' ? 'is being stopped first' : 'may still live at this priority';
    const why = `attempt ${old.attempt} ${first}: ${old.reason ?? 'not wanted'}`;
    return nothing(waiting(causeOf(situation) === 'recreate' ? 'Recovering' : 'Replacing', why));
  }
  const { status: next, events, need } = afterCheck(situation, desired);
  const attempt =
    spaced(situation) ?? need ?? createNew({ ...situation, status: next }, desired, { name, asking: 'first' });
  return next === status
    ? attempt
    : { ...attempt, status: attempt.status ?? next, events: [...events, ...(attempt.events ?? [])] };
}

/**
 * MP-7, design §5.4: the replacement may be created once the old one's delete was answered, under the same name, so that
 * an old task that returns makes the create a harmless 409. Under another name or elsewhere it must be known to be gone.
 * So it must be at the priority of a Standby (MP-9): two at one priority would be one too many, and the next priority is there.
 */
const permits = (task: ConverterTask, name: string, { resource }: Situation, desired: Desired): boolean =>
  resource.member?.priority === undefined &&
  (task.phase !== 'Stopping' ||
    (task.stopAnswered === true &&
      task.name === name &&
      task.region === desired.slot.region &&
      task.appId === desired.slot.appId));

/**
 * The name of the last attempt, unless the declaration names another or an `Unknown` one may hold it that was seen. One
 * whose create was not answered may not even be there: the name alone tells, and keeps the next from being its twin.
 */
function nameForNext(status: ConverterStatus, base: string): string {
  const tasks = tasksOf<ConverterTask>(status).filter((task) => task.adopted !== true || task.phase !== 'Stopping');
  const last = tasks.at(-1);
  const isSeen = last?.phase === 'Unknown' && last.converterId !== undefined;
  if (last !== undefined && !isSeen && isNameOf(base, last.name)) return last.name;
  const unknown = tasks.filter((task) => task.phase === 'Unknown').map((task) => task.name);
  return freeName(base, unknown);
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
    const idle = tasksOf<ConverterTask>(status).at(-1)?.reason === IDLE;
    const said = idle
      ? waiting('IdleEnded', `nobody was in its channel; the converter is created again at ${at}`)
      : waiting('Recovering', `the converter is created again at ${at}`);
    return until(start.at, said);
  }
  if (!isFull(status, resource.member?.room)) return undefined;
  return nothing(
    waiting(
      'WaitingForCleanup',
      'too many earlier converters may still live; nothing new starts until one is known to be gone',
    ),
  );
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
  const reason = tasksOf<ConverterTask>(status).at(-1)?.reason ?? resource.member?.after;
  const { service: _service, ...place } = desired.slot;
  const task: ConverterTask = {
    attempt: nextAttempt(status),
    member: resource.member?.name ?? ONLY_MEMBER,
    phase: 'Starting',
    ...place,
    generation: resource.metadata.generation,
    name: how.name,
    applied: desired.applied,
    startedAt: timestamp(now),
  };
  const added = addTask<ConverterTask, ConverterStatus>(unblocked(status), task, resource.member?.room);
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

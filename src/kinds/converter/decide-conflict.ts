import type { ConverterRow } from '../../agora/answer.ts';
import type { Verdict } from '../../core/conditions.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import { stalled, waiting } from '../gate.ts';
import type { UserEvent } from '../kind.ts';
import { addTask, nextAttempt, tasksOf } from '../task.ts';
import { block } from './blocked.ts';
import { updatablePaths } from './changes.ts';
import { refusedNow } from './claim.ts';
import { createCall } from './decide-attempt.ts';
import type { Desired } from './desired.ts';
import { slotOf } from './held.ts';
import { channelOf, freeName } from './name.ts';
import { entryOf, rowsNamed, sweepFor } from './rows.ts';
import { type CurrentNeed, nothing, type Situation, until } from './situation.ts';
import { isUnanswered, lost, replaced, retired } from './tidy.ts';
import { MIGRATION_MS, NAME_WAIT_MS, strikeDueAt } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

/**
 * MP-18, design §5.4: the name is taken, by the create's 409 or by a row. Who holds it is read from a complete sweep
 * that began afterwards. (A row that our own create made was given its entry before this is asked.)
 *
 * | the row's id stands in | then |
 * | --- | --- |
 * | our status, stopping or gone | wait for the name; after 120 s the next name if there is room beside the old entry, which is `Unknown` then |
 * | another resource's status | Stalled `NameConflict`, whatever the policy |
 * | nobody's status | `conflictPolicy` |
 * | no row is shown | repeat; after 120 s as if it were ours and gone, or Stalled |
 */
export function decideConflict(situation: Situation, task: ConverterTask, verdict: Verdict): CurrentNeed {
  const { resource, context, status, wished, now } = situation;
  if (!wished.ok)
    return {
      do: 'nothing',
      status: retired(status, task, 'the declaration cannot be sent', now),
      verdict: wished.verdict,
    };
  const sweep = sweepFor(task, context);
  const lastAt = instant(task.failures?.lastAt) ?? 0;
  const due = strikeDueAt(resource.metadata.uid, task);
  const going = tasksOf<ConverterTask>(status).filter((entry) => entry !== task && entry.name === task.name);
  if (sweep.refused) return hidden(situation, task, { going, due, verdict, desired: wished.desired });
  if (sweep.begunAt === undefined || sweep.begunAt <= lastAt) return nothing(verdict);
  const row = rowsNamed(task.name, sweep)[0];
  if (row === undefined) return hidden(situation, task, { going, due, verdict, desired: wished.desired });
  const ours = entryOf(row, status);
  if (ours !== undefined) return waitForName(situation, task, { holder: ours, due, desired: wished.desired });
  const owner = context.ownerOf(row.id);
  if (owner !== undefined) {
    return conflict(
      situation,
      task,
      wished.desired,
      `the name ${task.name} belongs to ${owner}; choose another spec.name`,
    );
  }
  return foreign(situation, task, row, wished.desired);
}

interface Waiting {
  readonly due: Instant;
  readonly desired: Desired;
}

/** A row whose id we deleted is never adopted: its name is waited for, and given up after 120 s. */
function waitForName(
  situation: Situation,
  task: ConverterTask,
  { holder, due, desired }: Waiting & { readonly holder: ConverterTask },
): CurrentNeed {
  const { now, resource, status } = situation;
  // The create comes only after the delete was answered, so that its first refusal is when the waiting begins.
  const refusedSince = instant(task.failures?.since) ?? now;
  const refusedAt = instant(task.failures?.lastAt) ?? now;
  const message = `the name ${task.name} is still held by converter ${holder.converterId ?? 'of an earlier attempt'}, which was deleted`;
  if (task.failures?.kind === 'name-taken' && refusedAt >= refusedSince + NAME_WAIT_MS) {
    if (holder.adopted === true)
      return conflict(
        situation,
        task,
        desired,
        `the foreign converter that holds the name ${task.name} was deleted and does not go; look in Agora’s console`,
      );
    const next = nextName(situation, task, holder);
    if (next.do !== 'nothing') return next;
    // No room for both: the name may become free before a slot does.
    const both = waiting('Recovering', `${message}; for another name beside it: ${next.verdict.message}`);
    return repeated(situation, renewed(status, task, resource), task, { due, verdict: both });
  }
  return repeated(situation, renewed(status, task, resource), task, { due, verdict: waiting('Recovering', message) });
}

const renewed = (status: ConverterStatus, task: ConverterTask, { metadata }: Situation['resource']): ConverterStatus =>
  replaced(status, task.attempt, { ...task, generation: metadata.generation });

/** The same create once more, when it is due; a repeat that succeeds takes the slot that the entry has. */
function repeated(
  situation: Situation,
  status: ConverterStatus,
  task: ConverterTask,
  { due, verdict }: { readonly due: Instant; readonly verdict: Verdict },
): CurrentNeed {
  if (situation.now < due) return until(due, verdict);
  return (
    refusedNow(situation, 'first', slotOf(task)) ?? createCall(situation, status, task, { asking: 'first', verdict })
  );
}

function nextName(situation: Situation, task: ConverterTask, holder: ConverterTask): CurrentNeed {
  const { status, wished, resource } = situation;
  if (!wished.ok) return nothing(wished.verdict);
  const taken = tasksOf<ConverterTask>(status).map((entry) => entry.name);
  const name = freeName(wished.desired.baseName, taken);
  const { failures: _failures, mayHaveEffect: _maybe, createRequestIds: _ids, ...rest } = task;
  const renamed: ConverterTask = { ...rest, name };
  const { lostAt: _lostAt, stopAnswered: _answered, missingSince: _since, missingLooks: _looks, ...old } = holder;
  const reason = `its name is still refused two minutes after it was deleted`;
  const unknown: ConverterTask = { ...old, phase: 'Unknown', reason };
  if (resource.member?.priority !== undefined) {
    // Under another name it would be a second one of this priority: the next priority takes over (MP-9).
    const left = replaced(replaced(status, holder.attempt, unknown), task.attempt, undefined);
    return {
      do: 'wait',
      until: situation.now,
      status: left,
      verdict: waiting('Recovering', `${reason}: ${holder.name}`),
    };
  }
  const refused = refusedNow(situation, 'overlap', slotOf(renamed));
  if (refused !== undefined) return nothing(refused.verdict);
  const next = replaced(replaced(status, holder.attempt, unknown), task.attempt, renamed);
  const note = `${reason}: ${holder.name}, id ${holder.converterId ?? 'unknown'}; it may live and be billed. The next attempt is named ${name}`;
  const events: readonly UserEvent[] = [{ type: 'Warning', reason: 'NameStillTaken', note }];
  const call = createCall(situation, next, renamed, {
    asking: 'overlap',
    verdict: waiting('Recovering', `converter ${name} is being created`),
  });
  return { ...call, events };
}

/** The name is refused, and nothing shows who holds it. */
function hidden(
  situation: Situation,
  task: ConverterTask,
  { going, due, verdict, desired }: Waiting & { readonly going: readonly ConverterTask[]; readonly verdict: Verdict },
): CurrentNeed {
  const { now, context, status } = situation;
  const since = instant(task.failures?.since) ?? now;
  const why = sweepFor(task, context).refused
    ? 'List is refused, so that its owner cannot be told'
    : 'no list shows its owner';
  if (task.mayHaveEffect === true || going.some(isUnanswered)) {
    // Most likely our own create holds it, unseen: another name would make a second task, and giving the entry up would
    // forget the first. The repeat is a harmless 409 until a list, or the name's freedom, tells.
    const message = `the name ${task.name} is taken, maybe by our own create, and ${why}`;
    const open = now >= since + MIGRATION_MS ? stalled('NameConflict', message) : waiting('WaitingForRetry', message);
    return repeated(situation, status, task, { due, verdict: open });
  }
  const holder = going.at(-1);
  if (holder !== undefined) return waitForName(situation, task, { holder, due, desired });
  if (now >= since + MIGRATION_MS && now >= due) {
    return conflict(
      situation,
      task,
      desired,
      `the name ${task.name} is taken, and ${why}; look in Agora’s console or choose another spec.name`,
    );
  }
  return repeated(situation, status, task, { due, verdict });
}

/** MP-18: left alone and reported, taken over, or deleted. */
function foreign(situation: Situation, task: ConverterTask, row: ConverterRow, desired: Desired): CurrentNeed {
  const { resource, status, now } = situation;
  const what = `the name ${task.name} belongs to converter ${row.id}, which is not ours`;
  switch (resource.spec.conflictPolicy) {
    case 'Fail':
      return conflict(
        situation,
        task,
        desired,
        `${what}; choose another spec.name, or set spec.conflictPolicy to Adopt or Replace`,
      );
    case 'Adopt': {
      if (row.rtcChannel !== undefined && row.rtcChannel !== channelOf(resource.spec))
        return conflict(
          situation,
          task,
          desired,
          `${what} and is in another channel, so that it cannot be adopted; choose another spec.name, or set spec.conflictPolicy to Replace`,
        );
      return adopt(situation, task, row, desired);
    }
    case 'Replace': {
      const { failures: _failures, mayHaveEffect: _maybe, createRequestIds: _ids, ...rest } = task;
      const { applied: _applied, ...place } = rest;
      const entry: ConverterTask = {
        ...place,
        attempt: nextAttempt(status),
        phase: 'Stopping',
        converterId: row.id,
        adopted: true,
        applied: {},
        stoppingSince: timestamp(now),
        reason: 'conflictPolicy Replace: it is foreign and holds the name',
        deliberate: true,
      };
      const next = addTask<ConverterTask, ConverterStatus>(status, entry, resource.member?.room);
      const said = waiting('Replacing', `${what}; it is deleted as spec.conflictPolicy asks`);
      return next === undefined ? nothing(said) : { do: 'wait', until: now, status: next, verdict: said };
    }
  }
}

/** Design §5.4: taken over, and updated in full once; the paths that only a create sets are taken as declared. */
function adopt(situation: Situation, task: ConverterTask, row: ConverterRow, desired: Desired): CurrentNeed {
  const { resource, status, now } = situation;
  const { failures: _failures, mayHaveEffect: _maybe, createRequestIds: _ids, ...rest } = task;
  const unknown = Object.fromEntries(updatablePaths(resource.spec).map((path) => [path, '']));
  const adopted: ConverterTask = {
    ...rest,
    phase: 'Confirming',
    converterId: row.id,
    adopted: true,
    applied: { ...desired.applied, ...unknown },
    ...(row.updateTs === undefined ? {} : { updateTs: row.updateTs }),
  };
  const note = `converter ${row.id} of the name ${task.name} was adopted as spec.conflictPolicy asks`;
  const events: readonly UserEvent[] = [{ type: 'Normal', reason: 'TaskAdopted', note }];
  const verdict = waiting('Confirming', note);
  return { do: 'wait', until: now, status: replaced(status, task.attempt, adopted), verdict, events };
}

/**
 * Another one holds the name, so that nothing of this attempt lives; where a create of it was not answered it is watched
 * for ten minutes all the same.
 */
function conflict({ status, now }: Situation, task: ConverterTask, desired: Desired, message: string): CurrentNeed {
  const left = task.mayHaveEffect === true ? { ...lost(task, now), reason: message } : undefined;
  const next = block(
    replaced(status, task.attempt, left),
    { reason: 'NameConflict', message, inputs: desired.inputs },
    now,
  );
  return {
    do: 'nothing',
    status: next,
    verdict: stalled('NameConflict', message),
    events: [{ type: 'Warning', reason: 'NameConflict', note: message }],
  };
}

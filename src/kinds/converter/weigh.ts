import { type Instant, instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import type { UserEvent } from '../kind.ts';
import { findTask, intentExpiresAt, tasksOf } from '../task.ts';
import { isLive } from './changes.ts';
import { ended, IDLE } from './ended.ts';
import type { Told, ToldEnd } from './notices.ts';
import type { ConverterObservation } from './observation.ts';
import { normal, warning } from './outcome.ts';
import type { ConverterResource } from './situation.ts';
import { abandonIntent, lost, replaced, stopAgain, withId } from './tidy.ts';
import { LIST_LAG_MS } from './timing.ts';
import { toldAbout } from './told.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

export interface Weighed {
  readonly status: ConverterStatus;
  readonly events: readonly UserEvent[];
}

interface Weighing {
  readonly resource: ConverterResource;
  readonly status: ConverterStatus;
  readonly context: Context;
  readonly now: Instant;
}

/**
 * What notices make of the entries (MP-28, design §5.1, §5.4): pure, and done again at every pass, so that what was
 * weighed once changes nothing more. An entry with a call on its way waits for the answer.
 */
export function weigh(
  resource: ConverterResource,
  observation: Pick<ConverterObservation, 'notices'>,
  { status, context, now }: { readonly status: ConverterStatus; readonly context: Context; readonly now: Instant },
): Weighed {
  if (observation.notices === undefined) return { status, events: [] };
  return tasksOf<ConverterTask>(status).reduce<Weighed>(
    (weighed, { attempt }) => {
      const task = findTask<ConverterTask>(weighed.status, attempt);
      const told = task === undefined ? undefined : toldAbout(observation, weighed.status, task);
      if (task === undefined || told === undefined) return weighed;
      if (task.intent !== undefined && now < intentExpiresAt(task.intent)) return weighed;
      const next = weighEntry({ resource, context, now, status: weighed.status }, abandonIntent(task), told);
      return next === undefined ? weighed : { status: next.status, events: [...weighed.events, ...next.events] };
    },
    { status, events: [] },
  );
}

/** Undefined where it changes nothing. */
function weighEntry(seen: Weighing, task: ConverterTask, told: Told): Weighed | undefined {
  const { status, context, now } = seen;
  const { destroyed } = told;
  if (task.converterId === undefined && context.ownerOf(told.converterId) !== undefined) return undefined;
  if (destroyed !== undefined)
    return isOver(task, told, destroyed) ? over(seen, task, { ...told, destroyed }) : undefined;
  if (task.converterId === undefined) {
    // Somebody else may have taken the name: channel and address say whose it is, which the list shows (design §5.4).
    if (told.createdBy === undefined) return undefined;
    const found = withId(task, told.converterId, told.updateTs, now);
    const note = `a notice told that the create of attempt ${task.attempt} (${task.name}) made ${told.converterId}`;
    return { status: replaced(status, task.attempt, found), events: [normal('StartResolved', note)] };
  }
  return returned(task, told)
    ? { status: replaced(status, task.attempt, stopAgain(task, now)), events: [] }
    : undefined;
}

/**
 * §5.1: event 4 with its id. Where the id is not known yet, only if no other create of the entry can have made another:
 * the only one that was sent, or one that was destroyed after the last was.
 */
function isOver(task: ConverterTask, told: Told, { at }: ToldEnd): boolean {
  if (task.converterId !== undefined) return task.phase !== 'Lost';
  if (task.phase === 'Lost') return false;
  const { createdBy } = told;
  const only =
    createdBy !== undefined && task.createRequestIds?.length === 1 && task.createRequestIds.includes(createdBy);
  return only || at >= (instant(task.failures?.lastAt) ?? Number.POSITIVE_INFINITY);
}

/** A task that was concluded gone and is said to live after that: it is deleted again (MP-7). */
function returned(task: ConverterTask, { aliveAt = 0 }: Told): boolean {
  if (task.phase !== 'Lost') return false;
  return aliveAt > (instant(task.lostAt) ?? 0) + (task.stopAnswered === true ? LIST_LAG_MS : 0);
}

/** Known to be gone. Its id is kept for ten minutes, like that of one that was deleted: a row of it is never adopted. */
function over(seen: Weighing, task: ConverterTask, told: Told & { readonly destroyed: ToldEnd }): Weighed {
  const { resource, status, now } = seen;
  const { reason } = told.destroyed;
  const { intent: _intent, createRequestIds: _ids, mayHaveEffect: _maybe, ...rest } = task;
  const gone: ConverterTask = { ...lost(rest, now), converterId: told.converterId, stopAnswered: true };
  const what = `attempt ${task.attempt} (${task.name}, id ${told.converterId})`;
  if (!isLive(task)) {
    const note = `${what} was stopped: ${task.reason ?? 'not wanted'}; Agora told its end`;
    return { status: replaced(status, task.attempt, gone), events: [normal('TaskStopped', note)] };
  }
  const why = wordsOf(reason);
  const next = ended(seen, task, { ...gone, reason: why });
  const events =
    why === IDLE
      ? [
          normal(
            'IdleEnded',
            `${what} was destroyed by Agora, since nobody was in its channel for ${resource.spec.idleTimeout} s`,
          ),
        ]
      : [warning('TaskEnded', `${what} ended unasked: ${why}`)];
  return { status: next, events };
}

/** D.5. In words of our own; MP-21: an idle end is none of a failure's. */
function wordsOf(reason: string): string {
  switch (reason) {
    case 'Idle Timeout':
      return IDLE;
    case 'Delete Request':
      return 'deleted by somebody else';
    case 'Internal Error':
      return 'internal error of Agora';
    default:
      return 'destroyed by Agora';
  }
}

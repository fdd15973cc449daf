import { type Instant, minutes, seconds, timestamp } from '../../core/time.ts';
import type { UserEvent } from '../kind.ts';
import { findTask, tasksOf } from '../task.ts';
import type { Told } from './notices.ts';
import { normal, replace, warning } from './outcome.ts';
import { resolved, toldAbout } from './resolve.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';
import { toldEnd } from './weigh-end.ts';
import type { Seen, Weighed, Weighing } from './weighing.ts';

/** The last event of a session says less than the one that says why: that is waited for so long, whichever comes first. */
const EXIT_GRACE_MS = seconds(5);
/** A page that reloads again and again is told of so often. */
const RELOADS_TOLD_MS = minutes(10);

/**
 * What notices make of the entries (WR-11, design §5.1, §5.2): pure, and done again at every pass, so that what was
 * weighed once changes nothing more. An entry with a call on its way waits for the answer.
 */
export function weigh(status: RecordingStatus, seen: Seen): Weighed {
  // The newest first: of two that a notice resolves it is the current one.
  return tasksOf<RecordingTask>(status)
    .toReversed()
    .reduce<Weighed>(
      (weighed, { attempt }) => {
        const task = findTask<RecordingTask>(weighed.status, attempt);
        const told = task === undefined ? undefined : toldAbout(seen.observation, weighed.status, task);
        if (task === undefined || told === undefined || task.intent !== undefined) return weighed;
        return joined(weighed, weighEntry({ ...seen, status: weighed.status }, task, told));
      },
      { status, events: [] },
    );
}

function joined(before: Weighed, next: Weighed): Weighed {
  const until = Math.min(before.until ?? Number.POSITIVE_INFINITY, next.until ?? Number.POSITIVE_INFINITY);
  return {
    status: next.status,
    events: [...before.events, ...next.events],
    ...(Number.isFinite(until) ? { until } : {}),
  };
}

function weighEntry(seen: Weighing, task: RecordingTask, told: Told): Weighed {
  const { status, now } = seen;
  const { end } = told;
  if (end !== undefined) {
    const why = end.receivedAt + EXIT_GRACE_MS;
    if (end.code === undefined && now < why) return { status, events: [], until: why };
    return toldEnd(seen, task, { ...told, end });
  }
  if (task.sid !== undefined) return noted(status, task, told);
  const { note, status: next } = resolved(status, task, told, now);
  const events = [normal('StartResolved', `a notice told that attempt ${task.attempt} began as ${told.sid}: ${note}`)];
  return { status: next, events };
}

/** Changes that end nothing: another server, another load of the page. One event for each. */
function noted(status: RecordingStatus, task: RecordingTask, told: Told): Weighed {
  const events: UserEvent[] = [];
  let next = task;
  const { failover, reload } = told;
  if (failover !== undefined && task.failover?.uid !== failover.newUid) {
    next = { ...next, failover: { uid: failover.newUid, at: timestamp(failover.at) } };
    events.push(
      warning(
        'TaskMoved',
        `Agora moved attempt ${task.attempt} (sid ${told.sid}) to another server, uid ${failover.newUid}; its files go on with the prefix bak<n>_`,
      ),
    );
  }
  if (reload !== undefined && isNews(task, reload)) {
    next = { ...next, reloaded: { reason: reload.reason, at: timestamp(reload.at) } };
    events.push(warning('PageReloaded', `the page of attempt ${task.attempt} was loaded again: ${reload.reason}`));
  }
  return next === task ? { status, events } : { status: replace(status, next), events };
}

const isNews = ({ reloaded }: RecordingTask, { reason, at }: { readonly reason: string; readonly at: Instant }) =>
  reloaded === undefined ||
  (at > Date.parse(reloaded.at) && (reason !== reloaded.reason || at >= Date.parse(reloaded.at) + RELOADS_TOLD_MS));

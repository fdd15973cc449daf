import { type Instant, instant, seconds } from '../../core/time.ts';
import type { RecordingNotice } from '../evidence.ts';
import { tasksOf } from '../task.ts';
import type { Told } from './notices.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** Agora's clock and ours may differ so far: a start that seems to be answered before it was sent is still its own. */
export const CLOCKS_DIFFER_MS = seconds(5);

/** Does a notice concern a task of this status? Everything else is dropped, whoever sent it. */
export const concerns = (
  status: RecordingStatus | undefined,
  notice: Pick<RecordingNotice, 'sid' | 'cname' | 'uid' | 'at'>,
): boolean => {
  const tasks = tasksOf<RecordingTask>(status);
  return (
    tasks.some((task) => task.sid === notice.sid) ||
    tasks.some((task) => mayBe(task, notice.cname, [notice.uid], notice.at))
  );
};

/**
 * May a recording of this cname and uid, of which something happened at `at`, be the one of an entry whose `sid` is not
 * known (design §5.2, step 4)? What is older than its start is of another one: a uid comes again after a lost state.
 */
export function mayBe(task: RecordingTask, cname: string, uids: readonly string[], at: Instant): boolean {
  if (task.sid !== undefined || !mayHaveBegun(task)) return false;
  if (task.cname !== cname || !uids.includes(task.uid)) return false;
  return at >= (instant(task.startedAt) ?? Number.POSITIVE_INFINITY) - CLOCKS_DIFFER_MS;
}

/** A start of it may have had an effect that no answer told. */
const mayHaveBegun = (task: RecordingTask): boolean =>
  task.phase === 'Unknown' ||
  (task.phase === 'Starting' && (task.mayHaveEffect === true || task.intent?.call === 'start'));

/** The entry that something told concerns: the one of its `sid`, else one whose `sid` is not known and that may be it. */
export function ownerOf(
  told: Pick<Told, 'sid' | 'cname' | 'uids' | 'at'>,
  status: RecordingStatus | undefined,
): RecordingTask | undefined {
  const tasks = tasksOf<RecordingTask>(status);
  return (
    tasks.find((task) => task.sid === told.sid) ?? tasks.findLast((task) => mayBe(task, told.cname, told.uids, told.at))
  );
}

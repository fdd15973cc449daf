import { sameData } from '../core/equal.ts';
import { deletionRequested, type Resource } from '../core/resource.ts';
import { timestamp } from '../core/time.ts';
import type { Wish } from '../kinds/wish.ts';
import type { PlanAction, PlannedChange } from './planned.ts';

/** A resource before and after the declaration would be taken over. */
export interface Intake {
  /** As the state has it; undefined where it is new. */
  readonly before: Resource | undefined;
  /** As it would be: marked for deletion where it is declared no more. */
  readonly after: Resource;
  /** An earlier one of this name is still being stopped; the declaration begins anew when it is gone. */
  readonly anew: boolean;
  /** Not part of what is planned; it holds and waits for slots all the same. */
  readonly aside?: true;
}

/** What happens to one line of tasks, and why. */
export function judge({
  intake: { before, after, anew },
  wish,
  changes,
  hasTask,
  live,
}: {
  readonly intake: Intake;
  readonly wish: Wish | undefined;
  readonly changes: readonly PlannedChange[];
  readonly hasTask: boolean;
  readonly live: boolean;
}): { readonly action: PlanAction; readonly why: string } {
  const edited = before === undefined || changes.length > 0 || !sameMarks(before, after);
  const quiet = (why: string): ReturnType<typeof judge> => ({ action: edited ? 'accept' : 'nothing', why });
  if (anew)
    return { action: 'recreate', why: 'it was removed before and is being stopped; it begins anew when that is gone' };
  if (deletionRequested(after)) return { action: 'remove', why: 'it is not declared any more' };
  if (wish === undefined)
    return quiet(before === undefined ? 'the project is new to the controller' : 'the settings of a project');
  switch (wish.want) {
    case 'gone':
      return { action: 'remove', why: 'it is being deleted' };
    case 'suspended':
      return quiet(`suspended by its ${wish.by}: no call is made`);
    case 'nothing':
      if (live) return { action: 'stop', why: NOT_WANTED[wish.why] };
      return quiet(wish.why === 'Scheduled' ? `it starts at ${timestamp(wish.until)}` : NOT_WANTED[wish.why]);
    case 'running': {
      if (!hasTask) return { action: 'create', why: before === undefined ? 'it is new' : 'it has no task that runs' };
      const forcing = changes.filter(({ how }) => how === 'recreate');
      if (forcing.length > 0)
        return { action: 'recreate', why: `${forcing.map(({ path }) => path).join(', ')} cannot be changed in place` };
      if (changes.some(({ how }) => how === 'update'))
        return { action: 'update', why: 'Agora’s update takes all that changed' };
      return quiet(edited ? 'nothing that the task has changes' : 'it is as declared');
    }
  }
}

const NOT_WANTED: Readonly<Record<Extract<Wish, { want: 'nothing' }>['why'], string>> = {
  Stopped: 'desiredState is Stopped',
  Completed: 'it came to its planned end',
  WindowMissed: 'its window is over and it never ran',
  TaskEnded: 'it ended, and restartPolicy is Never',
  Scheduled: 'its window has not begun',
};

export function sameMarks(before: Resource, after: Resource): boolean {
  const marks = ({ metadata: { labels = {}, annotations = {}, deletionTimestamp } }: Resource) => [
    labels,
    annotations,
    deletionTimestamp,
  ];
  return sameData(marks(before), marks(after));
}

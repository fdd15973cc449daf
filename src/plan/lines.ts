import { canonical } from '../core/hash.ts';
import type { Resource } from '../core/resource.ts';
import type { Instant } from '../core/time.ts';
import type { Context } from '../kinds/context.ts';
import { isSet, type Member, membersOf } from '../kinds/converter/members.ts';
import type { ConverterResource } from '../kinds/converter/resource.ts';
import type { ConverterSpec, ConverterStatus } from '../kinds/converter/types.ts';
import { viewOf } from '../kinds/converter/view.ts';
import type { RecordingSpec, RecordingStatus } from '../kinds/recording/types.ts';
import { mayLive, type TaskSpec, type TaskStatus, tasksOf } from '../kinds/task.ts';
import { type Wish, wishOf } from '../kinds/wish.ts';
import { plannedChanges } from './changes.ts';
import { differences } from './differences.ts';
import { type Intake, judge, sameMarks } from './judge.ts';
import type { PlanAction, PlannedChange, PlannedMember } from './planned.ts';
import { converterTaskValues, liveTask, recordingTaskValues, type TaskValues, taskChanges } from './task-values.ts';

/** One line of tasks: a resource, or a member of a redundant converter as if it were one (ADR 0031). */
interface Line {
  readonly member?: Member;
  readonly before: Resource | undefined;
  readonly after: Resource;
}

export interface LineDraft {
  readonly name?: string;
  /** Undefined for a project. */
  readonly wish: Wish | undefined;
  readonly action: PlanAction;
  readonly why: string;
  readonly changes: readonly PlannedChange[];
  readonly notCompared: readonly string[];
  readonly live: boolean;
}

/** The resource alone, or each of its members, those included that are on their way out. */
export function linesOf({ before, after }: Intake): readonly Line[] {
  if (after.kind !== 'RtmpConverter') return [{ before, after }];
  const next = after as ConverterResource;
  const old = before as ConverterResource | undefined;
  if (!isSet(next) && (old === undefined || !isSet(old))) return [{ before, after }];
  const known = old === undefined ? [] : membersOf(old);
  return membersOf(next).map((member) => {
    const earlier = known.find(({ name, declared }) => declared && name === member.name);
    return {
      member,
      before: old === undefined || earlier === undefined ? undefined : viewOf(old, earlier),
      after: viewOf(next, member),
    };
  });
}

export function lineDraft(
  { member, before, after }: Line,
  { intake, context, now }: { readonly intake: Intake; readonly context: Context; readonly now: Instant },
): LineDraft {
  const wish =
    after.kind === 'AgoraProject' ? undefined : wishOf(after as Resource<TaskSpec, TaskStatus>, context, now);
  const task = liveTask(after);
  const newValues = valuesOf(after, context);
  const sent = task === undefined || newValues === undefined ? [] : taskChanges(after, task, newValues);
  const oldValues = before === undefined ? undefined : valuesOf(before, context);
  const changes = plannedChanges({ before, after, task, changes: sent, oldValues, newValues });
  const live = tasksOf(after.status as TaskStatus | undefined).some(mayLive);
  const judged = judge({ intake: { ...intake, before, after }, wish, changes, hasTask: task !== undefined, live });
  const name = member === undefined ? {} : { name: member.name };
  const notCompared = task === undefined ? [] : (newValues?.unknown ?? []);
  if (member?.unwanted === undefined) return { ...name, wish, ...judged, changes, notCompared, live };
  // Nothing of what it was declared with matters any more.
  const { action } = judged;
  const kept = action === 'stop' || action === 'remove' ? action : 'nothing';
  return { ...name, wish, action: kept, why: member.unwanted, changes: [], notCompared: [], live };
}

/** What the lines of a resource come to. */
export function summed(
  { before, after }: Intake,
  lines: readonly LineDraft[],
): Pick<LineDraft, 'action' | 'why' | 'changes' | 'notCompared' | 'live'> & {
  readonly members?: readonly PlannedMember[];
} {
  const [only] = lines;
  const live = lines.some((line) => line.live);
  if (only !== undefined && only.name === undefined) return only;
  const shown = lines.filter((line) => line.action !== 'nothing' || line.wish?.want === 'running');
  const common = commonChanges(shown.filter(({ action }) => action !== 'stop'));
  const members = shown.map(({ name = '', action, why, changes }) => ({
    name,
    action,
    why,
    changes: changes.filter((change) => !common.some((each) => isSame(each, change))),
  }));
  const settings = settingsOf(before, after);
  const strongest = ORDER.find((action) => shown.some((line) => line.action === action)) ?? 'nothing';
  const edited = before === undefined || settings.length > 0 || common.length > 0 || !sameMarks(before, after);
  const action = strongest === 'nothing' && edited ? 'accept' : strongest;
  const reasons = new Set(shown.filter((line) => line.action === strongest).map(({ why }) => why));
  const [why = 'it is as declared'] = [...reasons];
  const several = shown.some((line) => line.action !== strongest) ? 'its members differ, see below' : why;
  return {
    action,
    why: strongest === 'nothing' && edited ? 'nothing that its tasks have changes' : several,
    changes: [...common, ...settings],
    members,
    notCompared: [...new Set(lines.flatMap(({ notCompared }) => notCompared))],
    live,
  };
}

/** What says most of what happens to a set. */
const ORDER: readonly PlanAction[] = ['remove', 'recreate', 'create', 'update', 'stop', 'accept'];

const shown = (value: unknown): string => (typeof value === 'string' ? value : canonical(value));

/** What is the same for all members is said once. */
function commonChanges(lines: readonly LineDraft[]): readonly PlannedChange[] {
  const [first, ...others] = lines;
  if (first === undefined || others.length === 0) return [];
  return first.changes.filter((change) =>
    others.every(({ changes }) => changes.some((other) => isSame(other, change))),
  );
}

const isSame = (a: PlannedChange, b: PlannedChange): boolean =>
  a.path === b.path && a.how === b.how && a.old === b.old && a.new === b.new;

/** Of the set itself: how many are needed, its mode. Names and addresses are its members' affair. */
function settingsOf(before: Resource | undefined, after: Resource): readonly PlannedChange[] {
  if (before === undefined) return [];
  const spec = (resource: Resource): unknown => (resource.spec as Partial<ConverterSpec>).redundancy ?? {};
  return differences(spec(before), spec(after), 'redundancy')
    .filter(({ path }) => !path.startsWith('redundancy.outputs'))
    .map(({ path, old, new: next }) => ({
      path,
      how: 'settings' as const,
      why: 'what follows from it is said of the members',
      ...(old === undefined ? {} : { old: shown(old) }),
      ...(next === undefined ? {} : { new: shown(next) }),
    }));
}

function valuesOf(resource: Resource, context: Context): TaskValues | undefined {
  switch (resource.kind) {
    case 'WebPageRecording':
      return recordingTaskValues(resource as Resource<RecordingSpec, RecordingStatus>, context);
    case 'RtmpConverter':
      return converterTaskValues(resource as Resource<ConverterSpec, ConverterStatus>, context);
    case 'AgoraProject':
      return undefined;
  }
}

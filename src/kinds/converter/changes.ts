import type { Resource } from '../../core/resource.ts';
import type { Context } from '../context.ts';
import { isRestored, tasksOf } from '../task.ts';
import { NOT_SENT, UPDATABLE } from './applied.ts';
import { desiredOf } from './desired.ts';
import type { ConverterSpec, ConverterStatus, ConverterTask } from './types.ts';

export interface Change {
  readonly path: string;
  readonly how: 'update' | 'recreate';
  readonly why: string;
}

const AUDIO = 'transcodeOptions.audioOptions';
const SELECTION: readonly string[] = [`${AUDIO}.rtcStreamUids`, `${AUDIO}.volumes`];

/** What the current task has and the declaration does not ask for; for `plan` (MP-25). Empty where nothing runs. */
export function changesOf(resource: Resource<ConverterSpec, ConverterStatus>, context: Context): readonly Change[] {
  const wished = desiredOf(resource, context);
  const task = currentOf(resource.status);
  if (!wished.ok || task === undefined) return [];
  return changesTo(task, resource.spec, wished.desired.applied);
}

const LIVE: readonly ConverterTask['phase'][] = ['Starting', 'Confirming', 'Running'];

export const isLive = (task: ConverterTask): boolean => LIVE.includes(task.phase);

/** The entry that the resource lives by now: the newest that is neither stopping nor given up. */
export const currentOf = (status: ConverterStatus | undefined): ConverterTask | undefined =>
  tasksOf<ConverterTask>(status).filter(isLive).reduce<ConverterTask | undefined>(newer, undefined);

const newer = (a: ConverterTask | undefined, b: ConverterTask): ConverterTask =>
  a === undefined || b.attempt > a.attempt ? b : a;

/** An empty hash is an update whose outcome is open; a path that an older controller did not know is no change. */
export function changesTo(
  task: Pick<ConverterTask, 'applied'>,
  spec: ConverterSpec,
  wished: Readonly<Record<string, string>>,
): readonly Change[] {
  return Object.keys(wished)
    .filter((path) => !NOT_SENT.includes(path) && (isRestored(task) || task.applied[path] !== undefined))
    .filter((path) => task.applied[path] !== wished[path])
    .map((path) => ({ path, ...howOf(path, spec) }));
}

/** MP-25, C.6. */
function howOf(path: string, spec: ConverterSpec): Pick<Change, 'how' | 'why'> {
  if (!UPDATABLE.includes(path)) return { how: 'recreate', why: 'Agora’s update does not take it' };
  if (path === 'rtmpUrl') return { how: 'update', why: 'Agora’s update takes it' };
  if (spec.rawOptions !== undefined) return { how: 'recreate', why: 'of a raw converter only rtmpUrl can be updated' };
  if (spec.transcodeOptions?.videoOptions?.layoutType === 1)
    return { how: 'recreate', why: 'with layoutType 1 only rtmpUrl can be updated' };
  return { how: 'update', why: 'Agora’s update takes it' };
}

/** The field mask of an update: what changed, and volumes with the users they belong to, since each update resets them (C.2). */
export function maskOf(paths: readonly string[], spec: ConverterSpec): readonly string[] {
  const selects = paths.some((path) => SELECTION.includes(path));
  if (!selects || spec.transcodeOptions?.audioOptions?.volumes === undefined) return paths;
  return [...paths, ...SELECTION.filter((path) => !paths.includes(path))];
}

/** What can be updated of a converter that was adopted: all of it is sent once (design §5.4). */
export const updatablePaths = (spec: ConverterSpec): readonly string[] =>
  UPDATABLE.filter((path) => howOf(path, spec).how === 'update');

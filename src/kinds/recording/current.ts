import { tasksOf } from '../task.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

const CURRENT: readonly RecordingTask['phase'][] = ['Acquired', 'Starting', 'Confirming', 'Running'];

/** The entry that the resource lives by now: the newest one that is neither stopping nor given up. */
export const currentOf = (status: RecordingStatus): RecordingTask | undefined =>
  tasksOf<RecordingTask>(status).findLast((task) => CURRENT.includes(task.phase));

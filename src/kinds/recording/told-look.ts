import { type Instant, seconds } from '../../core/time.ts';
import { lookOf } from './observation.ts';
import { toldAbout } from './resolve.ts';
import type { Situation } from './situation.ts';
import type { RecordingTask } from './types.ts';

/** A query that a notice called for comes no sooner after another than this, however many notices come. */
const TOLD_LOOK_SPACING_MS = seconds(5);

/** When the look is due that a notice calls for: at once, since the query is the truth (WR-11). */
export function toldLookAt(
  { observation, status }: Pick<Situation, 'observation' | 'status'>,
  task: RecordingTask,
): Instant | undefined {
  const after = toldAbout(observation, status, task)?.lookAfter;
  const sentAt = lookOf(observation, task.attempt)?.sentAt;
  if (after === undefined || (sentAt ?? -1) >= after) return undefined;
  return sentAt === undefined ? after : Math.max(after, sentAt + TOLD_LOOK_SPACING_MS);
}

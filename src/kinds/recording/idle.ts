import type { Verdict } from '../../core/conditions.ts';
import { settled, stalled, waiting } from '../gate.ts';
import type { Wish } from '../wish.ts';
import type { RecordingTask } from './types.ts';

/** What is said of a resource that wants no task, by what may still live. */
export function idleVerdict(
  wish: Exclude<Wish, { want: 'running' | 'suspended' }>,
  live: readonly RecordingTask[],
): Verdict {
  if (live.length > 0 || wish.want === 'gone') return waiting('Stopping', stoppingMessage(live));
  switch (wish.why) {
    case 'Scheduled':
      return settled('Scheduled', `starts at ${new Date(wish.until).toISOString()}`);
    case 'WindowMissed':
      return stalled(
        'WindowMissed',
        'the window of spec.schedule ended before the recording ever ran; declare a new window',
      );
    case 'TaskEnded':
      return stalled(
        'TaskEnded',
        'the recording ended and restartPolicy is Never; edit the declaration to run it again',
      );
    case 'Completed':
      return settled('Completed', 'the recording came to its planned end');
    case 'Stopped':
      return settled('Stopped', 'no recording runs, as declared');
  }
}

function stoppingMessage(live: readonly RecordingTask[]): string {
  const unknown = live.filter((task) => task.phase === 'Unknown');
  const ends = unknown.map((task) => task.endsAt).filter((at) => at !== undefined);
  if (unknown.length > 0 && unknown.length === live.length) {
    return `${unknown.length} recording(s) may live and cannot be stopped; they end by ${ends.sort().at(-1) ?? 'themselves'}`;
  }
  return live.length === 0 ? 'nothing runs any more' : 'the recording is being stopped';
}

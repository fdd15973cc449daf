import { findCondition, type Verdict } from '../../core/conditions.ts';
import { waiting } from '../gate.ts';
import type { CurrentNeed } from './need.ts';
import { warning } from './outcome.ts';
import { pageView } from './page.ts';
import type { Situation } from './situation.ts';
import { stopCurrent } from './stop-current.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';

/** WR-9: a recording whose page is lost is stopped and begun anew; undefined where it is not lost, or not now. */
export function decidePage(situation: Situation, task: RecordingTask): CurrentNeed | undefined {
  const why = pageView(situation)?.lost;
  if (why === undefined) return undefined;
  const stop = stopCurrent(situation, task, why);
  const verdict = waiting('Recovering', `the recording is stopped and begun anew: ${why}`);
  if (stop.do !== 'call') return { ...stop, verdict };
  const events = [warning('PageLost', `attempt ${task.attempt} is stopped and begun anew: ${why}`)];
  return { ...stop, events, verdict, status: withReason(stop.status ?? situation.status, why) };
}

/** `lastReason` names it, whatever the stop is answered. */
function withReason(status: RecordingStatus, why: string): RecordingStatus {
  return status.restarts === undefined ? status : { ...status, restarts: { ...status.restarts, lastReason: why } };
}

/** What a page that is not as declared makes of the verdict on a recording that runs: it is not as declared either. */
export function pageVerdict(situation: Situation, running: Verdict): Verdict {
  const view = pageView(situation);
  if (view === undefined) return running;
  if (view.verdict !== undefined) return view.verdict;
  const { status, reason, message } = view.condition ?? findCondition(situation.status.conditions, 'PageAlive') ?? {};
  if (status !== 'False' || message === undefined) return running;
  const said = PAGE_REASONS.find((each) => each === reason);
  return said === undefined ? running : waiting(said, message);
}

const PAGE_REASONS = ['PageNotReady', 'PageStale', 'PageFaulty'] as const;

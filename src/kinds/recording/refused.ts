import { type Instant, instant, minutes, timestamp } from '../../core/time.ts';
import type { Refusal } from '../kind.ts';
import type { RecordingAction } from './action.ts';
import type { RecordingObservation } from './observation.ts';
import type { FoldedRecording } from './outcome.ts';
import type { RecordingResource } from './situation.ts';
import { withdraw } from './withdraw.ts';

/** Places whose passing is written at once; between them at most once a minute (design §4, queue). */
const MILESTONES = [20, 10, 5, 3, 2, 1];

/** The ledger said no: the queue is written coarsely, and the next `decide` of this very instant waits instead of asking. */
export function refused(
  resource: RecordingResource,
  observation: RecordingObservation,
  { action, refusal }: { readonly action: RecordingAction; readonly refusal: Refusal },
  now: Instant,
): FoldedRecording {
  const status = withdraw(resource.status ?? { observedGeneration: -1, conditions: [] }, action);
  const seen = { ...observation, refusal: { at: now, refusal } };
  if (refusal.why !== 'wait') return { status, observation: seen };
  const { queue } = status;
  const passed =
    queue === undefined ||
    queue.limit !== refusal.limit ||
    MILESTONES.some((place) => refusal.position <= place && queue.position > place);
  const old = queue?.writtenAt === undefined || now >= instant(queue.writtenAt) + minutes(1);
  const moved = queue?.position !== refusal.position;
  if (!passed && !(old && moved)) return { status, observation: seen };
  const next = {
    since: queue?.since ?? timestamp((action.type === 'acquire' ? action.askedSince : observation.askedSince) ?? now),
    limit: refusal.limit,
    position: refusal.position,
    writtenAt: timestamp(now),
    ...(refusal.estimatedAt === undefined ? {} : { estimatedStartAt: timestamp(refusal.estimatedAt) }),
  };
  return { status: { ...status, queue: next }, observation: seen };
}

import { type Instant, instant, minutes, timestamp } from '../../core/time.ts';
import type { Refusal } from '../kind.ts';
import type { ConverterAction } from './action.ts';
import type { ConverterObservation } from './observation.ts';
import type { FoldedConverter } from './outcome.ts';
import type { ConverterResource } from './resource.ts';
import { EMPTY_STATUS } from './situation.ts';
import type { ConverterStatus } from './types.ts';

/** Places whose passing is written at once; between them at most once a minute (design §4, queue). */
const MILESTONES = [20, 10, 5, 3, 2, 1];

/**
 * The ledger said no: the status is what it was before the step, the queue is written coarsely, and the next `decide` of
 * this very instant says so instead of asking again.
 */
export function refused(
  resource: ConverterResource,
  observation: ConverterObservation,
  asked: { readonly action: ConverterAction; readonly refusal: Refusal },
  now: Instant,
): FoldedConverter {
  const { refusal } = asked;
  const { claiming } = asked.action;
  const status: ConverterStatus = claiming?.before ?? resource.status ?? EMPTY_STATUS;
  const seen: ConverterObservation = {
    ...observation,
    refusal: { at: now, refusal, asking: claiming?.asking ?? 'first', inputs: claiming?.inputs ?? '' },
  };
  if (refusal.why !== 'wait') return { status, observation: seen };
  const { queue } = status;
  const passed =
    queue === undefined ||
    queue.limit !== refusal.limit ||
    MILESTONES.some((place) => refusal.position <= place && queue.position > place);
  const old = queue?.writtenAt === undefined || now >= instant(queue.writtenAt) + minutes(1);
  if (!passed && !(old && queue.position !== refusal.position)) return { status, observation: seen };
  const next = {
    since: queue?.since ?? timestamp(now),
    limit: refusal.limit,
    position: refusal.position,
    writtenAt: timestamp(now),
    ...(refusal.estimatedAt === undefined ? {} : { estimatedStartAt: timestamp(refusal.estimatedAt) }),
  };
  return { status: { ...status, queue: next }, observation: seen };
}

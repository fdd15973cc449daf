import { type Instant, instant, timestamp } from '../../core/time.ts';
import type { ClaimRequest, Refusal, Slot } from '../../limits/slot.ts';
import { nextStart } from '../budget.ts';
import { closedGate, stalled, waiting } from '../gate.ts';
import { isFull, MAX_UNKNOWN, nextAttempt, retryAt, tasksOf } from '../task.ts';
import { hashes, inputsHash, wishedValues } from './changes.ts';
import { admissionFor, held, sameSlot, wishedSlot } from './held.ts';
import { resolveInputs } from './inputs.ts';
import { cnameOf, uidOf } from './name.ts';
import type { CurrentNeed } from './need.ts';
import { unfitAddress } from './page-address.ts';
import { isRecovering, type Situation } from './situation.ts';
import { ACQUIRE_LADDER, ASK_AGAIN_MS } from './timing.ts';
import type { RecordingTask } from './types.ts';

const MEMBER = 'main';

/** The next attempt: everything that must be true before a handle is acquired, in the order in which a user would fix it. */
export function decideAttempt(situation: Situation): CurrentNeed {
  // Entries that were given up on the way here are gone from `situation.status`: it is always handed on.
  return { status: situation.status, ...nextStep(situation) };
}

function nextStep(situation: Situation): CurrentNeed {
  const { resource, status, context, now } = situation;
  const closed = closedGate(resource.spec.projectRef.name, 'recording', context, now);
  if (closed !== undefined)
    return closed.until === undefined ? stop(closed.verdict) : until(closed.until, closed.verdict);
  const project = context.project;
  if (project === undefined) return stop(waiting('DependencyNotReady', 'its AgoraProject does not exist'));
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok) return stop(waiting('DependencyNotReady', resolved.missing));
  const unfit = unfitAddress(resource.spec, resolved.inputs);
  if (unfit !== undefined) return stop(stalled('InvalidSpec', unfit));

  const wished = hashes(
    resource,
    wishedValues(resource, resolved.inputs, situation.wish.want === 'running' && situation.wish.onHold),
  );
  const { blocked } = status;
  if (blocked !== undefined && blocked.inputs === inputsHash(resource, wished, context)) {
    return stop(stalled(blocked.reason === 'PageNotCapable' ? 'PageNotCapable' : 'ParameterRefused', blocked.message));
  }
  const before = beforeNext(situation);
  if (before !== undefined) return before;
  const start = nextStart(
    status.restarts,
    { generation: resource.metadata.generation, maxStartsPerHour: resource.spec.maxStartsPerHour },
    now,
  );
  if (now < start.at) {
    const at = timestamp(start.at);
    if (start.exhausted)
      return until(
        start.at,
        stalled(
          'StartBudgetExhausted',
          `${resource.spec.maxStartsPerHour} starts within an hour; tried again at ${at}, or on an edit or a request`,
        ),
      );
    return until(
      start.at,
      waiting(isRecovering(situation) ? 'Recovering' : 'WaitingForRetry', `the next attempt begins at ${at}`),
    );
  }
  return acquire(situation, project.appId);
}

/** Earlier entries that must be gone first, or are too many (design §4, §5.2, WR-7). */
function beforeNext(situation: Situation): CurrentNeed | undefined {
  const { status } = situation;
  const tasks = tasksOf<RecordingTask>(status);
  const stopping = tasks.find((task) => task.phase === 'Stopping' && !permitsNext(task));
  if (stopping !== undefined) {
    return stop(
      waiting(
        isRecovering(situation) ? 'Recovering' : 'Replacing',
        `attempt ${stopping.attempt} is being stopped first: ${stopping.reason ?? 'not wanted'}`,
      ),
    );
  }
  const unknown = tasks.filter((task) => task.phase === 'Unknown' && task.member === MEMBER);
  if (unknown.length >= MAX_UNKNOWN) {
    const first = unknown.map((task) => task.endsAt ?? 'their own end').sort()[0];
    return stop(
      stalled(
        'StartOutcomeUnknown',
        `${unknown.length} recordings may live without a handle; the first ends by ${first}`,
      ),
    );
  }
  if (isFull(status))
    return stop(
      waiting(
        'WaitingForCleanup',
        'too many earlier recordings may still live; nothing new starts until one is known to be gone',
      ),
    );
  return undefined;
}

/** WR-7: after a failed start the next attempt may begin once its stop was answered, whatever the answer said. */
const permitsNext = (task: RecordingTask): boolean => task.stopAnswered === true && task.runningSince === undefined;

function acquire(situation: Situation, appId: string): CurrentNeed {
  const { resource, status, observation, now } = situation;
  const verdict = isRecovering(situation)
    ? waiting('Recovering', 'the recording is being re-created')
    : waiting('Starting', 'the recording is being started');
  const slot = wishedSlot(resource.spec, appId);
  if (observation.refusal?.at === now) return refusedNeed(situation, observation.refusal.refusal, slot);
  if (observation.acquire !== undefined && situation.request === undefined) {
    const due = retryAt(observation.acquire, ACQUIRE_LADDER);
    if (now < due) {
      const why = status.lastError === undefined ? '' : ` after ${status.lastError.call}: ${status.lastError.message}`;
      return until(due, waiting('WaitingForRetry', `acquire is repeated${why}`));
    }
  }
  const claims = claimsWith(situation, slot);
  const attempt = nextAttempt(status);
  const cname = cnameOf(resource);
  const { namespace, name } = resource.metadata;
  const uid = uidOf({ appId, namespace, name, member: MEMBER, attempt });
  return {
    do: 'call',
    action: {
      type: 'acquire',
      limit: 'recording',
      class: 'acquire',
      appId,
      attempt,
      cname,
      uid,
      member: MEMBER,
      region: resource.spec.region,
      generation: resource.metadata.generation,
      resolutionClass: slot.class,
      slot,
      askedSince: claims.since,
    },
    claims,
    verdict,
  };
}

/** All that would be held with this slot besides; its place in the queue is that of its first request. */
export function claimsWith(situation: Situation, slot: Slot): ClaimRequest {
  const { resource, status, now } = situation;
  const admission = admissionFor(status, slot) ?? [];
  const holds = held({ ...resource, status: { ...status, admission } });
  const has = admission.some((admitted) => sameSlot(admitted, slot));
  return {
    claims: has ? holds : { ...holds, slots: [...holds.slots, slot] },
    priority: resource.spec.priority,
    since: instant(status.queue?.since) ?? situation.observation.askedSince ?? now,
  };
}

/**
 * The ledger wakes who may go on. It is asked again once a minute besides, since a slot may free in the very instant of
 * the refusal, where this one still stands.
 */
export function refusedNeed(situation: Situation, refusal: Refusal, slot: Slot): CurrentNeed {
  return until(situation.now + ASK_AGAIN_MS, refusedVerdict(situation, refusal, slot));
}

function refusedVerdict({ status }: Situation, refusal: Refusal, slot: Slot): CurrentNeed['verdict'] {
  switch (refusal.why) {
    case 'excluded':
      return stalled(
        'LimitExcludes',
        `${refusal.limit} leaves no room for a ${slot.class} recording in ${slot.region}, even in an empty account; raise spec.limits of the project if Agora raised yours`,
      );
    case 'wait':
      return waiting('WaitingForSlot', `waits for ${refusal.limit}`);
    case 'not-synced':
      // After a restart nothing is known yet, so nothing changes: least of all its place in the queue.
      return status.queue === undefined
        ? waiting('Pending', 'the controller is still reading what exists')
        : waiting('WaitingForSlot', `waits for ${status.queue.limit}`);
    case 'name':
      return stalled('NameConflict', `${refusal.name} belongs to ${refusal.owner}`);
  }
}

const stop = (verdict: CurrentNeed['verdict']): CurrentNeed => ({ do: 'nothing', verdict });
const until = (at: Instant, verdict: CurrentNeed['verdict']): CurrentNeed => ({ do: 'wait', until: at, verdict });

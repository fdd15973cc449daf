import type { Condition, Verdict } from '../../core/conditions.ts';
import type { Reason } from '../../core/reasons.ts';
import { type Instant, instant, seconds, timestamp } from '../../core/time.ts';
import { nextStart } from '../budget.ts';
import { closedGate, stalled } from '../gate.ts';
import { inTrouble } from '../project/health.ts';
import { isFull, MAX_UNKNOWN, tasksOf } from '../task.ts';
import { hashes, inputsHash, wishedValues } from './changes.ts';
import { plannedFrom } from './ended.ts';
import { resolveInputs } from './inputs.ts';
import { lookOf } from './observation.ts';
import { heartbeatMs, type Judged, silentAfterMs, staleAfterMs } from './page-observed.ts';
import type { Situation } from './situation.ts';
import { latestEnd } from './timing.ts';
import type { RecordingTask } from './types.ts';

/** Why a recording whose page is lost is not made anew now, and what is said then where that differs. */
export interface HeldBack {
  readonly condition?: Pick<Condition, 'status' | 'message'> & { readonly reason: Reason };
  readonly verdict?: Verdict;
  /** When it may be; absent where only looking again tells. */
  readonly until?: Instant;
}

/** Networks and timers are this late at times. */
const SLACK_MS = seconds(1);

/**
 * A page that is lost for another reason than its own is left alone: Agora is out of reach, the task is out of sight
 * (silence ends it by its own rule), or every other page fell silent too, which points at our own ingress (WR-9, ADR
 * 0030). At the planned end every page falls silent; whether it was that end is for the looks to tell. And nothing is stopped that could not begin anew at once: a recording of a doubtful page is better than none.
 */
export function heldBack(situation: Situation, judged: Judged): HeldBack | undefined {
  const { context, now, resource, status } = situation;
  const project = resource.spec.projectRef.name;
  if (isAtPlannedEnd(judged.task, situation)) return {};
  if (judged.task.missingSince !== undefined || inTrouble(context.health.recording, now)) return {};
  if (closedGate(project, 'recording', context, now) !== undefined || isRefused(situation)) return {};
  if (ingressSuspected(situation, judged)) {
    const message = `no page of AgoraProject ${project} reports any more, so our own ingress may be the reason; nothing is made anew for it`;
    return { condition: { status: 'Unknown', reason: 'PagesSilent', message } };
  }
  const { maxStartsPerHour } = resource.spec;
  const start = nextStart(status.restarts, { generation: resource.metadata.generation, maxStartsPerHour }, now);
  if (now >= start.at) return undefined;
  if (!start.exhausted) return { until: start.at };
  const message = `${maxStartsPerHour} starts within an hour; the recording goes on although its page is lost, and is made anew at ${timestamp(start.at)}, or on an edit or a request`;
  return { until: start.at, verdict: stalled('StartBudgetExhausted', message) };
}

/** For as long as Agora may take to end it. */
function isAtPlannedEnd(task: RecordingTask, { resource, now }: Situation): boolean {
  const { maxRecordingHour } = resource.spec;
  const startedAt = instant(task.startedAt);
  if (startedAt === undefined) return false;
  return now >= plannedFrom(task, maxRecordingHour) && now < latestEnd(startedAt, maxRecordingHour);
}

/** The next attempt would not begin: what it needs is missing or was refused, or too many earlier ones may live. */
function isRefused(situation: Situation): boolean {
  const { resource, status, context, wish } = situation;
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok || isFull(status)) return true;
  const unknown = tasksOf<RecordingTask>(status).filter((task) => task.phase === 'Unknown');
  if (unknown.length >= MAX_UNKNOWN) return true;
  if (status.blocked === undefined) return false;
  const wished = hashes(resource, wishedValues(resource, resolved.inputs, wish.want === 'running' && wish.onHold));
  return status.blocked.inputs === inputsHash(resource, wished, context);
}

/**
 * It is silent, without a second sign of its own, and no other page was heard throughout the time in which it was not.
 * One that was heard since its first missed heartbeat, and without a break for the whole window, clears the ingress.
 */
function ingressSuspected(situation: Situation, { task, watch, seen }: Judged): boolean {
  const { context, observation, now } = situation;
  if (context.pages.watched === 0) return false;
  if (seen !== undefined && now < seen.reportedAt + silentAfterMs(watch)) return false;
  if (lookOf(observation, task.attempt)?.publishStatus === 'disconnected') return false;
  const lastAt: Instant = seen?.reportedAt ?? instant(task.pageReadyAt) ?? instant(task.sidAt) ?? 0;
  if ((instant(task.reloaded?.at) ?? 0) > lastAt) return false;
  const missedAt = Math.max(lastAt, observation.knownSince) + heartbeatMs(watch) + SLACK_MS;
  const heard = context.pages.heard ?? [];
  return !heard.some(({ since, lastAt: at }) => at >= missedAt && since <= now - staleAfterMs(watch));
}

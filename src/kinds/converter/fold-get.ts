import type { ConverterState, Failure } from '../../agora/answer.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import { isNetwork, isProjects, lastErrorOf } from '../error-report.ts';
import type { UserEvent } from '../kind.ts';
import { acknowledge } from '../request-now.ts';
import { countFailure } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { hashOf } from './applied.ts';
import { isLive } from './changes.ts';
import { ended } from './ended.ts';
import type { Look } from './observation.ts';
import { type FoldedConverter, isValue, missed, type Outcome, warning, withLook } from './outcome.ts';
import { rowOf } from './rows.ts';
import { cleanLooks, counted, replaced } from './tidy.ts';
import { MIGRATION_MS, STRIKES, UNNAMED_STATE_MS } from './timing.ts';
import type { ConverterStatus, ConverterTask } from './types.ts';

type Get = Extract<ConverterAction, { type: 'get' }>;

/** A look: at a live task (MP-7, MP-22), or at one that is not wanted and not known to be gone (design §5.1). */
export function foldGet(given: Outcome<Get>): FoldedConverter {
  const outcome = { ...given, status: acknowledge<ConverterStatus>(given.status, given.action.request) };
  const { answer, task, status, observation } = outcome;
  if (!isLive(task)) return foldGone(outcome);
  if (isValue(answer, 'get')) return alive(outcome, answer.value, answer.sentAt);
  if (answer.ok) return { status, observation };
  return bad(outcome, answer);
}

function alive(outcome: Outcome<Get>, value: ConverterState, sentAt: Instant): FoldedConverter {
  const { status, observation, task, now } = outcome;
  const state = stateOf(outcome, value);
  const old = observation.looks[task.attempt];
  const look: Look = {
    sentAt,
    answeredAt: now,
    goodAt: sentAt,
    waiting: state === 'running' ? 0 : (old?.waiting ?? 0) + 1,
    ...shown(outcome, value),
  };
  const next = withLook(observation, task.attempt, look);
  if (state === 'failed') return failedState({ ...outcome, observation: next }, look);
  const drifted = old?.address !== undefined && look.address !== undefined && old.address !== look.address;
  const open = drifted && look.address !== task.applied['rtmpUrl'] ? { applied: { ...task.applied, rtmpUrl: '' } } : {};
  const clean = cleanLooks(task);
  const { runningSince: _since, ...waiting } = clean;
  const running: ConverterTask =
    state === 'running'
      ? {
          ...clean,
          phase: 'Running',
          runningSince: task.phase === 'Running' ? (clean.runningSince ?? timestamp(now)) : timestamp(now),
        }
      : { ...waiting, phase: 'Confirming' };
  const seen: ConverterTask = {
    ...running,
    ...open,
    ...(value.updateTs === undefined ? {} : { updateTs: value.updateTs }),
  };
  const events = old === undefined ? idleTimeoutIgnored(outcome, value) : [];
  return { status: replaced(status, task.attempt, seen), observation: next, events };
}

/** What the Get shows besides its state; where it shows no `updateTs` (raw, C.4) the row's is taken for seen. */
function shown({ task, context, resource }: Outcome<Get>, value: ConverterState): Partial<Look> {
  const row = rowOf(task, context);
  const address =
    value.rtmpUrl === undefined ? {} : { address: hashOf(resource.metadata.uid, 'rtmpUrl', value.rtmpUrl) };
  return value.updateTs === undefined && row?.updateTs !== undefined
    ? { rowUpdateTs: row.updateTs, ...address }
    : address;
}

/** A Get of a raw converter names no state (C.4): the row does, or its age. */
function stateOf({ task, context, now }: Outcome<Get>, value: ConverterState): ConverterState['state'] {
  if (value.state !== 'unknown') return value.state;
  const row = rowOf(task, context);
  if (row !== undefined && row.state !== 'unknown') return row.state;
  const old = task.phase === 'Running' || now >= (instant(task.startedAt) ?? 0) + UNNAMED_STATE_MS;
  return old ? 'running' : 'unknown';
}

/** C.10: the field is spelt in two ways; a converter that does not show what was sent has ignored it. */
function idleTimeoutIgnored({ resource, task }: Outcome<Get>, value: ConverterState): readonly UserEvent[] {
  const { idleTimeout } = resource.spec;
  if (
    value.idleTimeout === undefined ||
    value.idleTimeout === idleTimeout ||
    task.generation !== resource.metadata.generation
  )
    return [];
  const note = `declared ${idleTimeout} s, but Agora shows ${value.idleTimeout} s; see spec.compatibility.idleTimeoutKey of the project`;
  return [warning('IdleTimeoutIgnored', note)];
}

/** MP-22: `failed` is a verdict at once, unless the declaration waits out the migration (MP-6). */
function failedState(outcome: Outcome<Get>, look: Look): FoldedConverter {
  const { resource, task, now } = outcome;
  if (resource.spec.replaceAfter === 'Strikes') return fail(outcome, task, 'Agora says that it has failed');
  const since = task.missingSince ?? timestamp(look.sentAt);
  const failures = countFailure(counted(task), 'failed', now, 'counted');
  return verdictOn(outcome, { ...task, missingSince: since, failures });
}

function bad(outcome: Outcome<Get>, failure: Failure): FoldedConverter {
  const { status, task, observation, now, context } = outcome;
  const old = observation.looks[task.attempt];
  const base: Look = { waiting: old?.waiting ?? 0, ...old, sentAt: failure.sentAt, answeredAt: now };
  if (failure.kind === 'not-found') {
    const { doubts: _doubts, ...look } = base;
    const next = {
      ...outcome,
      status: { ...status, lastError: lastErrorOf('get', failure, now) },
      observation: withLook(observation, task.attempt, look),
    };
    const struck = missed(task, failure, now);
    const count = (counted(task)?.count ?? 0) + 1;
    const failures = {
      kind: failure.kind,
      count,
      since: task.failures?.since ?? timestamp(failure.sentAt),
      lastAt: timestamp(now),
    };
    return verdictOn(next, { ...struck, failures });
  }
  if (isProjects(failure)) return { status, observation };
  const how = isNetwork(failure) || failure.kind === 'throttle' ? 'network' : 'counted';
  const doubts = countFailure(old?.doubts, failure.kind, how === 'network' ? now : failure.sentAt, how);
  const dated = { ...doubts, lastAt: timestamp(now) };
  const vouched = (context.health.converter.lastGoodAt ?? 0) > (instant(dated.since) ?? 0);
  const listed = rowOf(task, context)?.state === 'running';
  if (how === 'network' || !vouched || listed) {
    // Against the API, not the task: nothing is counted, nothing written (design §5.3).
    return {
      status: waitedOn(outcome, task),
      observation: withLook(observation, task.attempt, { ...base, doubts: dated }),
    };
  }
  const { doubts: _doubts, ...look } = base;
  const since = task.failures?.since ?? dated.since;
  const failures = {
    kind: failure.kind,
    count: (counted(task)?.count ?? 0) + dated.count,
    since,
    lastAt: timestamp(now),
  };
  const next = {
    ...outcome,
    status: { ...status, lastError: lastErrorOf('get', failure, now) },
    observation: withLook(observation, task.attempt, look),
  };
  return verdictOn(next, { ...task, missingSince: task.missingSince ?? since, failures });
}

/** A task that already has strikes is looked at again on its ladder although this look told nothing. */
function waitedOn({ status, now }: Outcome<Get>, task: ConverterTask): ConverterStatus {
  if (task.failures === undefined) return replaced(status, task.attempt, task);
  return replaced(status, task.attempt, { ...task, failures: { ...task.failures, lastAt: timestamp(now) } });
}

/** MP-22 and MP-6: is this bad look the last one? */
function verdictOn(outcome: Outcome<Get>, task: ConverterTask): FoldedConverter {
  const { resource, status, observation } = outcome;
  const { failures } = task;
  const lastAt = instant(failures?.lastAt) ?? 0;
  const out =
    resource.spec.replaceAfter === 'Strikes' || lastAt >= (instant(task.missingSince) ?? lastAt) + MIGRATION_MS;
  if (failures !== undefined && failures.count >= STRIKES && out) {
    return fail(outcome, task, failures.kind === 'not-found' ? 'it is not found any more' : 'it does not answer');
  }
  return { status: replaced(status, task.attempt, task), observation };
}

/** Failed is not gone (design §5.1): it is deleted, and what follows is the restart policy's. */
function fail(outcome: Outcome<Get>, task: ConverterTask, reason: string): FoldedConverter {
  const { observation, now } = outcome;
  const stopping: ConverterTask = { ...cleanLooks(task), phase: 'Stopping', reason, stoppingSince: timestamp(now) };
  const note = `attempt ${task.attempt} (${task.name}, id ${task.converterId ?? 'unknown'}) has failed: ${reason}`;
  return { status: ended(outcome, task, stopping), observation, events: [warning('TaskFailed', note)] };
}

/** An entry that is not wanted: alive is deleted again, 404 is one more look at silence. */
function foldGone(outcome: Outcome<Get>): FoldedConverter {
  const { status, observation, task, answer, now } = outcome;
  if (answer.ok) {
    const { stopAnswered: _answered, ...live } = cleanLooks(task);
    return { status: replaced(status, task.attempt, live), observation };
  }
  if (isProjects(answer)) return { status, observation };
  if (answer.kind === 'not-found')
    return { status: replaced(status, task.attempt, missed(task, answer, now)), observation };
  const failures = countFailure(
    isNetwork(answer) ? task.failures : counted(task),
    answer.kind,
    now,
    isNetwork(answer) ? 'network' : 'counted',
  );
  return { status: replaced(status, task.attempt, { ...task, failures }), observation };
}

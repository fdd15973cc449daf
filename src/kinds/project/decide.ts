import { rung } from '../../core/backoff.ts';
import { setConditions, type Verdict } from '../../core/conditions.ts';
import { sameData } from '../../core/equal.ts';
import { deletionRequested, type Resource, reconcileRequest } from '../../core/resource.ts';
import { type Instant, instant, minutes, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { isUnresolved } from '../converter/held.ts';
import type { ConverterStatus } from '../converter/types.ts';
import { closedGate, settled, stalled, waiting } from '../gate.ts';
import type { ActionBase, Step, UserEvent } from '../kind.ts';
import { reachChangesAt, unreachableSince } from './health.ts';
import { leftBehind } from './left.ts';
import { toldAbout } from './left-told.ts';
import { notificationsReady } from './notifications.ts';
import type { ProjectObservation } from './observation.ts';
import { pagesReporting } from './pages.ts';
import { LISTS_PER_MINUTE, REFUSED_RETRY_MS, SWEEP_MS, SWEEP_RETRY, SWEEP_UNRESOLVED_MS } from './timing.ts';
import type { LeftBehind, ProjectSpec, ProjectStatus } from './types.ts';

export type ProjectResource = Resource<ProjectSpec, ProjectStatus>;
export type ProjectAction = ActionBase & { readonly type: 'list'; readonly begunAt: Instant; readonly cursor?: string };
type ProjectStep = Step<ProjectStatus, ProjectAction>;

/** A project: its settings' state, what was left behind, and the list sweep of its App ID (design §5.6, §5.7). */
export function decide(
  project: ProjectResource,
  observation: ProjectObservation,
  context: Context,
  now: Instant,
): ProjectStep {
  const before: ProjectStatus = project.status ?? { observedGeneration: -1, conditions: [] };
  const left = leftBehind(project, observation, context, now);
  const requested = reconcileRequest(project);
  const status: ProjectStatus = {
    ...withLeft(before, left),
    ...(requested === undefined ? {} : { lastHandledReconcileAt: requested }),
    observedGeneration: project.metadata.generation,
    conditions: setConditions(before.conditions, verdictOf(project, context, now), {
      generation: project.metadata.generation,
      now,
    }),
  };
  const events = [...news(before, left), ...ends(before, observation)];
  if (deletionRequested(project) && context.members.length === 0) {
    const forgotten =
      left.length === 0
        ? []
        : [warning('TasksLeftBehind', `deleted while these may still live: ${left.map(describe).join('; ')}`)];
    return { do: 'release', status, events: [...events, ...forgotten] };
  }
  const due = sweepDueAt(project, observation, context, now);
  if (due !== undefined && due <= now) return { do: 'call', action: sweep(project, observation, now), status, events };
  const watch =
    left.length > 0 || context.members.some(deletionRequested) ? now + minutes(1) : Number.POSITIVE_INFINITY;
  const until = Math.min(due ?? Number.POSITIVE_INFINITY, watch, ...unreachableAt(context, now));
  return Number.isFinite(until) ? { do: 'wait', until, status, events } : { do: 'rest', status, events };
}

/** Undefined: no sweep is wanted. */
function sweepDueAt(
  project: ProjectResource,
  observation: ProjectObservation,
  context: Context,
  now: Instant,
): Instant | undefined {
  // Suspended projects make no call but for what is being deleted, which comes first (design §5.7).
  const converters = context.members.filter(
    (member) => member.kind === 'RtmpConverter' && (!project.spec.suspend || deletionRequested(member)),
  );
  const leftConverters = (project.status?.leftBehind ?? []).some((entry) => entry.kind === 'RtmpConverter');
  if (converters.length === 0 && !leftConverters) return undefined;
  const closed = closedGate(project.metadata.name, 'converter', context, now);
  if (closed !== undefined) return closed.until;
  const recent = observation.calls.filter((at) => at > now - minutes(1));
  const perMinute = project.spec.limits.converter?.listsPerMinute ?? LISTS_PER_MINUTE;
  const free = recent.length < perMinute ? now : (recent[recent.length - perMinute] ?? now) + minutes(1);
  return Math.max(free, wishedAt(observation, converters, now));
}

function wishedAt(observation: ProjectObservation, converters: readonly Resource[], now: Instant): Instant {
  const { failures, pages, sweep } = observation;
  if (failures !== undefined)
    return (
      instant(failures.lastAt) +
      (sweep.refused ? REFUSED_RETRY_MS : rung(SWEEP_RETRY, Math.max(failures.count, failures.network ?? 0)))
    );
  if (pages !== undefined) return now;
  const last = observation.calls.at(-1);
  if (last === undefined) return now;
  const unresolved = converters.some((member) => isUnresolved((member as Resource<unknown, ConverterStatus>).status));
  return last + (unresolved ? SWEEP_UNRESOLVED_MS : SWEEP_MS);
}

const sweep = (project: ProjectResource, { pages }: ProjectObservation, now: Instant): ProjectAction => ({
  type: 'list',
  appId: project.spec.appId,
  limit: 'converter-list',
  class: 'query',
  begunAt: pages?.begunAt ?? now,
  ...(pages === undefined ? {} : { cursor: pages.cursor }),
});

function verdictOf(project: ProjectResource, context: Context, now: Instant): Verdict {
  const ApiReachable = reachable(context, now);
  const further = {
    ApiReachable,
    NotificationsReady: notificationsReady(project, context),
    ...pagesReporting(context),
  };
  return { ...summary(project, context, ApiReachable.status === 'False'), further };
}

function summary(project: ProjectResource, context: Context, unreachable: boolean): Verdict {
  if (deletionRequested(project))
    return waiting('InUse', `${context.members.length} resource(s) still refer to it: ${names(context.members)}`);
  if (project.spec.suspend) return settled('Suspended', 'no call is made for any resource of this project');
  const credentials = closedGate(
    project.metadata.name,
    'recording',
    { ...context, health: { recording: {}, converter: {} } },
    0,
  );
  if (credentials !== undefined) return credentials.verdict;
  for (const service of ['recording', 'converter'] as const) {
    const refused = context.health[service].refused;
    if (refused !== undefined)
      return stalled(
        refused.kind === 'credential' ? 'CredentialsRejected' : 'ServiceNotEnabled',
        `${service} calls are refused: ${refused.message}`,
      );
  }
  if (unreachable) return waiting('ApiUnreachable', 'every call fails; running tasks are left alone');
  if (context.rivals.length > 0)
    return settled(
      'LimitsDiffer',
      `${context.rivals.join(', ')} declares other limits for the same App ID; the lower of each holds`,
    );
  return settled('Accepted', 'the settings are in use');
}

function reachable(
  context: Context,
  now: Instant,
): { status: 'True' | 'False'; reason: 'ApiReachable' | 'ApiUnreachable'; message: string } {
  const failing = [context.health.recording, context.health.converter]
    .map((health) => unreachableSince(health, now))
    .filter((at) => at !== undefined);
  return failing.length === 0
    ? { status: 'True', reason: 'ApiReachable', message: 'Agora answers' }
    : {
        status: 'False',
        reason: 'ApiUnreachable',
        message: `calls have failed since ${timestamp(Math.min(...failing))}`,
      };
}

const unreachableAt = (context: Context, now: Instant): readonly Instant[] =>
  [context.health.recording, context.health.converter].flatMap(reachChangesAt).filter((at) => at > now);

const withLeft = (status: ProjectStatus, left: readonly LeftBehind[]): ProjectStatus => {
  if (sameData(status.leftBehind ?? [], left)) return status;
  const { leftBehind: _old, ...rest } = status;
  return left.length === 0 ? rest : { ...rest, leftBehind: left };
};

function news(before: ProjectStatus, left: readonly LeftBehind[]): readonly UserEvent[] {
  const known = new Set((before.leftBehind ?? []).map((entry) => `${entry.uid}/${entry.attempt}`));
  return left
    .filter((entry) => !known.has(`${entry.uid}/${entry.attempt}`))
    .map((entry) => warning('TaskLeftBehind', `${describe(entry)} may live and is billed: ${entry.why}`));
}

/** Of those that Agora told the end of. */
const ends = ({ leftBehind: before = [] }: ProjectStatus, observation: ProjectObservation): readonly UserEvent[] =>
  before
    .filter((entry) => toldAbout(observation, entry)?.isOver === true)
    .map((entry) => ({
      type: 'Normal',
      reason: 'TaskEnded',
      note: `${handlesOf(entry)}, left behind, ended: Agora told it`,
    }));

const warning = (reason: string, note: string): UserEvent => ({ type: 'Warning', reason, note });

const describe = (entry: LeftBehind): string => `${handlesOf(entry)}, until ${entry.endsAt ?? 'it is stopped'}`;

const handlesOf = (entry: LeftBehind): string =>
  `${entry.kind} ${entry.name} attempt ${entry.attempt} (${entry.sid ?? entry.converterId ?? entry.taskName ?? `${entry.cname}/${entry.taskUid}`})`;

function names(members: readonly Resource[]): string {
  const shown = members.slice(0, 5).map((member) => `${member.kind}/${member.metadata.name}`);
  return members.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ');
}

import type { ConverterRow, FailureKind } from '../../agora/answer.ts';
import { keyOf, type Resource } from '../../core/resource.ts';
import { type Instant, minutes } from '../../core/time.ts';
import type { Context, Sweep } from '../context.ts';
import { isUnresolved } from '../converter/held.ts';
import type { ConverterStatus } from '../converter/types.ts';
import { isNetwork, isProjects } from '../error-report.ts';
import type { CallResult, Folded, Wake } from '../kind.ts';
import { countFailure, tasksOf } from '../task.ts';
import type { ProjectAction, ProjectResource } from './decide.ts';
import type { ProjectObservation } from './observation.ts';
import { SEEN_KEPT_MS } from './timing.ts';
import type { ProjectStatus } from './types.ts';

/** One page more. Only a sweep whose pages were all read counts; it wakes the converters that it says something new of. */
export function fold(
  project: ProjectResource,
  observation: ProjectObservation,
  action: ProjectAction,
  result: CallResult,
  context: Context,
  now: Instant,
): Folded<ProjectStatus, ProjectObservation> {
  const status: ProjectStatus = project.status ?? { observedGeneration: -1, conditions: [] };
  if (!result.sent) return { status, observation };
  const { answer } = result;
  const calls = [...observation.calls.filter((at) => at > now - minutes(1)), answer.sentAt];
  const { pages, failures, ...rest } = observation;
  // A sweep that broke off is begun anew: half of one proves nothing.
  const broken = (kind: FailureKind, how: 'counted' | 'network', refused: boolean): ProjectObservation => ({
    ...rest,
    calls,
    failures: countFailure(failures, kind, now, how),
    sweep: { ...rest.sweep, refused: rest.sweep.refused || refused },
  });
  if (!answer.ok) {
    const refused = isProjects(answer) || ['no-route', 'parameter', 'not-found'].includes(answer.kind);
    return { status, observation: broken(answer.kind, isNetwork(answer) ? 'network' : 'counted', refused) };
  }
  if (answer.value.call !== 'list') return { status, observation: { ...rest, calls } };
  const rows = [...(pages?.rows ?? []), ...answer.value.rows];
  const { nextCursor } = answer.value;
  const begunAt = pages?.begunAt ?? answer.sentAt;
  // A cursor that leads nowhere would be followed for ever.
  if (nextCursor !== undefined && nextCursor === action.cursor)
    return { status, observation: broken('unreadable', 'counted', false) };
  if (nextCursor !== undefined)
    return { status, observation: { ...rest, calls, pages: { begunAt, rows, cursor: nextCursor } } };
  const sweep = merge(observation.sweep, rows, begunAt);
  return { status, observation: { ...rest, calls, sweep }, wake: concerned(observation.sweep, sweep, context) };
}

function merge(old: Sweep, rows: readonly ConverterRow[], begunAt: Instant): Sweep {
  const byId = new Map(rows.map((row) => [row.id.toLowerCase(), row]));
  const kept = [...old.lastSeenAt].filter(([, at]) => at > begunAt - SEEN_KEPT_MS);
  const lastSeenAt = new Map([...kept, ...[...byId.keys()].map((id): [string, Instant] => [id, begunAt])]);
  return { begunAt, rows: byId, lastSeenAt, refused: false };
}

/** Members whose row changed, appeared or vanished, and those that wait for a sweep to tell what became of a create. */
function concerned(old: Sweep, next: Sweep, context: Context): readonly Wake[] {
  return context.members
    .filter(
      (member) =>
        member.kind === 'RtmpConverter' && isConcerned(member as Resource<unknown, ConverterStatus>, old, next),
    )
    .map((member) => ({ key: keyOf(member) }));
}

function isConcerned(member: Resource<unknown, ConverterStatus>, old: Sweep, next: Sweep): boolean {
  if (isUnresolved(member.status)) return true;
  return tasksOf(member.status).some((task) => {
    if (task.phase !== 'Running') return true;
    const id = task.converterId?.toLowerCase();
    if (id === undefined) return true;
    const before = old.rows.get(id);
    const now = next.rows.get(id);
    return (
      before?.state !== now?.state ||
      before?.updateTs !== now?.updateTs ||
      (before === undefined) !== (now === undefined)
    );
  });
}

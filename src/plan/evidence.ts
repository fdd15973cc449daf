import { type Condition, findCondition } from '../core/conditions.ts';
import type { Resource } from '../core/resource.ts';
import { type Instant, instant } from '../core/time.ts';
import type { ServiceHealth } from '../kinds/context.ts';
import type { ConverterObservation } from '../kinds/converter/observation.ts';
import type { ProjectObservation } from '../kinds/project/observation.ts';
import type { RecordingObservation } from '../kinds/recording/observation.ts';
import type { PageSeen } from '../kinds/recording/page-observed.ts';
import { type TaskBase, type TaskStatus, tasksOf } from '../kinds/task.ts';
import type { Inspection } from './inspect.ts';

/** One thing that was seen, and when: how old it is says how much it is worth. */
export interface Evidence {
  readonly what: string;
  readonly at?: Instant;
}

/** B.5: what a query's status says. */
const QUERY_STATUS: Readonly<Record<number, string>> = {
  0: 'not begun',
  1: 'initialised',
  2: 'starting',
  3: 'ready in part',
  4: 'ready',
  5: 'in progress',
  6: 'asked to stop',
  7: 'stopped',
  8: 'ended',
  20: 'ended abnormally',
};

/** What the present verdict rests on, the latest first. */
export function evidenceOf(inspection: Inspection): readonly Evidence[] {
  const { resource, context } = inspection;
  const seen = [
    ...observed(inspection),
    ...tasksOf(resource.status as TaskStatus).flatMap(entryEvidence),
    ...healthEvidence(context.health.recording, 'recording', resource),
    ...healthEvidence(context.health.converter, 'converter', resource),
    ...conditionEvidence(findCondition(resource.status?.conditions, 'Ready')),
  ];
  return seen.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
}

function observed({ resource, observation, source, context }: Inspection): readonly Evidence[] {
  // Without a controller nothing was seen: the observation is an empty one.
  if (source === 'state') return [];
  switch (resource.kind) {
    case 'WebPageRecording':
      return recordingEvidence(observation as RecordingObservation);
    case 'RtmpConverter':
      return converterEvidence(observation as ConverterObservation, resource, context.sweep);
    case 'AgoraProject':
      return sweepEvidence(observation as ProjectObservation);
  }
}

function recordingEvidence({ looks = {}, updatedAt, notices = [], page }: RecordingObservation): readonly Evidence[] {
  const told = notices.flatMap(({ sid, end, failover, receivedAt }) => [
    { what: `a notice of sid ${sid} came`, at: receivedAt },
    ...(failover === undefined ? [] : [{ what: `a notice told that sid ${sid} was moved`, at: failover.at }]),
    ...(end === undefined ? [] : [{ what: `a notice told the end of sid ${sid}`, at: end.at }]),
  ]);
  const updates = updatedAt === undefined ? [] : [{ what: 'an update was sent', at: updatedAt }];
  const seen = Object.values(looks).flatMap((look) => {
    const status =
      look.status === undefined ? '' : ` status ${look.status} (${QUERY_STATUS[look.status] ?? 'unknown'})`;
    const what = `query of attempt ${look.attempt} answered${status}`;
    const { uncertain } = look;
    return [
      ...(look.answeredAt === undefined ? [] : [{ what, at: look.answeredAt }]),
      ...(uncertain === undefined
        ? []
        : [{ what: `${uncertain.count} queries told nothing`, at: instant(uncertain.lastAt) }]),
    ];
  });
  return [...updates, ...seen, ...told, ...(page === undefined ? [] : pageEvidence(page))];
}

/** WR-8, WR-12: what the page of the current attempt said last, and when it was last well. */
function pageEvidence({
  attempt,
  reportedAt,
  faults,
  scriptErrors,
  readyAt,
  goodAt,
  reloadedAt,
}: PageSeen): readonly Evidence[] {
  const wrong = [...faults, ...(scriptErrors ? ['errors in its scripts'] : [])].join(', ');
  const state = readyAt === undefined ? 'that it is loading' : wrong === '' ? 'that all is as declared' : wrong;
  return [
    { what: `the page of attempt ${attempt} reported ${state}`, at: reportedAt },
    ...(goodAt === undefined || goodAt === reportedAt
      ? []
      : [{ what: `the page of attempt ${attempt} was last well`, at: goodAt }]),
    ...(reloadedAt === undefined ? [] : [{ what: `the page of attempt ${attempt} was loaded anew`, at: reloadedAt }]),
  ];
}

function converterEvidence(
  { looks, updatedAt, notices = [] }: ConverterObservation,
  resource: Resource,
  sweep: Inspection['context']['sweep'],
): readonly Evidence[] {
  const gets = Object.entries(looks).flatMap(([attempt, look]) => [
    { what: `Get of attempt ${attempt} was answered`, at: look.answeredAt },
    ...(look.goodAt === undefined ? [] : [{ what: `Get of attempt ${attempt} showed it alive`, at: look.goodAt }]),
  ]);
  const tasks = tasksOf(resource.status as TaskStatus<TaskBase & { readonly converterId?: string }>);
  const listed = tasks.flatMap(({ attempt, converterId }) => {
    const row = converterId === undefined ? undefined : sweep.rows.get(converterId.toLowerCase());
    if (row === undefined || sweep.begunAt === undefined) return [];
    return [{ what: `the list shows attempt ${attempt} ${row.state}`, at: sweep.begunAt }];
  });
  const updates = updatedAt === undefined ? [] : [{ what: 'an update was sent', at: updatedAt }];
  const told = notices.flatMap(({ converterId, receivedAt, destroyed }) => [
    { what: `a notice of converter ${converterId} came`, at: receivedAt },
    ...(destroyed === undefined
      ? []
      : [{ what: `a notice told the end of converter ${converterId}`, at: destroyed.at }]),
  ]);
  return [...gets, ...listed, ...updates, ...told];
}

function sweepEvidence({ sweep, failures }: ProjectObservation): readonly Evidence[] {
  const begun =
    sweep.begunAt === undefined
      ? []
      : [{ what: `a complete list of ${sweep.rows.size} converter(s) was read`, at: sweep.begunAt }];
  const failed =
    failures === undefined ? [] : [{ what: `list failed: ${failures.kind}`, at: instant(failures.lastAt) }];
  return [...begun, ...failed];
}

/** What the status keeps of an entry's looks and failures. */
function entryEvidence(task: TaskBase): readonly Evidence[] {
  const { attempt, missingSince, missingLooks = 0, failures, runningSince, lostAt, intent } = task;
  const found: Evidence[] = [];
  if (runningSince !== undefined)
    found.push({ what: `attempt ${attempt} was first seen running`, at: instant(runningSince) });
  if (missingSince !== undefined)
    found.push({
      what: `${missingLooks} look(s) at attempt ${attempt} answered 404 since then`,
      at: instant(missingSince),
    });
  if (failures !== undefined && failures.kind !== 'missing')
    found.push({
      what: `${failures.count + (failures.network ?? 0)} failure(s) in a row of attempt ${attempt}, the last of kind ${failures.kind}`,
      at: instant(failures.lastAt),
    });
  if (lostAt !== undefined) found.push({ what: `attempt ${attempt} was concluded gone`, at: instant(lostAt) });
  if (intent !== undefined)
    found.push({ what: `${intent.call} of attempt ${attempt} was about to be sent`, at: instant(intent.at) });
  return found;
}

function healthEvidence(health: ServiceHealth, service: string, resource: Resource): readonly Evidence[] {
  const own = resource.kind === 'WebPageRecording' ? 'recording' : 'converter';
  if (resource.kind !== 'AgoraProject' && own !== service) return [];
  const { failingSince, refused } = health;
  return [
    ...(failingSince === undefined ? [] : [{ what: `every ${service} call has failed since then`, at: failingSince }]),
    ...(refused === undefined ? [] : [{ what: `${service} calls were refused: ${refused.kind}`, at: refused.at }]),
  ];
}

const conditionEvidence = (ready: Condition | undefined): readonly Evidence[] =>
  ready === undefined
    ? []
    : [{ what: `Ready has been ${ready.status} since then`, at: instant(ready.lastTransitionTime) }];

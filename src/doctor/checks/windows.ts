import { deletionRequested } from '../../core/resource.ts';
import { type Instant, instant, seconds, timestamp } from '../../core/time.ts';
import { CONFIRM_LADDER, confirmWindowMs, FIRST_QUERY_MS } from '../../kinds/recording/timing.ts';
import type { Facts, ProjectFacts, TaskResource } from '../facts.ts';
import { about, type Finding, judged, orPass, pass } from '../finding.ts';
import { counted, spanText } from '../texts.ts';
import { tasksIn, windowOf } from '../wanted.ts';

/** A converter connects to channel and CDN within seconds; its looks come after 2, 3, 5, 10 and 15 s. */
const CONVERTER_START_MS = seconds(35);

/** Windows that are over, missed, too late, or too short for a start to be confirmed in them (WR-7, WR-10). */
export const windows = ({ projects, at, statuses }: Facts): readonly Finding[] =>
  projects.flatMap((facts) => ofProject(facts, { at, isKnown: statuses !== 'none' }));

function ofProject(facts: ProjectFacts, now: { readonly at: Instant; readonly isKnown: boolean }): readonly Finding[] {
  const { project } = facts;
  const scheduled = tasksIn(facts).filter(
    (resource) => resource.spec.schedule !== undefined && !deletionRequested(resource),
  );
  if (scheduled.length === 0) return [];
  const findings = scheduled.flatMap((resource) => {
    const found = judge(resource, now);
    return found === undefined ? [] : [judged('windows', found.verdict, found, about(project, resource))];
  });
  return orPass(findings, pass('windows', `${counted(scheduled.length, 'window')} can be kept`, about(project)));
}

interface Said {
  readonly verdict: 'warn' | 'fail';
  readonly fact: string;
  readonly action: string;
}

function judge(
  resource: TaskResource,
  { at, isKnown }: { readonly at: Instant; readonly isKnown: boolean },
): Said | undefined {
  const { name } = resource.metadata;
  const { startAt, stopAt } = windowOf(resource);
  if (stopAt === Infinity) return undefined;
  const ranAt = instant(resource.status?.lastRanAt);
  if (stopAt <= at) {
    if (ranAt !== undefined && ranAt >= startAt) return undefined;
    return {
      verdict: isKnown ? 'fail' : 'warn',
      fact: `the window of ${name} ended at ${timestamp(stopAt)}${isKnown ? ' and it never ran in it' : ''}`,
      action: 'Declare a new window, or delete the resource.',
    };
  }
  const needed = startUpMs(resource);
  if (stopAt - startAt < needed)
    return {
      verdict: 'fail',
      fact: `the window of ${name} lasts ${spanText(stopAt - startAt)}, and a start takes up to ${spanText(needed)} to be confirmed`,
      action: 'Make the window longer.',
    };
  if (startAt <= at && stopAt - at < needed && ranAt === undefined)
    return {
      verdict: 'fail',
      fact: `the window of ${name} ends in ${spanText(stopAt - at)}, and a start takes up to ${spanText(needed)} to be confirmed`,
      action: 'Set stopAt to a later instant, if it is still wanted.',
    };
  return undefined;
}

/** From the start to the latest look that may confirm it; a watched page has to have reported ready by then. */
export function startUpMs(resource: TaskResource): number {
  if (resource.kind === 'RtmpConverter') return CONVERTER_START_MS;
  const { readyTimeout = 0, pageWatch } = resource.spec;
  const ladder = CONFIRM_LADDER.reduce((sum, wait) => sum + wait, FIRST_QUERY_MS);
  return Math.max(ladder, confirmWindowMs(readyTimeout), seconds(pageWatch?.readyWithinSeconds ?? 0));
}

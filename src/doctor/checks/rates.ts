import type { RateLimit } from '../../limits/slot.ts';
import type { PlannedRate } from '../../plan/planned.ts';
import { type Caller, ratesOf } from '../../plan/rates.ts';
import type { Facts, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';
import { spanText } from '../texts.ts';
import { byAppId, isWanted, tasksIn } from '../wanted.ts';

/** Above this share of a limit nothing is left for retries, stops and whoever else calls with the App ID. */
export const FULL_SHARE = 0.8;
/** A mass start that takes longer than this keeps viewers waiting. */
export const SLOW_START_SECONDS = 60;

/** WR-2, MP-1: calls a second once everything is steady, and how long all starts at once would take. */
export const rates = ({ projects, at }: Facts): readonly Finding[] =>
  byAppId(projects).flatMap((group) => {
    const [{ project, limits }] = group;
    const callers = group.flatMap((each) => callersOf(each, at));
    return ratesOf(callers, () => limits).map((rate) => ({ ...judge(rate), ...about(project) }));
  });

/** Everything that is wanted now or later, as if it began at one moment. */
const callersOf = (facts: ProjectFacts, at: number): readonly Caller[] =>
  tasksIn(facts)
    .filter((resource) => isWanted(resource, at))
    .map(({ kind }) => ({
      appId: facts.project.spec.appId,
      service: kind === 'RtmpConverter' ? 'converter' : 'recording',
      action: 'create',
      runs: true,
      live: false,
      waits: false,
    }));

function judge({ limit, allowed, perSeconds, steadyPerSecond, rolloutCalls, rolloutSeconds }: PlannedRate): Finding {
  const steady = steadyPerSecond * perSeconds;
  const atOnce =
    rolloutCalls === 0
      ? ''
      : `, ${rolloutCalls} to start all at once${rolloutSeconds < 1 ? '' : ` (${spanText(rolloutSeconds * 1_000)} at least)`}`;
  const fact = `${NAMES[limit]} ${rounded(steady)} of ${allowed}${perSeconds === 1 ? '' : ` in ${perSeconds} s`} when steady${atOnce}`;
  if (steady > allowed)
    return judged('rates', 'fail', {
      fact,
      action:
        'Spread the resources over several App IDs, or ask Agora to raise the limit and declare it in spec.limits.',
    });
  if (steady > FULL_SHARE * allowed)
    return judged('rates', 'warn', {
      fact,
      action: 'Leave room for retries and for what else calls with this App ID: ask Agora to raise the limit.',
    });
  if (rolloutSeconds > SLOW_START_SECONDS)
    return judged('rates', 'warn', {
      fact,
      action:
        'Begin windows a little apart or earlier, give priority to what must run first, or ask Agora to raise the limit.',
    });
  return pass('rates', fact);
}

const rounded = (calls: number): string => String(Number(calls.toPrecision(2)));

const NAMES: Readonly<Record<RateLimit, string>> = {
  recording: 'recording calls',
  'converter-create': 'converter creates',
  'converter-delete': 'converter deletes',
  'converter-update': 'converter updates',
  'converter-get': 'converter gets',
  'converter-list': 'converter lists',
};

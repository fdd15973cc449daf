import type { DomainFact, Facts, ProjectFacts } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

/** The other main domain is nearer by so much that the declared location is probably wrong. */
export const FACTOR = 2;
export const DIFFERENCE_MS = 100;

/** MP-11: the main domain is chosen by where the controller runs; the latency of both tells where that is. */
export const location = ({ projects }: Facts): readonly Finding[] => projects.flatMap(ofProject);

function ofProject({ project, domains }: ProjectFacts): readonly Finding[] {
  const primary = domains.find(({ role }) => role === 'primary');
  const alternate = domains.find(({ role }) => role === 'alternate');
  const [here, there] = [msOf(primary), msOf(alternate)];
  if (there === undefined) return [];
  const { location: declared } = project.spec;
  const other = declared === 'Global' ? 'MainlandChina' : 'Global';
  if (here === undefined || (here > FACTOR * there && here - there > DIFFERENCE_MS))
    return [
      judged(
        'location',
        'warn',
        {
          fact: `spec.location is ${declared}, but the main domain of ${other} ${here === undefined ? 'answers and this one does not' : `is nearer: ${Math.round(there)} ms against ${Math.round(here)} ms`}`,
          action: `If the controller runs ${other === 'MainlandChina' ? 'in' : 'outside of'} mainland China set spec.location to ${other}.`,
        },
        about(project),
      ),
    ];
  return [pass('location', `${declared} fits the latencies of both main domains`, about(project))];
}

const msOf = (domain: DomainFact | undefined): number | undefined =>
  domain?.probe.outcome === 'answered' ? domain.probe.totalMs : undefined;

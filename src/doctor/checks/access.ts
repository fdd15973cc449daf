import type { AccessFacts, Facts, RightFact } from '../facts.ts';
import { type Finding, judged, pass } from '../finding.ts';
import { few } from '../texts.ts';

/** What the controller's ServiceAccount may do, or, where none is found, whoever runs doctor. */
export function access({ cluster }: Facts): readonly Finding[] {
  if (cluster === undefined) return [];
  const { who, rights } = cluster.access;
  const name = who.is === 'controller' ? who.name : `you (${who.name})`;
  const denied = (need: RightFact['need']): readonly RightFact[] =>
    rights.filter((right) => right.state === 'denied' && right.need === need);
  const findings = [
    ...refusal(denied('required'), name, 'fail', who.is),
    ...refusal(denied('helpful'), name, 'warn', who.is),
  ];
  if (rights.some(({ state }) => state === 'unknown'))
    findings.push(
      judged('access', 'skip', {
        fact: `you may not ask what ${name} may do`,
        action: 'Run doctor as somebody who may create subjectaccessreviews, or: kubectl auth can-i --list --as NAME',
      }),
    );
  return findings.length > 0 ? findings : [pass('access', `${name} may do all that a controller does`)];
}

function refusal(
  rights: readonly RightFact[],
  name: string,
  verdict: 'warn' | 'fail',
  who: AccessFacts['who']['is'],
): readonly Finding[] {
  if (rights.length === 0) return [];
  const byResource = Map.groupBy(rights, ({ resource, namespace }) =>
    namespace === undefined ? resource : `${resource} in ${namespace}`,
  );
  const what = [...byResource].map(([resource, all]) => `${all.map(({ verb }) => verb).join('/')} ${resource}`);
  return [
    judged('access', verdict, {
      fact: `${name} may not ${few(what)}`,
      action:
        who === 'controller'
          ? 'Bind the roles of manifests/overlays, cluster-wide or namespaced, to that ServiceAccount.'
          : 'Install the controller with its roles, or run it as somebody with these rights.',
    }),
  ];
}

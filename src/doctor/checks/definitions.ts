import type { DefinitionFact, Facts } from '../facts.ts';
import { type Finding, judged, pass } from '../finding.ts';

const APPLY = 'agora-reconciler crds | kubectl apply --server-side -f -';

/** The kinds are installed, and as this version knows them: a field that the cluster lacks is dropped without a word. */
export function definitions({ cluster }: Facts): readonly Finding[] {
  if (cluster === undefined) return [];
  const findings = cluster.definitions.flatMap((each) => definition(each));
  return findings.length > 0 ? findings : [pass('definitions', 'installed, and of this version')];
}

function definition({ kind, state, at, lacks }: DefinitionFact): readonly Finding[] {
  switch (state) {
    case 'same':
      return [];
    case 'absent':
      return [
        judged('definitions', 'fail', { fact: `the cluster does not know ${kind}`, action: `Install it: ${APPLY}` }),
      ];
    case 'unreadable':
      return [
        judged('definitions', 'skip', {
          fact: `${kind} is served; you may not read its definition, so that its version is not known`,
          action: 'Run doctor as somebody who may get customresourcedefinitions.',
        }),
      ];
    case 'differs':
      return [
        judged('definitions', lacks === true ? 'fail' : 'warn', {
          fact: `the definition of ${kind} is of another version: ${at ?? 'something'} ${lacks === true ? 'is missing in the cluster' : 'differs'}`,
          action: `Upgrade the definitions before the controller: ${APPLY}`,
        }),
      ];
  }
}

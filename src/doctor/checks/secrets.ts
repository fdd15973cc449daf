import { splitKey } from '../../core/resource.ts';
import type { Facts, ProjectFacts, SecretFact } from '../facts.ts';
import { about, type Finding, judged, pass } from '../finding.ts';

/** Every reference is served, and no value has the mistakes that are made by hand. One line a key, however many use it. */
export const secrets = ({ projects, statuses }: Facts): readonly Finding[] =>
  projects.flatMap((facts) => ofProject(facts, UNREADABLE[statuses]));

/** Whose right it would take to read a value. */
const FORBIDDEN: Unreadable = {
  fact: 'you may not read it',
  action: 'Run doctor as somebody who may get this Secret, or look whether the key is there.',
};

const UNREADABLE: Readonly<Record<Facts['statuses'], Unreadable>> = {
  none: { fact: 'its value is not known', action: 'Name its manifest with -f.' },
  state: {
    fact: 'a state holds no values of Secrets',
    action: 'Name the manifests with -f, or set the environment that watch runs with.',
  },
  cluster: FORBIDDEN,
  namespace: FORBIDDEN,
};

interface Unreadable {
  readonly fact: string;
  readonly action: string;
}

function ofProject({ project, secrets: all }: ProjectFacts, unreadable: Unreadable): readonly Finding[] {
  const byKey = [...Map.groupBy(all, ({ name, key }) => `${name}/${key}`).values()];
  const findings = byKey.flatMap((uses) =>
    judge(uses, unreadable).map((verdict) => ({ ...verdict, ...about(project) })),
  );
  if (findings.length > 0) return findings;
  return [pass('secrets', `${byKey.length} ${byKey.length === 1 ? 'key is' : 'keys are'} there`, about(project))];
}

function judge(uses: readonly SecretFact[], unreadable: Unreadable): readonly Finding[] {
  const [first] = uses;
  if (first === undefined) return [];
  const { name, key, state, owner, field } = first;
  const { namespace } = splitKey(owner);
  const what = `Secret ${name}, key ${key} (${field} of ${shown(first)}${more(uses)})`;
  switch (state) {
    case 'absent':
      return [
        judged('secrets', 'fail', {
          fact: `${what}: is not there`,
          action: `Put the key into Secret ${name} in namespace ${namespace}; without a cluster the variable ${variable(namespace, name, key)} serves as well.`,
        }),
      ];
    case 'unreadable':
      return [judged('secrets', 'skip', { fact: `${what}: ${unreadable.fact}`, action: unreadable.action })];
    case 'there':
      return uses
        .filter((use, index) => uses.findIndex(({ fault }) => fault?.text === use.fault?.text) === index)
        .flatMap(({ fault }) =>
          fault === undefined
            ? []
            : [
                judged('secrets', fault.severity, {
                  fact: `${what}: ${fault.text}`,
                  action: `Put a right value into key ${key} of Secret ${name}.`,
                }),
              ],
        );
  }
}

const shown = ({ owner }: SecretFact): string => {
  const { kind, name } = splitKey(owner);
  return `${kind} ${name}`;
};

function more(uses: readonly SecretFact[]): string {
  const others = new Set(uses.map(({ owner }) => owner)).size - 1;
  return others === 0 ? '' : ` and ${others} more`;
}

/** As files mode looks values up (design §4). */
const variable = (namespace: string, name: string, key: string): string =>
  `AGORA_SECRET_${namespace}_${name}_${key}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');

import { parse } from 'yaml';
import { sameData } from '../../core/equal.ts';
import { API_GROUP, API_VERSION, KIND_NAMES, type KindName } from '../../core/resource.ts';
import type { DefinitionFact } from '../../doctor/facts.ts';
import type { Turns } from '../../doctor/gather/turns.ts';
import { readCrdTexts } from '../../hosts/files/crd-files.ts';
import { member } from '../../hosts/kubernetes/api-error.ts';
import { PLURALS } from '../../hosts/kubernetes/kinds.ts';
import type { Connection } from './connection.ts';
import { look } from './look.ts';

/** The definitions of the cluster against those that this version ships. */
export async function definitionsOf(cluster: Connection, turns: Turns): Promise<readonly DefinitionFact[]> {
  const shipped = readCrdTexts();
  return Promise.all(KIND_NAMES.map((kind) => definitionOf(cluster, { kind, text: shipped.get(kind) ?? '' }, turns)));
}

async function definitionOf(
  cluster: Connection,
  { kind, text }: { readonly kind: KindName; readonly text: string },
  turns: Turns,
): Promise<DefinitionFact> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${PLURALS[kind]}.${API_GROUP}`;
  const answer = await look(cluster, path, turns);
  if (answer === undefined) return { kind, state: 'unreadable' };
  if ('status' in answer) return { kind, state: answer.status === 404 ? 'absent' : 'unreadable' };
  const difference = firstDifference(schemaIn(parse(text)), schemaIn(answer.body), '');
  return difference === undefined ? { kind, state: 'same' } : { kind, state: 'differs', ...difference };
}

const VERSION = API_VERSION.slice(API_GROUP.length + 1);

function schemaIn(definition: unknown): unknown {
  const { versions } = member(member(definition)['spec']);
  const version = (Array.isArray(versions) ? versions : []).map(member).find(({ name }) => name === VERSION);
  return member(version?.['schema'])['openAPIV3Schema'];
}

/** Where `theirs` first is not as `ours`; texts for people are no difference. A field that they lack comes first: it is pruned. */
export function firstDifference(
  ours: unknown,
  theirs: unknown,
  path: string,
): { readonly at: string; readonly lacks: boolean } | undefined {
  if (sameData(ours, theirs)) return undefined;
  const [mine, other] = [member(ours)['properties'], member(theirs)['properties']].map(member) as [
    Readonly<Record<string, unknown>>,
    Readonly<Record<string, unknown>>,
  ];
  const lacking = Object.keys(mine).find((name) => !(name in other));
  if (lacking !== undefined) return { at: `${path}.${lacking}`.replace(/^\./, ''), lacks: true };
  const inner = Object.keys(mine)
    .map((name) => firstDifference(mine[name], other[name], `${path}.${name}`))
    .filter((found) => found !== undefined);
  const deeper = [
    ...inner,
    ...[firstDifference(member(ours)['items'], member(theirs)['items'], `${path}[]`)].filter(
      (found) => found !== undefined,
    ),
  ];
  const worst = deeper.find(({ lacks }) => lacks) ?? deeper[0];
  if (worst !== undefined) return { ...worst, at: worst.at.replace(/^\./, '') };
  return sameData(ownRules(ours), ownRules(theirs))
    ? undefined
    : { at: path.replace(/^\./, '') || 'the schema', lacks: false };
}

/** What a schema says of itself, without its parts and without words for people. */
function ownRules(schema: unknown): object {
  const { properties, items: _items, description: _description, title: _title, ...rules } = member(schema);
  return { ...rules, properties: Object.keys(member(properties)).sort() };
}

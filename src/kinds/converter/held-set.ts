import type { Claims } from '../../limits/slot.ts';
import { tasksOf } from '../task.ts';
import { held as heldByLine } from './held.ts';
import { isSet, type Member, membersOf, modeOf } from './members.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterTask } from './types.ts';
import { viewOf } from './view.ts';

/**
 * What a resource holds. Each output holds its slot; the priorities of a Standby hold one as a whole, and one more while two of
 * them may live (MP-8, MP-9). Names and users are everybody's own.
 */
export function held(resource: ConverterResource): Claims {
  if (!isSet(resource)) return heldByLine(resource);
  const members = membersOf(resource);
  const lines = members.map((member) => ({ member, claims: heldByLine(viewOf(resource, member)) }));
  const asOne = members.filter(({ declared }) => declared && modeOf(resource) === 'Standby');
  const apart = lines.filter(({ member }) => !asOne.includes(member));
  return {
    slots: [...together(resource, asOne), ...apart.flatMap(({ claims }) => claims.slots)],
    names: [...new Set(lines.flatMap(({ claims }) => claims.names))],
  };
}

/** The tasks of these members as one line: one is the main one, the others are besides. */
function together(resource: ConverterResource, members: readonly Member[]): Claims['slots'] {
  const [first] = members;
  if (first === undefined) return [];
  const view = viewOf(resource, first);
  const names = new Set(members.map(({ name }) => name));
  const tasks = tasksOf<ConverterTask>(resource.status).filter(({ member }) => names.has(member));
  return heldByLine({ ...view, status: { observedGeneration: 0, conditions: [], ...view.status, tasks } }).slots;
}

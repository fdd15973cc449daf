import type { ConverterRow } from '../agora/answer.ts';
import { isNameOf } from '../kinds/converter/name.ts';
import type { Converter, Facts, ProjectFacts } from './facts.ts';
import { tasksOfConverter } from './members.ts';
import type { byAppId } from './wanted.ts';

export interface ForeignRow {
  readonly row: ConverterRow;
  /** The declaration whose name it has. */
  readonly claimant?: Converter;
}

/** Are all tasks under an App ID that are ours known, so that another is not? */
export const knowsOwn = (statuses: Facts['statuses']): boolean => statuses === 'state' || statuses === 'cluster';

/** Converters that Agora lists for an App ID and that no status lists (design §5.4); undefined where the list is not known. */
export function foreignRows(group: ReturnType<typeof byAppId>[number]): readonly ForeignRow[] | undefined {
  const look = group.find(({ converterLook }) => converterLook.asked && converterLook.answer.ok)?.converterLook;
  if (look === undefined || !look.asked || !look.answer.ok) return undefined;
  const own = new Set(group.flatMap(({ ownIds }) => [...ownIds]));
  const tasks = group.flatMap((each: ProjectFacts) => each.converters.flatMap(tasksOfConverter));
  return look.answer.value.rows
    .filter(({ id, state }) => !own.has(id.toLowerCase()) && state !== 'failed')
    .map((row) => {
      const claimant = tasks.find(({ name }) => row.name !== '' && isNameOf(name, row.name));
      return { row, ...(claimant === undefined ? {} : { claimant: claimant.converter }) };
    });
}

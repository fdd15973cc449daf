import { membersOf } from '../kinds/converter/members.ts';
import { baseNameOf } from '../kinds/converter/name.ts';
import type { ConverterSpec } from '../kinds/converter/types.ts';
import type { Converter } from './facts.ts';

/** Beyond it nothing can be added to a name (design §4). */
export const LONGEST_BASE = 44;

/** One task that a converter's declaration asks for, or may ask for: itself, or a member of its redundant set (MP-8, MP-9). */
export interface DeclaredTask {
  readonly converter: Converter;
  /** At Agora. */
  readonly name: string;
  readonly spec: ConverterSpec;
}

/** A set whose name is too long for its members' names has none yet: that is a finding of its own. */
export function tasksOfConverter(converter: Converter): readonly DeclaredTask[] {
  const base = baseNameOf(converter);
  const { spec } = converter;
  if (spec.redundancy === undefined || base.length > LONGEST_BASE) return [{ converter, name: base, spec }];
  return membersOf(converter)
    .filter(({ declared }) => declared)
    .map((member) => ({ converter, name: member.spec.name ?? base, spec: member.spec }));
}

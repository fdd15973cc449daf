import type { Finding } from './findings.ts';

/** One place that declares something. */
export interface Candidate<Value> {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly value: Value;
}

export interface Duplicate<Name extends string> {
  readonly key: Name;
  readonly candidates: readonly Candidate<unknown>[];
  /** The one that stays in force; undefined where none is known to have come first. */
  readonly first: Candidate<unknown> | undefined;
}

export interface Choice<Name extends string, Value> {
  readonly chosen: ReadonlyMap<Name, Candidate<Value>>;
  /** Declared more than once and none of the places chosen: what is accepted stays as it is. */
  readonly refused: ReadonlySet<Name>;
  readonly duplicates: readonly Duplicate<Name>[];
}

/** Of several places that declare the same, the one that the accepted declaration came from stays; never a guess. */
export function choose<Name extends string, Value>(
  all: ReadonlyMap<Name, readonly Candidate<Value>[]>,
  source: (key: Name) => string | undefined,
): Choice<Name, Value> {
  const chosen = new Map<Name, Candidate<Value>>();
  const refused = new Set<Name>();
  const duplicates: Duplicate<Name>[] = [];
  for (const [key, candidates] of all) {
    const known = candidates.filter(({ path }) => path === source(key));
    const [first] = candidates.length === 1 ? candidates : known.length === 1 ? known : [];
    if (first === undefined) refused.add(key);
    else chosen.set(key, first);
    if (candidates.length > 1) duplicates.push({ key, candidates, first });
  }
  return { chosen, refused, duplicates };
}

/** One finding for each place that is refused; each names another place. */
export function duplicateFindings(what: string, { candidates, first }: Duplicate<string>): readonly Finding[] {
  return candidates.flatMap((candidate) => {
    if (candidate === first) return [];
    const other = first ?? candidates.find((one) => one !== candidate);
    if (other === undefined) return [];
    const fate = first ? 'which stays in force' : 'and none of them was known before';
    return [
      {
        file: candidate.path,
        line: candidate.line,
        column: candidate.column,
        field: 'metadata.name',
        message: `${what} is declared in ${other.path}:${other.line} too, ${fate}`,
        advice: 'remove or rename one of them',
        severity: 'error',
      },
    ];
  });
}

/** Numbers that have come, as runs without a hole, in order: `[[0, 4], [7, 7]]`. */
export type Sequences = readonly (readonly [first: number, last: number])[];

/** A `sid` whose notices have more holes than this tells nothing by one more. */
const MOST_RUNS = 8;

/** In whatever order they come, and however often: the same numbers make the same runs. */
export function withSequence(runs: Sequences, sequence: number): Sequences {
  const touches = ([first, last]: readonly [number, number]): boolean => sequence >= first - 1 && sequence <= last + 1;
  const joined = runs.filter(touches);
  const run: readonly [number, number] = [
    Math.min(sequence, ...joined.map(([first]) => first)),
    Math.max(sequence, ...joined.map(([, last]) => last)),
  ];
  const others = runs.filter((each) => !touches(each));
  return [...others, run].toSorted(([a], [b]) => a - b).slice(-MOST_RUNS);
}

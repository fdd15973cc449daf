import stringWidth from 'string-width';
import { padded, shortened } from './text.ts';

export interface Column {
  readonly head: string;
  /** May give way, down to its head and this many columns, where the table is too wide. */
  readonly shrinkTo?: number;
}

/** Between two columns, as kubectl has it; the narrower one where the table is too wide otherwise. */
const GAPS = ['   ', '  ', ' '];

/**
 * Lines of a table without borders. With `columns` it is made to fit: smaller gaps first, then the columns that may
 * give way, the widest first. Without, nothing is cut: for `-o wide` and for pipes.
 */
export function table(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly columns?: number } = {},
): readonly string[] {
  const natural = heads.map(({ head }, index) =>
    Math.max(stringWidth(head), ...rows.map((row) => stringWidth(row[index] ?? ''))),
  );
  const { gap, widths } = fit(heads, natural, options.columns ?? Number.POSITIVE_INFINITY);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, index) => padded(shortened(cells[index] ?? '', width), width))
      .join(gap)
      .trimEnd();
  return [line(heads.map(({ head }) => head)), ...rows.map(line)];
}

function fit(
  heads: readonly Column[],
  natural: readonly number[],
  columns: number,
): { readonly gap: string; readonly widths: readonly number[] } {
  const sum = natural.reduce((all, width) => all + width, 0);
  const total = (gap: string): number => sum + gap.length * (natural.length - 1);
  const gap = GAPS.find((each) => total(each) <= columns) ?? ' ';
  const widths = [...natural];
  for (let excess = total(gap) - columns; excess > 0; excess -= 1) {
    const index = widest(heads, widths);
    if (index === undefined) break;
    widths[index] = (widths[index] ?? 1) - 1;
  }
  return { gap, widths };
}

function widest(heads: readonly Column[], widths: readonly number[]): number | undefined {
  let best: number | undefined;
  for (const [index, { head, shrinkTo }] of heads.entries()) {
    const width = widths[index] ?? 0;
    if (shrinkTo === undefined || width <= Math.max(shrinkTo, stringWidth(head))) continue;
    if (best === undefined || width > (widths[best] ?? 0)) best = index;
  }
  return best;
}

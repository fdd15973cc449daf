import { padded, wrapped } from './text.ts';

/** One line of a `Label   text` list; continued lines stand below the text. */
export interface Labelled {
  readonly label: string;
  readonly text: string;
}

const WIDEST_LABEL = 24;

/** A list of labels and texts that fits `columns`; a label that is longer than usual has a line of its own. */
export function labelled(rows: readonly Labelled[], columns: number, indent = ''): readonly string[] {
  const width = Math.min(WIDEST_LABEL, Math.max(0, ...rows.map(({ label }) => label.length)));
  return rows.flatMap(({ label, text }) => {
    const gap = `${indent}${' '.repeat(width)}  `;
    if (label.length > width) return [`${indent}${label}`, ...wrapped(text, columns, { indent: gap })];
    return wrapped(text, columns, { indent: gap, first: `${indent}${padded(label, width)}  ` });
  });
}

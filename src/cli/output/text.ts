import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Narrower than this nothing is wrapped sensibly, so a narrower terminal gets longer lines. */
const NARROWEST = 40;

/**
 * Lines of at most `columns`, each behind `indent`; the first behind `first` where that is given. A word that is longer
 * than a line (a handle, a path) stays whole, so that it can be copied.
 */
export function wrapped(
  text: string,
  columns: number,
  { indent = '', first = indent }: { readonly indent?: string; readonly first?: string } = {},
): readonly string[] {
  const width = Math.max(columns, NARROWEST) - stringWidth(indent);
  const lines = wrapAnsi(text, width, { hard: false, trim: true }).split('\n');
  return lines.map((line, index) => `${index === 0 ? first : indent}${line}`.trimEnd());
}

/** At most `width` columns; what is cut out of the middle is shown as `…`, so that both ends can be told. */
export function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const room = Math.max(width - 1, 1);
  const letters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  let head = '';
  let tail = '';
  while (letters.length > 0) {
    const fromHead = stringWidth(head) <= stringWidth(tail);
    const letter = fromHead ? letters.shift() : letters.pop();
    if (letter === undefined || stringWidth(head + tail + letter) > room) break;
    if (fromHead) head += letter;
    else tail = letter + tail;
  }
  return `${head}…${tail}`;
}

export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));

/** `1 resource`, `3 resources`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

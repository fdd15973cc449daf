import { styleText } from 'node:util';

/** Marks for a terminal; each returns the text as it is where colours are off (`NO_COLOR`, a pipe). */
export interface Paint {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

export function createPaint({ colours }: { readonly colours: boolean }): Paint {
  // Whether to colour was decided once, for `stdout`; Node is not to look at the stream again.
  const with_ = (format: Format) => (text: string) =>
    colours && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return { good: with_('green'), warn: with_('yellow'), bad: with_('red'), dim: with_('dim'), bold: with_('bold') };
}

import type { Finding } from './findings.ts';
import type { ScannedFile } from './scan.ts';

/**
 * A file that was cut off in the middle can still be good YAML, and then declares something else. It is told from an
 * edit by this: it is the beginning of the text that was good before and stops within a line, or it is empty. `before`
 * is that text, of a file that declared something.
 */
export function cutFinding({ path, text }: ScannedFile, before: string): Finding | undefined {
  if (!before.startsWith(text) || before === text || text.endsWith('\n')) return undefined;
  if (text !== '' && !before.endsWith('\n') && before[text.length] === '\n') return undefined;
  const lines = text.split('\n');
  return {
    file: path,
    line: lines.length,
    column: (lines.at(-1) ?? '').length + 1,
    field: '',
    message: text === '' ? 'the file is empty now' : 'the file ends in the middle of a line that was longer before',
    advice: text === '' ? 'delete the file to remove what it declared' : 'end it with a line end if this is meant',
    severity: 'error',
  };
}

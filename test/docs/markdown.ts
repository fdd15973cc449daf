import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The text of a file of the repository. */
export const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** Every page for readers, by its path in the repository. */
export const pages = (): readonly string[] => [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export interface Fence {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

/** The fenced blocks of a page. */
export const fences = (markdown: string): readonly Fence[] =>
  [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    line: markdown.slice(0, match.index).split('\n').length,
    text: match[2] ?? '',
  }));

/** A page without its fenced blocks. */
export const prose = (markdown: string): string => markdown.replace(/^```\w*\n.*?^```$/gms, '');

/** The cells of each row of a page's tables, headers left out. */
export function tableRows(markdown: string): readonly (readonly string[])[] {
  const lines = prose(markdown).split('\n');
  return lines
    .filter((line, index) => line.startsWith('| ') && !isRuler(line) && !isRuler(lines[index + 1] ?? ''))
    .map((line) => line.slice(2, -2).split(' | '));
}

const isRuler = (line: string): boolean => /^\|( ---+ \|)+$/.test(line);

/** What stands in backticks in a text. */
export const codeSpans = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? '');

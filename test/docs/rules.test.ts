import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeSpans, ROOT, read, tableRows } from './markdown.ts';

interface Row {
  readonly id: string;
  readonly says: string;
  readonly code: readonly string[];
  readonly tests: readonly string[];
}

const rows: readonly Row[] = tableRows(read('docs/rules.md')).map(([id = '', says = '', code = '', tests = '']) => ({
  id,
  says,
  code: codeSpans(code),
  tests: codeSpans(tests),
}));

const numbered = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

/** `MP-1` is not in `MP-12`; `WR-1 to WR-11` and `MP-8 to MP-10` name all between. */
function mentions(text: string, id: string): boolean {
  if (new RegExp(`\\b${id}\\b`).test(text)) return true;
  const [prefix = '', number = ''] = id.split('-');
  return [...text.matchAll(new RegExp(`\\b${prefix}-(\\d+) to ${prefix}-(\\d+)`, 'g'))].some(
    ([, from, to]) => Number(from) <= Number(number) && Number(number) <= Number(to),
  );
}

/** A title of describe, it, their tables, or of a row of the contract's tables, that starts with the ID. */
function hasTitle(text: string, id: string): boolean {
  const direct = new RegExp(`\\(\\s*(['"\`])${id}\\b`);
  const fromList = new RegExp(`describe\\.each\\(\\[[^\\]]*'${id}'[^\\]]*\\]\\)\\(\\s*['"\`]%s`);
  return direct.test(text) || fromList.test(text);
}

const isUndone = ({ says }: Row): boolean => says.startsWith('**not yet**');

describe('docs/rules.md', () => {
  it('has one row for every rule, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual([...numbered('WR', 12), ...numbered('MP', 28)]);
  });

  it.each(rows.filter((row) => !isUndone(row)))('$id names code and a test', ({ code, tests }) => {
    expect(code.length).toBeGreaterThan(0);
    expect(tests.length).toBeGreaterThan(0);
  });

  it.each(rows.flatMap(({ id, code }) => code.map((path) => ({ id, path }))))(
    '$id is cited by $path',
    ({ id, path }) => {
      expect(existsSync(`${ROOT}${path}`)).toBe(true);
      expect(mentions(read(path), id)).toBe(true);
    },
  );

  it.each(rows.flatMap(({ id, tests }) => tests.map((path) => ({ id, path }))))(
    '$id is the beginning of a title in $path',
    ({ id, path }) => {
      expect(existsSync(`${ROOT}${path}`)).toBe(true);
      expect(hasTitle(read(path), id)).toBe(true);
    },
  );

  it('says "not yet" exactly where a field waits for its rule or nothing is there', () => {
    const undone = rows.filter(({ says }) => says.includes('**not yet**')).map(({ id }) => id);
    expect(undone).toEqual([]);
  });
});

describe('the checks find what they look for', () => {
  it.each([
    ['MP-1', 'see MP-12', false],
    ['MP-12', 'see MP-12.', true],
    ['MP-9', 'MP-8 to MP-10', true],
    ['MP-11', 'MP-8 to MP-10', false],
  ])('%s in "%s": %s', (id, text, expected) => {
    expect(mentions(text, id)).toBe(expected);
  });

  it.each([
    ['MP-1', `describe('MP-1 fifty a second', () => {`, true],
    ['MP-1', `describe('MP-12 domains', () => {`, false],
    ['MP-1', `it('is like MP-1', () => {`, false],
    ['MP-3', `describe.each(['WR-3', 'MP-3'])('%s: classes', () => {`, true],
    ['MP-8', `  row('MP-8 two outputs', parallel('a', 'b')),`, true],
  ])('%s in %s: %s', (id, text, expected) => {
    expect(hasTitle(text, id)).toBe(expected);
  });
});

import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASONS } from '../../src/core/reasons.ts';
import { codeSpans, pages, prose, ROOT, read, tableRows } from './markdown.ts';

const isThere = (path: string): boolean => existsSync(join(ROOT, path));

/** As the usual hosts of Markdown make an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchors = (path: string): readonly string[] =>
  [...prose(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));

/** Links to other files or places, from the page that they are in. Code may look like one. */
const links = (path: string): readonly { readonly file: string; readonly anchor: string | undefined }[] =>
  [...withoutCode(prose(read(path))).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, to, anchor]) => ({
    file: to === '' || to === undefined ? path : normalize(join(dirname(path), to)),
    anchor,
  }));

const withoutCode = (text: string): string => text.replace(/`[^`\n]*`/g, '');

const PATH = /^(?:src|test|docs|crds|examples|scripts|manifests|bench)(?:\/[\w.-]+)*\/?$/;

describe.each(pages())('%s', (path) => {
  it('has links that lead somewhere', () => {
    const dead = links(path).filter(
      ({ file, anchor }) => !isThere(file) || (anchor !== undefined && !anchors(file).includes(anchor)),
    );
    expect(dead).toEqual([]);
  });

  it('names paths that exist', () => {
    const named = codeSpans(prose(read(path))).filter((span) => PATH.test(span));
    expect(named.filter((each) => !isThere(each))).toEqual([]);
  });

  it('has one title, at its beginning', () => {
    expect(prose(read(path)).match(/^# /gm)).toHaveLength(1);
    expect(read(path).startsWith('# ')).toBe(true);
  });
});

const folders = (base: string): readonly string[] =>
  readdirSync(join(ROOT, base), { recursive: true, encoding: 'utf8' })
    .map((name) => `${base}/${name}`)
    .filter((path) => statSync(join(ROOT, path)).isDirectory());

describe('docs/architecture.md', () => {
  const tree = tableRows(read('docs/architecture.md')).flatMap(([paths = '']) => codeSpans(paths));

  it('has a line for every folder of src', () => {
    expect(folders('src').filter((folder) => !tree.includes(folder))).toEqual([]);
  });
  it('has a line for every file beside them', () => {
    const files = readdirSync(join(ROOT, 'src')).filter((name) => name.endsWith('.ts'));
    expect(files.filter((name) => !tree.includes(`src/${name}`))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const asked = tableRows(read('docs/operations.md')).map(([first = '']) => codeSpans(first)[0] ?? '');
  const kinds = readdirSync(join(ROOT, 'src/kinds'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`src/kinds/${name}`));
  /** Every reason that some call of `stalled(…)` names. */
  const stalling = Object.keys(REASONS).filter((reason) =>
    kinds.some((text) => new RegExp(`stalled\\([^()]*'${reason}'`).test(text)),
  );

  it('finds the reasons that stall', () => {
    expect(stalling).toEqual(expect.arrayContaining(['ParameterRefused', 'TaskEnded', 'CredentialsRejected']));
  });
  it.each(stalling)('says what %s asks', (reason) => {
    expect(asked).toContain(reason);
  });
});

describe('docs/adr', () => {
  const names = readdirSync(join(ROOT, 'docs/adr')).sort();

  it('is numbered without a gap and without a double', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index));
  });
  it.each(names.slice(1))('%s has its number in its title, and says why', (name) => {
    const text = read(`docs/adr/${name}`);
    expect(Number(/^# (\d+)[.:]/.exec(text)?.[1])).toBe(Number(name.slice(0, 4)));
    expect(text).toMatch(/^## Context$/m);
    expect(text).toMatch(/^## Decision$/m);
    expect(text).toMatch(/^## Consequences$/m);
  });
});

describe('docs/README.md', () => {
  it('leads to every page that is not an ADR', () => {
    const listed = links('docs/README.md').map(({ file }) => file);
    const wanted = pages().filter((path) => /^docs\/(?!adr\/|README)/.test(path));
    expect(wanted.filter((path) => !listed.includes(path))).toEqual([]);
  });
});

describe('CHANGELOG.md', () => {
  it('has a section for the version of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { readonly version: string };
    expect(read('CHANGELOG.md')).toMatch(
      new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - (unreleased|\\d{4}-\\d\\d-\\d\\d)$`, 'm'),
    );
  });
});

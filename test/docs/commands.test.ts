import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fences, pages, ROOT, read, tableRows } from './markdown.ts';

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Commands in documents are run here, or what they name is checked, or they are not written. */
let base = '';
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'agora-docs-'));
  await cp(join(ROOT, 'examples'), join(base, 'examples'), { recursive: true });
  // What `get` and `support` look at. A rehearsal clears what an earlier one left.
  await run('watch examples/quickstart --simulate --speed 20 --once');
});
afterAll(() => rm(base, { recursive: true, force: true }));

function run(line: string): Promise<Ended> {
  const args = [join(ROOT, 'src/bin.ts'), ...line.split(' ')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: base, env: { ...process.env, NO_COLOR: '1' } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), text: `${stdout}${stderr}` }),
    );
  });
}

interface Line {
  readonly page: string;
  readonly line: string;
}

const lines: readonly Line[] = pages().flatMap((page) =>
  fences(read(page))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n').filter((line) => line !== ''))
    .map((line) => ({ page, line })),
);

const OURS = 'agora-reconciler ';
const ours = lines
  .filter(({ line }) => line.startsWith(OURS))
  .map((each) => ({ ...each, rest: each.line.slice(OURS.length) }));
/** Ends by itself, needs no directory of the reader's and no running controller. */
const endsByItself = (line: string): boolean =>
  !/\bDIR\b/.test(line) &&
  (/^(validate|plan|get|explain|support|crds|version)\b/.test(line) || line.includes(' --once'));
/** `plan` says with 2 that there is something to do. */
const expectedCode = (line: string): number => (line.startsWith('plan ') ? 2 : 0);

const scripts = Object.keys((JSON.parse(read('package.json')) as { readonly scripts: object }).scripts);
const scriptsOf = (line: string): readonly string[] =>
  [...line.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name ?? '').filter((name) => name !== 'ci');

describe('commands in documents', () => {
  it('of kubectl name files and folders that there are', () => {
    const named = lines
      .filter(({ line }) => line.startsWith('kubectl '))
      .flatMap(({ line }) => [...line.matchAll(/(?:-k|-f|--patch-file) (\S+)/g)].map(([, path]) => path ?? ''));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
  });

  it('are ours, npm’s, kubectl’s, or scripts of the repository', () => {
    const others = lines.filter(
      ({ line }) => !/^(agora-reconciler|npm|kubectl) /.test(line) && !/^node scripts\/[\w-]+\.ts$/.test(line),
    );
    expect(others).toEqual([]);
  });

  it.each(ours.filter(({ rest }) => endsByItself(rest)))('$page: $line', async ({ rest }) => {
    const { code, text } = await run(rest);
    expect({ code, text }).toEqual({ code: expectedCode(rest), text: expect.any(String) });
  });

  it.each(ours.filter(({ rest }) => !endsByItself(rest)))('$page: $line has flags that exist', async ({ rest }) => {
    const [command = '', ...words] = rest.split(' ');
    const { code, text } = await run(`${command} -h`);
    expect(code).toBe(0);
    const unknown = words.filter((word) => word.startsWith('-') && !text.includes(`${word} `));
    expect(unknown).toEqual([]);
  });

  it('npm scripts exist', () => {
    const named = lines.filter(({ line }) => line.startsWith('npm ')).flatMap(({ line }) => scriptsOf(line));
    expect(named).toContain('demo');
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it('npm scripts and flags named in running text exist', async () => {
    const named = pages().flatMap((page) =>
      [...read(page).matchAll(/`npm (?:run )?([\w:]+)/g)].map(([, name]) => name ?? ''),
    );
    expect(named.filter((name) => !scripts.includes(name) && !['ci', 'install', 'pack'].includes(name))).toEqual([]);
  });
});

describe('the commands of README.md', () => {
  const listed = tableRows(read('README.md')).flatMap(([command = '']) =>
    [...command.matchAll(/`([\w-]+)/g)].map(([, name]) => name ?? ''),
  );
  it('are those that there are', async () => {
    const { text } = await run('-h');
    const [, after = ''] = /Commands:\n(.*?)\n\n/s.exec(text) ?? [];
    const there = [...after.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '');
    expect(new Set(listed)).toEqual(new Set(there));
  });
});

describe('manifests in documents', () => {
  const manifests = pages().flatMap((page) =>
    fences(read(page))
      .filter(({ text }) => text.includes('apiVersion: agora-reconciler.dev/'))
      .map(({ line, text }) => ({ page, line, text })),
  );
  it('are there', () => {
    expect(manifests.map(({ page }) => page)).toContain('README.md');
  });
  it.each(manifests)('$page:$line is valid', async ({ text }) => {
    const file = join(base, 'from-a-document.yaml');
    await writeFile(file, text);
    expect(await run(`validate -f ${file}`)).toMatchObject({ code: 0 });
  });
});

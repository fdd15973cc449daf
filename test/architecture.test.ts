import { describe, expect, it } from 'vitest';
import { cycles, wrongArrows } from './architecture/arrows.ts';
import { happensAtImport, misplaced } from './architecture/layout.ts';
import { impurities, impuritiesOf } from './architecture/purity.ts';
import { parseSource, readSources } from './architecture/source.ts';

const { sources, unreadable } = readSources(new URL('../src/', import.meta.url));

describe('the shape of src (design §3, style §2)', () => {
  it('every file can be read', () => {
    expect(unreadable).toEqual([]);
    expect(sources.length).toBeGreaterThan(0);
  });
  it('imports point inwards', () => {
    expect(sources.flatMap(wrongArrows)).toEqual([]);
  });
  it('no imports form a cycle', () => {
    expect(cycles(sources)).toEqual([]);
  });
  it('pure files and all that they load reach no timer, randomness, environment or I/O', () => {
    expect(impurities(sources)).toEqual([]);
  });
  it('nothing happens at import', () => {
    expect(sources.flatMap(happensAtImport)).toEqual([]);
  });
  it('no default export, no barrel, no file with a name that says nothing', () => {
    expect(sources.flatMap(misplaced)).toEqual([]);
  });
});

describe('the checks find what they look for', () => {
  it.each([
    ['core/a.ts', `import { b } from '../kinds/b.ts';`, 'src/core/a.ts:1 imports kinds/b.ts'],
    ['core/a.ts', `\nimport type { B } from '../limits/b.ts';`, 'src/core/a.ts:2 imports limits/b.ts'],
    ['core/a.ts', `export type B = import('../limits/b.ts').B;`, 'src/core/a.ts:1 imports limits/b.ts'],
    ['core/a.ts', `export { b } from '../agora/b.ts';`, 'src/core/a.ts:1 imports agora/b.ts'],
    ['kinds/x/a.ts', `import { b } from '../../hosts/host.ts';`, 'imports hosts/host.ts'],
    ['kinds/recording/a.ts', `import { b } from '../converter/b.ts';`, 'imports kinds/converter/b.ts'],
    ['hosts/files/a.ts', `import { b } from '../../agora/b.ts';`, 'imports agora/b.ts'],
    ['hosts/files/a.ts', `import { b } from '../kubernetes/b.ts';`, 'imports hosts/kubernetes/b.ts'],
    ['agora/a.ts', `import { b } from '../kinds/b.ts';`, 'imports kinds/b.ts'],
    ['agora/a.ts', `import { b } from '../limits/lanes.ts';`, 'imports limits/lanes.ts'],
    ['simulator/a.ts', `import { b } from '../agora/b.ts';`, 'imports agora/b.ts'],
    ['engine/a.ts', `import { b } from '../hosts/files/b.ts';`, 'imports hosts/files/b.ts'],
    ['cli/a.ts', `import { b } from '../config.ts';`, 'imports config.ts'],
    ['cli/a.ts', `const b = () => import('../main.ts');`, 'imports main.ts'],
    ['cli/a.ts', `import { b } from '../commands/b.ts';`, 'imports commands/b.ts'],
    ['commands/a.ts', `import { b } from '../hosts/host.ts';`, 'imports hosts/host.ts'],
    ['main.ts', `import { b } from './bin.ts';`, 'imports bin.ts'],
    ['main.ts', `import b from '../package.json';`, 'imports a file outside src'],
    ['stuff/a.ts', `export const a = 1;`, 'belongs to no layer'],
  ])('arrows: %s with %s', (path, text, expected) => {
    expect(wrongArrows(parseSource(path, text))).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['engine/a.ts', `import type { H } from '../hosts/host.ts';\nimport { log } from '../observability/log.ts';`],
    ['kinds/recording/a.ts', `import { b } from './b.ts';\nimport type { A } from '../../agora/api.ts';`],
    ['main.ts', `import { b } from './config.ts';\nimport { c } from './cli/watch.ts';`],
    ['core/a.ts', `// import { b } from '../kinds/b.ts'\nexport const text = "import { b } from '../kinds/b.ts'";`],
  ])('arrows: %s may have %s', (path, text) => {
    expect(wrongArrows(parseSource(path, text))).toEqual([]);
  });

  it('cycles: types count, and each ring is told once', () => {
    const ring = [
      parseSource('core/a.ts', `import { b } from './b.ts';`),
      parseSource('core/b.ts', `import type { C } from './c.ts';`),
      parseSource('core/c.ts', `import { a } from './a.ts';`),
      parseSource('core/d.ts', `import { a } from './a.ts';`),
    ];
    expect(cycles(ring)).toEqual(['src/core/c.ts:1 closes a cycle: core/a.ts → core/b.ts → core/c.ts → core/a.ts']);
  });

  it.each([
    'export const a = () => Date.now();',
    'export const a = () => new Date();',
    'export const a = () => Date();',
    'export const a = () => Math.random();',
    'export const a = () => performance.now();',
    'export const a = () => process.env.A;',
    'export const a = () => setTimeout(() => {}, 1);',
    'export const a = () => ({ fetch });',
    'export const a = () => globalThis.Date;',
    'export const a = () => AbortSignal.timeout(1);',
    "export const a = () => import('./b.ts');",
    'export const a = () => import.meta.url;',
    "import { readFileSync } from 'node:fs';",
    "import { randomUUID } from 'node:crypto';",
    "import * as crypto from 'node:crypto';",
    "import PQueue from 'p-queue';",
  ])('purity: %s', (text) => {
    expect(impuritiesOf(parseSource('core/a.ts', text))).toEqual([
      expect.stringContaining('src/core/a.ts:1 is pure, but'),
    ]);
  });

  it.each([
    'export const a = (at: number) => new Date(at).toISOString();',
    'export const a = (text: string) => Date.parse(text);',
    'export const a = (context: { process: string }) => context.process;',
    'export const a = ({ process }: { process: string }) => ({ process, fetch: 1 });',
    'export interface A { process: string; fetch(): void; performance: typeof performance }',
    "import { createHash, createHmac } from 'node:crypto';",
    "import type { Dispatcher } from 'undici';",
    '// Date.now()\nexport const a = "Math.random()";',
  ])('purity: %s is fine', (text) => {
    expect(impuritiesOf(parseSource('core/a.ts', text))).toEqual([]);
  });

  it('purity: what a pure file loads has to be pure too; types and `perform` are not followed', () => {
    const impure = 'export const now = () => Date.now();';
    const found = impurities([
      parseSource(
        'kinds/recording/decide.ts',
        `import { a } from '../../agora/a.ts';\nimport type { B } from '../../agora/b.ts';`,
      ),
      parseSource('kinds/recording/kind.ts', `import { perform } from './perform.ts';`),
      parseSource('kinds/recording/perform.ts', impure),
      parseSource('agora/a.ts', impure),
      parseSource('agora/b.ts', impure),
      parseSource('limits/lanes.ts', impure),
      parseSource('limits/ledger.ts', impure),
    ]);
    expect(found).toEqual([
      'src/agora/a.ts:1 is pure, but uses Date.now (loaded by the pure src/kinds/recording/decide.ts)',
      'src/limits/ledger.ts:1 is pure, but uses Date.now',
    ]);
  });

  it.each([
    ['const queues = {}; queues.a = 1;', 'a statement runs'],
    ['if (true) {}', 'a statement runs'],
    ['export let count = 0;', 'shared variable'],
    ['const a = await b();', 'await'],
    ['const level = Number(process.env.LEVEL);', 'process is read'],
    ['export const pool = createPool();', 'createPool() is called'],
    ["const text = fs.readFileSync('a');", 'readFileSync() is called'],
    ['export const queue = new PQueue();', 'new PQueue() is made'],
    ['class A { static pool = new Pool(); }', 'new Pool() is made'],
  ])('at import: %s', (text, expected) => {
    expect(happensAtImport(parseSource('engine/a.ts', text))).toContain(`src/engine/a.ts:1 at import: ${expected}`);
  });

  it.each([
    'export const TABLE = new Map([[1, 2]]);',
    'export const LADDER = [3, 6].map((count) => count * 1_000);',
    'export const create = () => createPool(process.env.A);',
    'class A { pool = new Pool(); constructor() { setTimeout(() => {}, 1); } }',
    'declare const brand: unique symbol;\nexport type A = string;\nexport interface B { a: A }',
  ])('at import: %s is fine', (text) => {
    expect(happensAtImport(parseSource('engine/a.ts', text))).toEqual([]);
  });

  it.each([
    ['core/a.ts', 'export default 1;', 'default export'],
    ['core/a.ts', 'const a = 1;\nexport { a as default };', 'default export'],
    ['agora/index.ts', 'export const a = 1;', 'only passes on'],
    ['agora/all.ts', `export * from './a.ts';\nexport { b } from './b.ts';`, 'only passes on'],
    ['core/utils.ts', 'export const a = 1;', 'says nothing'],
  ])('layout: %s with %s', (path, text, expected) => {
    expect(misplaced(parseSource(path, text))).toEqual([expect.stringContaining(expected)]);
  });

  it('layout: kinds/index.ts may pass on', () => {
    expect(misplaced(parseSource('kinds/index.ts', `export { a } from './recording/a.ts';`))).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatFinding } from '../../src/hosts/files/findings.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';
import { type Json, manifest } from './table/case.ts';
import { CASES } from './table/cases.ts';

const read = createManifestReader(await createValidator());
const examples = new URL('../../examples/', import.meta.url);
const TEXTS = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, examples), 'utf8'));
const VALUES = CASES.filter(({ refused }) => refused === undefined).map(manifest);

/** Whatever the text is: findings with a place and words, or what it declares; never an exception. */
function judge(text: string): void {
  const { resources, secrets, findings } = read(text, 'file.yaml', () => undefined);
  const lines = text.split('\n');
  for (const finding of findings) {
    expect(finding.line).toBeGreaterThanOrEqual(1);
    expect(finding.line).toBeLessThanOrEqual(lines.length);
    expect(finding.column).toBeGreaterThanOrEqual(1);
    expect(finding.column).toBeLessThanOrEqual((lines[finding.line - 1] ?? '').length + 2);
    expect(finding.message).not.toBe('');
    expect(formatFinding(finding)).not.toMatch(/\n|\bat .*:\d+:\d+\)|undefined|\[object/);
  }
  for (const { value } of resources) expect(value.name).not.toBe('');
  for (const { value } of secrets) expect(value.name).not.toBe('');
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const SNIPPETS = [
  '\n',
  ' ',
  '\t',
  ':',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|\n',
  '#',
  '---\n',
  '...\n',
  '&a ',
  '*a',
  '!!',
  '<<: ',
  '~',
  'yes',
  '010',
  '0x',
  '%',
  '\0',
  '\uFEFF',
  '\uD83C',
  '1e999',
  '.inf',
  '__proto__: ',
  'spec:\n',
];
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat({ max: 6000 }),
  remove: fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 400 })),
  insert: fc.oneof(fc.constantFrom('', ...SNIPPETS), fc.string({ maxLength: 8 })),
});

it('a valid file with 1 to 4 random edits of its text is accepted or refused with a place, 5,000 times', () => {
  fc.assert(
    fc.property(fc.constantFrom(...TEXTS), fc.array(edit, { minLength: 1, maxLength: 4 }), (text, edits) => {
      judge(
        edits.reduce(
          (result, { at, remove, insert }) =>
            result.slice(0, at % (result.length + 1)) + insert + result.slice((at % (result.length + 1)) + remove),
          text,
        ),
      );
    }),
    { numRuns: 5_000 },
  );
}, 60_000);

it('a valid manifest with random values in place of some of its own is accepted or refused with a place, 5,000 times', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      true,
      -1,
      0,
      1.5,
      2 ** 53,
      1e300,
      '',
      ' ',
      'a'.repeat(5000),
      [],
      {},
      [null],
      [[]],
      '2026-02-30T00:00:00Z',
      '${x}',
      'rtmp://',
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...VALUES),
      fc.array(fc.tuple(fc.nat(), odd, fc.string()), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (value, changes, asYaml) => {
        const changed = changes.reduce((result: unknown, [pick, instead, name]) => {
          const paths = [...pathsOf(result, [])];
          const path = paths[pick % paths.length] ?? [];
          return pick % 5 === 0 ? put(result, [...path, name], instead) : put(result, path, instead);
        }, value as unknown);
        judge(asYaml ? stringify(changed) : JSON.stringify(changed, null, 2));
      },
    ),
    { numRuns: 5_000 },
  );
}, 60_000);

type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value))
    yield* pathsOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
}

function put(value: unknown, [name, ...rest]: Path, member: unknown): unknown {
  if (name === undefined) return member;
  if (Array.isArray(value)) return value.map((item, index) => (index === name ? put(item, rest, member) : item));
  const map: Json = typeof value === 'object' && value !== null ? { ...value } : {};
  return { ...map, [name]: put(map[name], rest, member) };
}

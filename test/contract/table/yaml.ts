/** Text, and whether kubectl reads it as our reader does; where not, ours refuses what kubectl takes. */
export interface YamlCase {
  readonly title: string;
  readonly text: string;
  readonly reads: 'alike' | 'refused here';
}

const HEAD = 'apiVersion: agora-reconciler.dev/v1alpha1\nkind: WebPageRecording\nmetadata: {name: a}\n';
const alike = (title: string, spec: string): YamlCase => ({ title, text: `${HEAD}spec:${spec}\n`, reads: 'alike' });

export const YAML_CASES: readonly YamlCase[] = [
  alike('words for true and false', ' {a: yes, b: No, c: ON, d: off, e: true, f: FALSE, g: [y, n, Y, N]}'),
  alike('keys that are words for true and false', ' {y: 1, n: 2}'),
  alike('quoted words', ` {a: 'yes', b: "off", c: 'y'}`),
  alike('octal numbers', ' {a: 010, b: 0o10, c: 0777, d: -010, e: 08}'),
  alike('other bases and underscores', ' {a: 0x1F, b: 0b101, c: 1_000, d: 0x1_F}'),
  alike('what looks sexagesimal', ' {a: 1:30, b: 12:30:45, c: 190:20:30.15}'),
  alike('times', ' {a: 2026-12-01T09:00:00Z, b: 2026-12-01, c: 2026-12-01 09:00:00}'),
  alike('nulls', ' {a: ~, b: null, c: Null, d: NULL, e: , f: "null"}'),
  alike('numbers', ' {a: 1e3, b: .5, c: 1., d: +5, e: -0, f: 1.0, g: 00, h: 1E-2, i: 12345678901234567890}'),
  alike('text that looks like numbers', ' {a: 1.2.3, b: 0x, c: 1e, d: 0o9, e: =, f: 1-2}'),
  alike('numbers as keys', ' {1: a, 2.5: b, 0x10: c}'),
  alike('a merge key', '\n  base: &base {a: 1, b: 2}\n  more:\n    <<: *base\n    b: 3'),
  alike('merge keys in a list', '\n  one: &one {a: 1}\n  two: &two {a: 2, b: 2}\n  both: {<<: [*one, *two], c: 3}'),
  alike('an alias', '\n  a: &a [1, two]\n  b: *a'),
  alike('block text', '\n  a: |\n    one\n    two\n  b: >-\n    one\n    two\n\n    three\n  c: |+\n    kept\n\n'),
  alike('escapes', String.raw` {a: "\x41\u00e9\t\n", b: 'it''s'}`),
  alike('explicit tags', ' {a: !!str 5, b: !!int "5", c: !!bool "true"}'),
  alike('text outside of ASCII', ' {a: früh, b: 日本, c: "🎥"}'),
  alike('comments', ' # here\n  a: 1 # and here\n  # and there\n  b: "#no"'),
  {
    title: 'several documents',
    text: `${HEAD}spec: {a: 1}\n---\n# nothing\n---\n${HEAD}spec: {b: 2}\n`,
    reads: 'alike',
  },
  {
    title: 'a comment beside the separator',
    text: `--- # first\n${HEAD}spec: {a: 1}\n--- # second\n${HEAD}spec: {b: 2}\n`,
    reads: 'alike',
  },
  { title: 'Windows line ends', text: `${HEAD}spec: {a: 1}\n`.replaceAll('\n', '\r\n'), reads: 'alike' },
  {
    title: 'JSON',
    text: JSON.stringify(
      {
        apiVersion: 'agora-reconciler.dev/v1alpha1',
        kind: 'WebPageRecording',
        metadata: { name: 'a' },
        spec: { a: 'yes', b: 1.5, c: null, d: [true] },
      },
      null,
      '\t',
    ),
    reads: 'alike',
  },
  {
    title: 'a List',
    text: `apiVersion: v1\nkind: List\nitems:\n- ${HEAD.trimEnd().replaceAll('\n', '\n  ')}\n  spec: {a: 1}\n- ${HEAD.trimEnd().replaceAll('\n', '\n  ')}\n  spec: {b: 2}\n`,
    reads: 'alike',
  },
  { title: 'a key twice', text: `${HEAD}spec: {a: 1, a: 2}\n`, reads: 'refused here' },
  { title: 'two keys that are one to kubectl', text: `${HEAD}spec: {y: 1, on: 2}\n`, reads: 'refused here' },
  { title: 'an unknown tag', text: `${HEAD}spec: {a: !secret x}\n`, reads: 'refused here' },
  { title: 'not a number', text: `${HEAD}spec: {a: .nan}\n`, reads: 'refused here' },
  { title: 'an alias that leads back', text: `${HEAD}spec: &a {a: *a}\n`, reads: 'refused here' },
];

import { describe, expect, it } from 'vitest';
import { span } from '../../src/cli/output/age.ts';
import { createPaint } from '../../src/cli/output/paint.ts';
import { labelled } from '../../src/cli/output/sections.ts';
import { table } from '../../src/cli/output/table.ts';
import { shortened, wrapped } from '../../src/cli/output/text.ts';
import { planLines } from '../../src/cli/plan-lines.ts';
import { converter, planOf, project, recording, running, stored } from '../plan/builders.ts';

const width = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));

describe('a span is written as kubectl writes it', () => {
  it.each([
    [-5, '0s'],
    [999, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [200_000, '3m20s'],
    [600_000, '10m'],
    [10_800_000, '3h'],
    [12_000_000, '3h20m'],
    [36_000_000, '10h'],
    [172_800_000, '2d'],
    [187_200_000, '2d4h'],
    [864_000_000, '10d'],
  ])('%d ms: %s', (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

describe('tables', () => {
  const heads = [{ head: 'NAME', shrinkTo: 8 }, { head: 'STATUS' }];

  it('are as wide as their widest cells', () => {
    expect(
      table(heads, [
        ['a', 'Running'],
        ['longer', ''],
      ]),
    ).toEqual(['NAME     STATUS', 'a        Running', 'longer']);
  });

  it('give way in the columns that may, from the middle', () => {
    const lines = table(heads, [['a-very-long-name-of-a-resource', 'WaitingForSlot']], { columns: 30 });
    expect(width(lines)).toBeLessThanOrEqual(30);
    expect(lines[1]).toMatch(/^a-very-.*….*source WaitingForSlot$/);
  });

  it('count columns, not characters', () => {
    expect(table([{ head: 'N' }, { head: 'S' }], [['日本', 'x']])[0]).toBe('N      S');
  });
});

describe('text', () => {
  it('wraps behind its indent and leaves a long word whole', () => {
    const handle = 'x'.repeat(90);
    expect(wrapped(`the id ${handle} is long`, 40, { indent: '  ' })).toEqual(['  the id', `  ${handle}`, '  is long']);
  });

  it.each([
    ['short', 10, 'short'],
    ['abcdefghij', 5, 'ab…ij'],
    ['abcdefghij', 6, 'abc…ij'],
  ])('%s in %d', (text, columns, expected) => {
    expect(shortened(text, columns)).toBe(expected);
  });

  it('labels stand before their text', () => {
    expect(
      labelled(
        [
          { label: 'A', text: 'one' },
          { label: 'Long', text: 'two' },
        ],
        80,
      ),
    ).toEqual(['A     one', 'Long  two']);
  });
});

it('NO_COLOR: without colours the text stays as it is, with them it is marked', () => {
  expect(createPaint({ colours: false }).bad('text')).toBe('text');
  expect(createPaint({ colours: true }).bad('text')).toBe('\u001B[31mtext\u001B[39m');
});

describe('a plan for people', () => {
  const limits = { mixedResolution: 'Nested', converter: { eu: { HD: 1 } } } as const;
  const plan = planOf({
    declared: [
      project({ limits }),
      converter('vertical', {}, { bitrate: 2500 }),
      converter('waits'),
      recording('keynote', { videoWidth: 1920, videoHeight: 1080, priority: 4 }),
    ],
    state: [
      stored(project({ limits })),
      running(converter('vertical')),
      running(recording('keynote')),
      running(recording('gone')),
    ],
  });

  it.each([40, 80, 120])('fits %d columns', (columns) => {
    const lines = planLines(plan, { columns, colours: false });
    // A path of a field is one word and stays whole.
    const longest = Math.max(columns, 60);
    expect(width(lines)).toBeLessThanOrEqual(columns === 80 ? 80 : longest);
  });

  it('says what happens, why, what it interrupts and who waits', () => {
    const text = planLines(plan, { columns: 80, colours: false }).join('\n');
    for (const part of [
      'against the written state: 1 to create, 1 to update in place, 1 to\nre-create, 1 to remove; 1 would wait for a slot; 1 as declared',
      '~ RtmpConverter media/vertical: update in place',
      'transcodeOptions.videoOptions.bitrate: 2000 -> 2500',
      '! WebPageRecording media/keynote: re-create',
      'forces the re-creation',
      '- WebPageRecording media/gone: remove',
      'WaitingForSlot',
      'LIMIT ',
      'CALLS ',
    ])
      expect(text).toContain(part);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, parseFaults } from '../../src/simulator/fault-file.ts';
import { CALL_NAMES } from '../../src/simulator/routes.ts';
import { DEFAULT_SWITCHES, SWITCHES } from '../../src/simulator/switches.ts';

const page = readFileSync('docs/reference/simulator.md', 'utf8');

describe('docs/reference/simulator.md', () => {
  it('has each switch with its values, its default first', () => {
    for (const [name, { values, about }] of Object.entries(SWITCHES)) {
      expect(page).toContain(`| \`${name}\` | ${values.map((value) => `\`${value}\``).join(', ')} | ${about} |`);
    }
    expect(Object.entries(DEFAULT_SWITCHES)).toEqual(
      Object.entries(SWITCHES).map(([name, { values }]) => [name, values[0]]),
    );
  });

  it.each([...FAULT_KINDS, ...CALL_NAMES])('has a row for %s', (name) => {
    expect(page).toContain(`| \`${name}\` |`);
  });

  it('has an example that is one', () => {
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1];
    expect(parseFaults(JSON.parse(example ?? ''), 0)).toHaveLength(3);
  });
});

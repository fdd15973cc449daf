import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/doctor/finding.ts';
import { codeSpans, read, tableRows } from '../docs/markdown.ts';

describe('docs/reference/doctor.md', () => {
  it('MP-27 has a row for every check', () => {
    const documented = tableRows(read('docs/reference/doctor.md')).map(([first = '']) => codeSpans(first)[0]);
    expect(new Set(documented)).toEqual(new Set(Object.keys(CHECKS)));
    expect(documented).toHaveLength(Object.keys(CHECKS).length);
  });
});

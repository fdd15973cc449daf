import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REASONS } from '../../src/core/reasons.ts';

const page = readFileSync(new URL('../../docs/reference/conditions.md', import.meta.url), 'utf8');

/** The rows of the table under `## Reasons`. */
const documented = [...(page.split('## Reasons')[1] ?? '').matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(
  ([, reason, sentence]) => [reason, sentence],
);

describe('reasons', () => {
  it('the document and the code have the same closed list, with the same sentences', () => {
    expect(documented).toEqual(Object.entries(REASONS));
  });

  it.each(Object.entries(REASONS))('%s is CamelCase and says something to its user', (reason, sentence) => {
    expect(reason).toMatch(/^(?:[A-Z][a-z]+)+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toContain('|');
  });
});

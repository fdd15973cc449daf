import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES, type ExitCode } from '../../src/cli/exit-codes.ts';
import { EXIT } from '../../src/cli/io.ts';

const page = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8');
const documented = [...(page.split('## Exit codes')[1] ?? '').matchAll(/^\| (.+?) \| (\d+) \| (.+) \|$/gm)].map(
  ([, command, code, means]) => [command, Number(code), means],
);

const inCode = Object.entries(EXIT_CODES).flatMap(([command, codes]) =>
  Object.values<ExitCode>(codes).map(({ code, means }) => [
    command === 'every command' ? command : `\`${command}\``,
    code,
    means,
  ]),
);

describe('exit codes', () => {
  it('the document and the code have the same table', () => {
    expect(documented).toEqual(inCode);
  });

  it('are those that the command line as a whole uses', () => {
    const { watch, 'every command': every } = EXIT_CODES;
    expect([watch.ended.code, watch.stalled.code, watch.cannotRun.code, watch.notSettled.code]).toEqual([
      EXIT.ok,
      EXIT.bad,
      EXIT.cannotRun,
      EXIT.notSettled,
    ]);
    expect([every.usage.code, every.interrupted.code]).toEqual([EXIT.usage, EXIT.interrupted]);
  });

  it('every command has a section', () => {
    for (const command of Object.keys(EXIT_CODES).filter((name) => name !== 'every command'))
      expect(page).toMatch(new RegExp(`^## \`${command}\\b`, 'm'));
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Runs a script on this Node.js, which gives itself out as another version. */
function runAs(version: string, script: string, ...args: readonly string[]) {
  const disguise = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const path = fileURLToPath(new URL(script, root));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`, path, ...args],
    { encoding: 'utf8' },
  );
  return { status, stdout, lines: stderr.split('\n').filter((line) => line !== '') };
}

describe('an older Node.js is told in one line', () => {
  it.each(['18.20.8', '20.20.2', '22.9.10', '22.22.1'])('the command refuses %s', (version) => {
    const { status, stdout, lines } = runAs(version, 'src/bin.ts', 'version');
    expect({ status, stdout, lines }).toEqual({
      status: 1,
      stdout: '',
      lines: [`agora-reconciler needs Node.js 22.22.2 or later; this is ${version}`],
    });
  });

  it.each(['22.22.2', '22.23.0', '24.0.0', '26.1.0'])('the command runs on %s', (version) => {
    const { status, stdout } = runAs(version, 'src/bin.ts', 'version');
    expect(status).toBe(0);
    expect(stdout).toMatch(/\d+\.\d+\.\d+/);
  });

  it.each([
    ['22.22.1', 1],
    ['22.22.2', 0],
    ['24.0.0', 0],
  ])('npm scripts on %s exit %i', (version, expected) => {
    const { status, lines } = runAs(version, 'scripts/check-node.js');
    expect(status).toBe(expected);
    expect(lines).toHaveLength(expected);
  });

  it('the package asks for the same version', () => {
    expect(manifest).toMatchObject({ engines: { node: '>=22.22.2' } });
  });
});

describe('npm scripts', () => {
  it('each that runs Node.js checks its version first', () => {
    const { scripts } = manifest as { readonly scripts: Readonly<Record<string, string>> };
    const unchecked = Object.entries(scripts).filter(
      ([, command]) => /\b(?:node|vitest)\b/.test(command) && !command.startsWith('node scripts/check-node.js && '),
    );
    expect(unchecked).toEqual([]);
  });
});

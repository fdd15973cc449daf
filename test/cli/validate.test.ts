import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateCommand } from '../../src/cli/validate.ts';
import { inDirectory, ran, write } from './commands.ts';

const PROJECT = `apiVersion: agora-reconciler.dev/v1alpha1
kind: AgoraProject
metadata: { name: live }
spec:
  appId: 0123456789abcdef0123456789abcdef
  credentialsSecretRef: { name: agora }
`;

const validate = (filename: readonly string[], output?: 'json') =>
  ran((io) => validateCommand({ filename, ...(output === undefined ? {} : { output }) }, io));

describe('validate', () => {
  it('a valid directory: 0, and the result is on stdout alone', () =>
    inDirectory(async (directory) => {
      await write(join(directory, 'project.yaml'), PROJECT);
      expect(await validate([directory])).toEqual({ code: 0, out: '', err: '1 file, 1 resource: valid\n' });
    }));

  it('a finding is one line with file, line, column, field, what is wrong and what to do', () =>
    inDirectory(async (directory) => {
      const path = await write(
        join(directory, 'a', 'project.yaml'),
        PROJECT.replace('location', '').replace('appId: 0123', 'appId: 012'),
      );
      const { code, out } = await validate([directory]);
      expect(code).toBe(1);
      expect(out.split('\n')[0]).toMatch(new RegExp(`^${path}:5:10: spec\\.appId: .+; .+$`));
    }));

  it('a file is read by whatever name it has', () =>
    inDirectory(async (directory) => {
      const path = await write(join(directory, 'manifest.txt'), PROJECT);
      expect((await validate([path])).code).toBe(0);
    }));

  it('warnings do not fail', () =>
    inDirectory(async (directory) => {
      const path = await write(join(directory, 'project.yaml'), `${PROJECT}status: {}\n`);
      const { code, out, err } = await validate([path]);
      expect(code).toBe(0);
      expect(out).toContain('(warning)');
      expect(err).toBe('1 file, 1 resource: valid, 1 warning\n');
    }));

  it('the same resource twice is told at both places', () =>
    inDirectory(async (directory) => {
      await write(join(directory, 'a.yaml'), PROJECT);
      await write(join(directory, 'b.yaml'), PROJECT);
      const { code, out } = await validate([directory]);
      expect(code).toBe(1);
      expect(out).toContain(join(directory, 'a.yaml'));
      expect(out).toContain(join(directory, 'b.yaml'));
    }));

  it('one file named twice is one file', () =>
    inDirectory(async (directory) => {
      const path = await write(join(directory, 'a.yaml'), PROJECT);
      expect(await validate([path, directory])).toMatchObject({ code: 0, err: '1 file, 1 resource: valid\n' });
    }));

  it('what is no UTF-8 text is a finding', () =>
    inDirectory(async (directory) => {
      const path = join(directory, 'a.yaml');
      await write(path, '');
      const { writeFile } = await import('node:fs/promises');
      await writeFile(path, Buffer.from([0xff, 0xfe, 0x00]));
      expect(await validate([path])).toMatchObject({ code: 1, out: expect.stringContaining('UTF-8') });
    }));

  it('a path that does not exist: 2, in one line', () =>
    inDirectory(async (directory) => {
      const missing = join(directory, 'nothing');
      expect(await validate([missing])).toEqual({ code: 2, out: '', err: `${missing} does not exist\n` });
    }));

  it('-o json is versioned', () =>
    inDirectory(async (directory) => {
      await write(join(directory, 'project.yaml'), PROJECT.replace('spec:', 'spec:\n  unknown: 1'));
      const { code, out } = await validate([directory], 'json');
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        apiVersion: 'cli.agora-reconciler.dev/v1',
        kind: 'ValidationReport',
        valid: false,
        files: [join(directory, 'project.yaml')],
        findings: [{ line: 5, column: 3, field: 'spec.unknown', severity: 'error' }],
      });
    }));
});

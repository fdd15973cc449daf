import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatusBase } from '../../../src/core/resource.ts';
import { openFilesHost } from '../../../src/hosts/files/host.ts';
import { fileName, readState, socketPath } from '../../../src/hosts/files/store.ts';
import { key, recording, status } from '../builders.ts';
import { Fixture } from './fixture.ts';

let fixture: Fixture;
let state: string;
beforeEach(async () => {
  fixture = await Fixture.open();
  state = fixture.options.stateDirectory;
  await fixture.declare('a.yaml', recording());
});
afterEach(() => fixture.close());

const FILE = 'resources/WebPageRecording.media.keynote.json';
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe('the state directory', () => {
  it('is readable by its owner only, and by people', async () => {
    await fixture.scan();
    await fixture.writeStatus(key('keynote'), status('Running'));
    expect(await modeOf(state)).toBe('700');
    expect(await modeOf(join(state, 'resources'))).toBe('700');
    expect(await modeOf(join(state, FILE))).toBe('600');
    const text = await fixture.stateText(FILE);
    expect(text.split('\n').length).toBeGreaterThan(20);
    expect(JSON.parse(text)).toMatchObject({
      format: 1,
      source: 'a.yaml',
      resource: { metadata: { name: 'keynote' }, spec: recording().spec, status: { observedGeneration: 1 } },
    });
  });

  it('loses the rights of others where it has them', async () => {
    await mkdir(state, { mode: 0o755 });
    await chmod(state, 0o755);
    await fixture.scan();
    expect(await modeOf(state)).toBe('700');
  });

  it('holds nothing of a resource that is gone', async () => {
    await fixture.declare('b.yaml', recording({ name: 'other' }));
    await fixture.scan();
    await fixture.remove('b.yaml');
    await fixture.prune();
    expect(await fixture.stateFiles('resources')).toEqual(['WebPageRecording.media.keynote.json']);
  });

  it('follows a manifest that moved', async () => {
    await fixture.scan();
    await fixture.rename('a.yaml', 'deep/b.yaml');
    await fixture.scan();
    expect(JSON.parse(await fixture.stateText(FILE))).toMatchObject({ source: 'deep/b.yaml' });
  });

  it('can be read by another process while it is in use', async () => {
    await fixture.scan();
    const { records } = await readState(state);
    expect(records.get(key('keynote'))?.resource).toEqual(await fixture.need(key('keynote')));
    expect((await readState(fixture.path('nowhere'))).records.size).toBe(0);
  });

  it('has a place for the socket', () => {
    expect(socketPath('/var/lib/agora')).toBe(join('/var/lib/agora', 'socket'));
  });

  it('is not made of something else', async () => {
    await mkdir(state);
    await writeFile(join(state, 'diary.txt'), 'mine');
    await expect(fixture.host()).rejects.toThrow(/holds something else than state/);
    expect(await readdir(state)).toEqual(['diary.txt']);
  });

  it('does not contain the manifests', async () => {
    await fixture.restart({ stateDirectory: fixture.base });
    await expect(fixture.host()).rejects.toThrow(/contains the manifests/);
  });
});

describe('a directory of manifests', () => {
  it.each([
    ['that does not exist', 'mistyped', /the directory .*mistyped does not exist/],
    ['that is a file', 'live/a.yaml', /a\.yaml is not a directory/],
  ])('%s is an error at the start', async (_, path, message) => {
    await fixture.restart({ directory: join(fixture.base, path) });
    await expect(fixture.host()).rejects.toThrow(message);
    expect(await readdir(fixture.base)).not.toContain('state');
    await fixture.restart({ directory: join(fixture.base, 'live') });
  });

  it('may be a link', async () => {
    await symlink('live', join(fixture.base, 'link'));
    await fixture.restart({ directory: join(fixture.base, 'link') });
    expect(await fixture.scan()).toMatchObject({ resources: 1, complete: true });
    await fixture.restart({ directory: join(fixture.base, 'live') });
  });
});

describe('a state file that is not as it was written', () => {
  beforeEach(async () => {
    await fixture.scan();
    await fixture.restart();
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, 100), /keynote\.json: not whole JSON/],
    ['empty', () => '', /keynote\.json: the file is empty/],
    ['of a later version', (text: string) => text.replace('"format": 1', '"format": 2'), /format 2 is not known/],
    ['without metadata', (text: string) => text.replace('"uid"', '"id"'), /its metadata is not complete/],
    [
      'under another name',
      (text: string) => text.replace('"name": "keynote"', '"name": "x"'),
      /not what its name says/,
    ],
  ])('%s: refuses to start, names the file and what to do, and leaves it', async (_, damage, message) => {
    const damaged = damage(await fixture.stateText(FILE));
    await writeFile(join(state, FILE), damaged);
    await expect(fixture.host()).rejects.toThrow(message);
    await expect(fixture.host()).rejects.toThrow(/restore the files from a backup/);
    expect(await fixture.stateText(FILE)).toBe(damaged);
  });

  it('half a temporary file of a killed process is cleared away', async () => {
    await writeFile(join(state, `${FILE}.123-4.tmp`), '{"format"');
    await fixture.scan();
    expect(await fixture.stateFiles('resources')).toEqual(['WebPageRecording.media.keynote.json']);
    expect((await fixture.need(key('keynote'))).metadata.uid).toBe('uid-1');
  });
});

describe('file names', () => {
  it.each([
    ['media', 'keynote', 'RtmpConverter.media.keynote.json'],
    ['media', 'a.b-c', 'RtmpConverter.media.a.b-c.json'],
    ['..', '../../etc/passwd', 'RtmpConverter....%2e%2e'],
    ['media', 'Ünï', 'RtmpConverter.media.%c39cn%c3af.json'],
  ])('%s, %s', (namespace, name, text) => {
    const made = fileName('RtmpConverter', namespace, name);
    expect(made).not.toContain('/');
    if (!name.includes('/')) expect(made).toBe(text);
  });

  it('stay below what file systems allow, and apart', () => {
    const long = 'x'.repeat(252);
    const [one, two] = [`${long}1`, `${long}2`].map((name) => fileName('WebPageRecording', 'm'.repeat(63), name));
    expect(one).not.toBe(two);
    expect(one?.length).toBeLessThan(225);
  });

  it('take the longest names there can be', async () => {
    await fixture.declare('long.yaml', recording({ name: 'x'.repeat(253) }));
    expect((await fixture.scan()).findings).toEqual([]);
    await fixture.restart();
    expect(await fixture.get(key('x'.repeat(253)))).toBeDefined();
  });
});

describe('a disk that is full', () => {
  it('is reported; what could not be written is not taken over, and is once it can', async () => {
    await fixture.scan();
    await rm(join(state, 'resources'), { recursive: true });
    await fixture.declare('b.yaml', recording({ name: 'other' }));
    const report = await fixture.scan();
    expect(report.findings).toMatchObject([{ file: key('other'), message: 'the state cannot be written: ENOENT' }]);
    expect(await fixture.get(key('other'))).toBeUndefined();
    await expect(fixture.writeStatus(key('keynote'), status('Running'))).rejects.toThrow('ENOENT');
    expect((await fixture.need(key('keynote'))).status).toBeUndefined();
    await mkdir(join(state, 'resources'));
    await fixture.scan();
    expect(await fixture.get(key('other'))).toBeDefined();
    await fixture.writeStatus(key('keynote'), status('Running'));
  });
});

const WRITER = fileURLToPath(new URL('write-loop.ts', import.meta.url));

/** A process that works on the state; `written` is what it was told to be written, by name. */
function startWriter() {
  const child = spawn(process.execPath, [WRITER, fixture.options.directory, state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const written = new Map<string, number>();
  let rest = '';
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [name = '', count] = line.split(' ');
      if (name === 'ready') resolve();
      else written.set(name, Number(count));
    }
  });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid, ready, written, kill };
}

describe('one process at a time', () => {
  it('a second one is told whose it is', async () => {
    const writer = startWriter();
    await writer.ready;
    try {
      await expect(openFilesHost(fixture.options)).rejects.toThrow(
        new RegExp(`^the state directory ${state} is in use by process ${writer.pid} .*--state$`),
      );
    } finally {
      await writer.kill();
    }
    await fixture.scan();
  });

  it('also within a process, until it is closed', async () => {
    await fixture.host();
    await expect(openFilesHost(fixture.options)).rejects.toThrow(`is in use by process ${process.pid}`);
    await fixture.restart();
    await fixture.host();
  });
});

describe('kill -9', () => {
  it('at any moment loses no write that was answered, and locks nobody out', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 6; round += 1) {
      const writer = startWriter();
      await writer.ready;
      const enough = 5 + round * 17;
      await expect.poll(() => writer.written.get('a') ?? 0, { timeout: 20_000, interval: 1 }).toBeGreaterThan(enough);
      await writer.kill();
      const { records } = await readState(state);
      expect([...records.keys()]).toEqual(['a', 'b', 'c', 'd'].map(key));
      for (const [name, count] of writer.written) {
        const found = records.get(key(name))?.resource.status as StatusBase | undefined;
        expect(found?.observedGeneration).toBeGreaterThanOrEqual(count);
      }
    }
    expect(await readFile(join(state, 'lock.json'), 'utf8')).toContain('pid');
  });
});

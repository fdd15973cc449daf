import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seconds } from '../../../src/core/time.ts';
import { type FileSystem, NODE_FILES } from '../../../src/hosts/files/filesystem.ts';
import type { FilesHost, FilesHostOptions } from '../../../src/hosts/files/host.ts';
import { key, recording } from '../builders.ts';
import { type Run, startRun } from '../contract.ts';
import { Fixture, manifests, PRUNE_AFTER } from './fixture.ts';

let fixture: Fixture;
let host: FilesHost;
let run: Run;

async function start(given: Partial<FilesHostOptions> = {}): Promise<void> {
  await fixture.restart(given);
  host = await fixture.host();
  run = startRun(host);
  await expect.poll(() => run.synced).toBe(1);
}

beforeEach(async () => {
  fixture = await Fixture.open({ rescanMs: seconds(1_000) });
  await fixture.declare('a.yaml', recording({ name: 'a' }));
});
afterEach(async () => {
  await run.stop();
  await fixture.close();
});

const urlOf = (name: string): unknown => (host.get(key(name))?.spec as { readonly url: string } | undefined)?.url;
const at = (path: string) => recording({ name: 'a', spec: { url: `https://stage.example.com/${path}` } });
const seen = (path: string) => expect.poll(() => urlOf('a')).toBe(`https://stage.example.com/${path}`);

describe('a running host sees', () => {
  beforeEach(() => start());

  it('an edit in place, again and again', async () => {
    for (const path of ['one', 'two', 'three']) {
      await fixture.declare('a.yaml', at(path));
      await seen(path);
    }
    expect(run.told).toContain(key('a'));
  });

  it('an atomic replacement, again and again', async () => {
    for (const path of ['one', 'two']) {
      await fixture.declare('.a.yaml.swp', at(path));
      await fixture.rename('.a.yaml.swp', 'a.yaml');
      await seen(path);
    }
  });

  it('a new file and a new directory with files', async () => {
    await fixture.declare('b.yaml', recording({ name: 'b' }));
    await expect.poll(() => host.get(key('b'))).toBeDefined();
    await fixture.declare('deep/er/c.yaml', recording({ name: 'c' }));
    await expect.poll(() => host.get(key('c'))).toBeDefined();
    await fixture.declare('deep/er/c.yaml', recording({ name: 'c' }), recording({ name: 'd' }));
    await expect.poll(() => host.get(key('d'))).toBeDefined();
  });

  it('a file in a directory that took the place of another', async () => {
    await fixture.declare('deep/b.yaml', recording({ name: 'b' }));
    await expect.poll(() => host.get(key('b'))).toBeDefined();
    await fixture.declare('../new/b.yaml', recording({ name: 'b' }));
    await fixture.remove('deep');
    await fixture.rename('../new', 'deep');
    await fixture.declare('deep/c.yaml', recording({ name: 'c' }));
    await expect.poll(() => host.get(key('c'))).toBeDefined();
    await fixture.declare('deep/d.yaml', recording({ name: 'd' }));
    await expect.poll(() => host.get(key('d'))).toBeDefined();
  });

  it('an edit of a file behind a link', async () => {
    await fixture.remove('a.yaml');
    await fixture.declare('../outside/a.yaml', at('one'));
    await symlink('../outside/a.yaml', fixture.path('a.yaml'));
    await seen('one');
    await fixture.declare('../outside/a.yaml', at('two'));
    await seen('two');
  });

  it('a swap as a mounted ConfigMap makes it', async () => {
    for (const version of ['1', '2']) await mkdir(fixture.path(`..${version}`));
    await writeFile(fixture.path('..1/b.yaml'), manifests(recording({ name: 'b' })));
    await writeFile(fixture.path('..2/b.yaml'), manifests(recording({ name: 'b' }), recording({ name: 'c' })));
    await symlink('..1', fixture.path('..data'));
    await symlink('..data/b.yaml', fixture.path('b.yaml'));
    await expect.poll(() => host.get(key('b'))).toBeDefined();
    await symlink('..2', fixture.path('..next'));
    await fixture.rename('..next', '..data');
    await expect.poll(() => host.get(key('c'))).toBeDefined();
  });

  it('a swap of the link that names the directory', async () => {
    await run.stop();
    await fixture.declare('../v2/a.yaml', at('two'));
    await symlink('live', join(fixture.base, 'current'));
    await start({ directory: join(fixture.base, 'current') });
    await symlink('v2', join(fixture.base, 'next'));
    await rename(join(fixture.base, 'next'), join(fixture.base, 'current'));
    await seen('two');
    await writeFile(join(fixture.base, 'v2/a.yaml'), manifests(at('three')));
    await seen('three');
  });

  it('when a removal is due, without a further change', async () => {
    await fixture.declare('b.yaml', recording({ name: 'b' }));
    await expect.poll(() => host.get(key('b'))).toBeDefined();
    await fixture.remove('b.yaml');
    await expect.poll(() => fixture.clock.sleeping()).toContain(PRUNE_AFTER);
    expect(host.get(key('b'))).toBeDefined();
    fixture.clock.advance(PRUNE_AFTER);
    await expect.poll(() => host.get(key('b'))).toBeUndefined();
  });

  it('a confirmation', async () => {
    await fixture.remove('a.yaml');
    await expect.poll(() => host.pruneHeld()).toEqual([key('a')]);
    fixture.clock.advance(PRUNE_AFTER);
    expect(host.confirmPrune([key('a')])).toBe('confirmed');
    await expect.poll(() => host.get(key('a'))).toBeUndefined();
  });
});

describe('a running host', () => {
  it('waits until changes pause', async () => {
    await start({ debounceMs: 200 });
    const quiet = () => expect.poll(() => fixture.clock.sleeping()).toContain(200);
    // What the watch could have missed while it was set up is scanned for once.
    await quiet();
    fixture.clock.advance(200);
    await expect.poll(() => fixture.clock.sleeping()).toContain(seconds(1_000));
    await fixture.declare('a.yaml', at('one'));
    await quiet();
    fixture.clock.advance(199);
    await fixture.declare('a.yaml', at('two'));
    await quiet();
    fixture.clock.advance(199);
    expect(host.get(key('a'))?.metadata.generation).toBe(1);
    fixture.clock.advance(1);
    await seen('two');
    expect(host.get(key('a'))?.metadata.generation).toBe(2);
  });

  it('does not rely on the watch: a slow full scan goes on', async () => {
    const late: { bytes?: Uint8Array } = {};
    const files: FileSystem = {
      ...NODE_FILES,
      readFile: async (path) => late.bytes ?? NODE_FILES.readFile(path),
      async stat(path) {
        const stat = await NODE_FILES.stat(path);
        const { dev, ino, size, mtimeNs } = stat;
        const ctimeNs = stat.ctimeNs + (late.bytes === undefined || stat.isDirectory() ? 0n : 1n);
        return {
          dev,
          ino,
          size,
          mtimeNs,
          ctimeNs,
          isFile: () => stat.isFile(),
          isDirectory: () => stat.isDirectory(),
        };
      },
    };
    await start({ files, rescanMs: seconds(30) });
    await expect.poll(() => fixture.clock.sleeping()).toContain(seconds(30));
    late.bytes = Buffer.from(manifests(at('late')));
    fixture.clock.advance(seconds(30));
    await seen('late');
  });

  it('tries again soon where it could not read everything', async () => {
    await start();
    await symlink('nowhere', fixture.path('b.yaml'));
    await expect.poll(() => host.report().complete).toBe(false);
    await expect.poll(() => fixture.clock.sleeping()).toContain(seconds(2));
    await fixture.declare('nowhere', recording({ name: 'b' }));
    fixture.clock.advance(seconds(2));
    await expect.poll(() => host.get(key('b'))).toBeDefined();
  });

  it('keeps the latest events and passes each on', async () => {
    const told: string[] = [];
    await start({ onEvent: ({ reason }) => told.push(reason) });
    const resource = host.get(key('a'));
    if (resource === undefined) throw new Error('not there');
    for (let count = 0; count < 2_500; count += 1) {
      host.event(resource, { type: 'Normal', reason: `Reason${count}`, note: '' });
    }
    expect(told).toHaveLength(2_500);
    expect(host.events()).toHaveLength(1_000);
    expect(host.events().at(-1)).toMatchObject({ key: key('a'), reason: 'Reason2499', at: '2026-12-01T09:00:00.000Z' });
  });
});

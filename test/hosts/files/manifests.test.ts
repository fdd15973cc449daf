import { link, symlink, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileSystem, NODE_FILES } from '../../../src/hosts/files/filesystem.ts';
import { key, project, recording } from '../builders.ts';
import { Fixture, manifests, PRUNE_AFTER, secretManifest } from './fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await Fixture.open();
});
afterEach(() => fixture.close());

const named = (name: string, url?: string) => recording({ name, ...(url && { spec: { url } }) });

/** No second scan may remove or change what is there. */
async function unchangedBy(act: () => Promise<void>, ...names: string[]): Promise<void> {
  const before = await Promise.all(names.map((name) => fixture.need(key(name))));
  await act();
  await fixture.prune();
  await fixture.scanAfter(PRUNE_AFTER);
  expect(await Promise.all(names.map((name) => fixture.need(key(name))))).toEqual(before);
}

describe('what is read', () => {
  it('is YAML and JSON, of several documents, in all directories below', async () => {
    await fixture.declare('a.yaml', named('one'), named('two'));
    await fixture.declare('deep/er/b.yml', named('three'));
    const { apiVersion, kind, name, namespace, spec } = named('four');
    await fixture.write('c.json', JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec }));
    await fixture.write('notes.txt', manifests(named('not-me')));
    const report = await fixture.scan();
    expect(report).toMatchObject({ complete: true, files: 3, resources: 4, findings: [] });
    const names = (await fixture.host()).list('WebPageRecording').map(({ metadata }) => metadata.name);
    expect(names).toEqual(['four', 'one', 'three', 'two']);
  });

  it('is nothing whose name starts with a dot, and nothing in the state directory', async () => {
    await fixture.restart({ stateDirectory: fixture.path('state') });
    await fixture.declare('a.yaml', named('one'));
    await fixture.declare('.hidden.yaml', named('two'));
    await fixture.declare('.git/b.yaml', named('three'));
    await fixture.scan();
    await symlink('live', `${fixture.base}/link`);
    await fixture.restart({ directory: `${fixture.base}/link` });
    const report = await fixture.scan();
    expect(report).toMatchObject({ files: 1, resources: 1, findings: [] });
  });

  it('is a file behind a link, also outside, but no directory behind one', async () => {
    await fixture.declare('../outside/a.yaml', named('one'));
    await symlink('../outside/a.yaml', fixture.path('a.yaml'));
    await symlink('../outside', fixture.path('outside'));
    await symlink('.', fixture.path('circle'));
    const report = await fixture.scan();
    expect(report).toMatchObject({ complete: true, files: 1, resources: 1 });
    expect(report.findings.map(({ file, severity }) => [file, severity])).toEqual([
      ['circle', 'warning'],
      ['outside', 'warning'],
    ]);
    await fixture.declare('../outside/a.yaml', named('one', 'https://stage.example.com/two'));
    await fixture.scan();
    expect((await fixture.need(key('one'))).metadata.generation).toBe(2);
  });

  it('is once what a link names a second time', async () => {
    await fixture.declare('b.yaml', named('one'));
    await symlink('b.yaml', fixture.path('a.yaml'));
    expect(await fixture.scan()).toMatchObject({ files: 1, resources: 1, findings: [] });
  });

  it('is read once while it does not change', async () => {
    const read: string[] = [];
    const files: FileSystem = {
      ...NODE_FILES,
      readFile(path) {
        read.push(path);
        return NODE_FILES.readFile(path);
      },
    };
    await fixture.restart({ files });
    await fixture.declare('a.yaml', named('one'));
    await fixture.scan();
    await fixture.scan();
    expect(read).toEqual([fixture.path('a.yaml')]);
    await fixture.declare('a.yaml', named('one', 'https://stage.example.com/two'));
    await fixture.scan();
    expect(read).toHaveLength(2);
    expect((await fixture.need(key('one'))).metadata.generation).toBe(2);
  });
});

describe('a file that is not good keeps what it held', () => {
  beforeEach(async () => {
    await fixture.declare('ab.yaml', named('a'), named('b'));
    await fixture.declare('c.yaml', named('c'));
    await fixture.scan();
  });

  const broken = [
    ['broken YAML', 'apiVersion: [', { line: 1 }],
    ['a wrong type', manifests(named('a'), recording({ name: 'b', spec: { videoWidth: 'wide' } })), {}],
    [
      'an unknown field',
      manifests(named('a'), recording({ name: 'b', spec: { colour: 1 } })),
      { field: 'spec.colour' },
    ],
    ['a change of what is immutable', manifests(recording({ name: 'a', spec: { projectRef: { name: 'x' } } })), {}],
    ['no manifest', 'just text', {}],
    ['nothing', '', {}],
  ] as const;

  it.each(broken)('%s', async (_, text, place) => {
    await unchangedBy(() => fixture.write('ab.yaml', text), 'a', 'b', 'c');
    const [finding] = (await fixture.scan()).findings;
    expect(finding).toMatchObject({ file: 'ab.yaml', severity: 'error', ...place });
    expect(finding?.line).toBeGreaterThan(0);
    expect(finding?.column).toBeGreaterThan(0);
  });

  it.each(broken)('%s, over a restart', async (_, text) => {
    await fixture.write('ab.yaml', text);
    await unchangedBy(() => fixture.restart(), 'a', 'b', 'c');
  });

  it('also when it moved meanwhile, where it names them still', async () => {
    // So many that two of them missing do not look like a mistake.
    await fixture.declare('more.yaml', ...['d', 'e', 'f'].map((name) => named(name)));
    await fixture.scan();
    await unchangedBy(
      async () => {
        await fixture.remove('ab.yaml');
        await fixture.write('new.yaml', `${manifests(named('a'), named('b'))}  - broken: [`);
        await fixture.restart();
      },
      'a',
      'b',
      'c',
    );
  });

  it('and takes nothing else from it', async () => {
    await fixture.write('ab.yaml', `${manifests(named('a', 'https://stage.example.com/new'), named('d'))}broken: [`);
    await fixture.scan();
    expect(await fixture.get(key('d'))).toBeUndefined();
    expect((await fixture.need(key('a'))).metadata.generation).toBe(1);
  });

  it('until it is good again', async () => {
    await fixture.write('ab.yaml', 'broken: [');
    await fixture.scan();
    await fixture.declare('ab.yaml', named('a', 'https://stage.example.com/new'), named('b'));
    expect((await fixture.scan()).findings).toEqual([]);
    expect((await fixture.need(key('a'))).metadata.generation).toBe(2);
  });

  it('but a broken file elsewhere keeps nothing that it never held', async () => {
    await fixture.write('broken.yaml', 'something: [');
    await fixture.remove('c.yaml');
    await fixture.prune();
    expect(await fixture.get(key('c'))).toBeUndefined();
  });
});

describe('a file cut in the middle stops and changes nothing', () => {
  it('wherever within a line it is cut', async () => {
    const text = manifests(named('a'), named('b'));
    await fixture.write('ab.yaml', text);
    await fixture.declare('cd.yaml', named('c'), named('d'));
    await fixture.scan();
    const before = (await fixture.host()).list('WebPageRecording');
    for (let length = 0; length < text.length; length += 1) {
      if (text[length - 1] === '\n') continue;
      await fixture.write('ab.yaml', text.slice(0, length));
      const report = await fixture.prune();
      expect(report.findings.map(({ severity }) => severity)).toContain('error');
    }
    expect((await fixture.host()).list('WebPageRecording')).toEqual(before);
  });

  it('nor when it is found empty after a restart', async () => {
    for (const name of ['a', 'b', 'c']) await fixture.declare(`${name}.yaml`, named(name));
    await fixture.scan();
    await fixture.write('a.yaml', '');
    await unchangedBy(() => fixture.restart(), 'a', 'b', 'c');
    expect((await fixture.scan()).findings).toMatchObject([{ file: 'a.yaml', message: 'the file is empty now' }]);
  });

  it('but an edit that takes lines away is an edit', async () => {
    await fixture.write('a.yaml', manifests(recording({ name: 'a', spec: { priority: 5 } })));
    await fixture.scan();
    await fixture.write('a.yaml', manifests(named('a')));
    expect((await fixture.scan()).findings).toEqual([]);
    expect((await fixture.need(key('a'))).spec).toMatchObject({ priority: 0 });
  });
});

describe('what cannot be read removes nothing', () => {
  let denied: Set<string>;
  beforeEach(async () => {
    denied = new Set();
    const deny = (path: string): void => {
      if (denied.has(path)) throw Object.assign(new Error('denied'), { code: 'EACCES' });
    };
    const files: FileSystem = {
      ...NODE_FILES,
      async readdir(path) {
        deny(path);
        return NODE_FILES.readdir(path);
      },
      async readFile(path) {
        deny(path);
        return NODE_FILES.readFile(path);
      },
    };
    await fixture.restart({ files });
    await fixture.declare('a.yaml', named('a'));
    await fixture.declare('deep/b.yaml', named('b'));
    await fixture.declare('deep/c.yaml', named('c'));
    await fixture.scan();
  });

  it('a file, over a restart as well', async () => {
    denied.add(fixture.path('a.yaml'));
    await fixture.write('a.yaml', manifests(named('a', 'https://stage.example.com/unseen')));
    await unchangedBy(async () => undefined, 'a', 'b', 'c');
    await unchangedBy(() => fixture.restart(), 'a', 'b', 'c');
    const report = await fixture.scan();
    expect(report.complete).toBe(false);
    expect(report.findings).toMatchObject([{ file: 'a.yaml', message: 'file cannot be read: permission denied' }]);
  });

  it('a directory, nor what is really gone meanwhile', async () => {
    denied.add(fixture.path('deep'));
    await unchangedBy(() => fixture.remove('a.yaml'), 'a', 'b', 'c');
    denied.clear();
    await fixture.prune();
    expect(await fixture.get(key('a'))).toBeUndefined();
    expect(await fixture.get(key('b'))).toBeDefined();
  });

  it('a directory that is gone as a whole', async () => {
    await unchangedBy(() => fixture.rename('.', '../away'), 'a', 'b', 'c');
    expect((await fixture.scan()).findings).toMatchObject([
      { file: '.', message: 'directory cannot be read: it does not exist' },
    ]);
    await fixture.rename('../away', '.');
    expect(await fixture.scan()).toMatchObject({ complete: true, findings: [] });
  });

  it('a link to nowhere', async () => {
    await unchangedBy(
      async () => {
        await fixture.remove('a.yaml');
        await symlink('nowhere', fixture.path('a.yaml'));
      },
      'a',
      'b',
      'c',
    );
  });

  it('what is not UTF-8', async () => {
    await unchangedBy(() => fixture.write('a.yaml', '').then(() => writeBytes('a.yaml')), 'a', 'b', 'c');
    expect((await fixture.scan()).findings).toMatchObject([
      { file: 'a.yaml', message: 'file cannot be read: it is not UTF-8 text' },
    ]);
  });

  it('while what can be read is taken over', async () => {
    denied.add(fixture.path('deep'));
    await fixture.declare('a.yaml', named('a', 'https://stage.example.com/new'), named('new'));
    await fixture.scan();
    expect((await fixture.need(key('a'))).metadata.generation).toBe(2);
    expect(await fixture.get(key('new'))).toBeDefined();
  });
});

const writeBytes = (path: string): Promise<void> =>
  writeFile(fixture.path(path), Uint8Array.of(0x61, 0xff, 0xfe, 0x0a));

describe('a resource declared twice', () => {
  const other = named('a', 'https://stage.example.com/other');

  it('stays as the place that was known first has it; both places are named', async () => {
    await fixture.declare('z.yaml', named('b'), named('a'));
    await fixture.scan();
    await unchangedBy(() => fixture.declare('a.yaml', other), 'a', 'b');
    const { findings } = await fixture.scan();
    expect(findings).toMatchObject([{ file: 'a.yaml', line: 2, severity: 'error' }]);
    expect(findings[0]?.message).toMatch(/^WebPageRecording media\/a is declared in z\.yaml:\d+ too/);
  });

  it('also after a restart', async () => {
    await fixture.declare('z.yaml', named('a'));
    await fixture.scan();
    await fixture.declare('a.yaml', other);
    await unchangedBy(() => fixture.restart(), 'a');
  });

  it('begins where neither place was known', async () => {
    await fixture.declare('a.yaml', named('a'));
    await fixture.declare('b.yaml', other);
    const report = await fixture.scan();
    expect(report.findings.map(({ file }) => file)).toEqual(['a.yaml', 'b.yaml']);
    expect(await fixture.get(key('a'))).toBeUndefined();
    await fixture.remove('a.yaml');
    expect((await fixture.scan()).findings).toEqual([]);
    expect((await fixture.need(key('a'))).spec).toMatchObject(other.spec as object);
  });

  it('within one file keeps what is accepted', async () => {
    await fixture.declare('a.yaml', named('a'));
    await fixture.declare('b.yaml', named('b'));
    await fixture.scan();
    await unchangedBy(() => fixture.declare('a.yaml', named('a'), other), 'a', 'b');
    expect((await fixture.scan()).findings).toHaveLength(2);
  });

  it('follows the other place when the first is removed, and takes no immutable change by it', async () => {
    await fixture.declare('a.yaml', named('a'));
    await fixture.scan();
    await fixture.declare('b.yaml', other);
    await fixture.scan();
    await fixture.remove('a.yaml');
    await fixture.prune();
    expect(await fixture.need(key('a'))).toMatchObject({ metadata: { uid: 'uid-1', generation: 2 }, spec: other.spec });
  });

  it('through a hard link is a duplicate as well', async () => {
    await fixture.declare('a.yaml', named('a'));
    await fixture.scan();
    await link(fixture.path('a.yaml'), fixture.path('b.yaml'));
    expect((await fixture.scan()).findings).toMatchObject([{ file: 'b.yaml' }]);
  });

  it('is told of Secrets too, without a value', async () => {
    await fixture.write('a.yaml', secretManifest('cdn', { key: 'first-value' }));
    await fixture.scan();
    await fixture.write('b.yaml', secretManifest('cdn', { key: 'second-value' }));
    const { findings } = await fixture.scan();
    expect(findings).toMatchObject([{ file: 'b.yaml' }]);
    expect(JSON.stringify(findings)).not.toContain('value');
    expect((await fixture.host()).secret('media', 'cdn', 'key')?.reveal()).toBe('first-value');
  });
});

describe('an edit', () => {
  it('counts a generation only where the declaration changed, not its text', async () => {
    await fixture.declare('a.yaml', project());
    await fixture.scan();
    const before = await fixture.need('AgoraProject/media/live');
    await fixture.write('a.yaml', `# a comment\n${manifests(project({ suspend: false }))}`);
    await fixture.rename('a.yaml', 'b.yaml');
    await fixture.scan();
    expect(await fixture.need('AgoraProject/media/live')).toEqual(before);
  });
});

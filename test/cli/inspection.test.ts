import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { liveAnswers } from '../../src/cli/control/answers.ts';
import { serveControl } from '../../src/cli/control/server.ts';
import { explainCommand } from '../../src/cli/explain.ts';
import { type GetOptions, getCommand } from '../../src/cli/get.ts';
import { planCommand } from '../../src/cli/plan.ts';
import { pruneCommand } from '../../src/cli/prune.ts';
import { createRuntime } from '../../src/cli/runtime.ts';
import { supportCommand } from '../../src/cli/support.ts';
import { keyOf, type Resource, type StatusBase } from '../../src/core/resource.ts';
import { timestamp } from '../../src/core/time.ts';
import type { Declared } from '../../src/hosts/declared.ts';
import { type FilesHost, openFilesHost } from '../../src/hosts/files/host.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { socketPath } from '../../src/hosts/files/store.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';
import { SILENT } from '../../src/observability/log.ts';
import { ManualClock } from '../hosts/manual-clock.ts';
import { CANARY, converter, project, recording, running, stored } from '../plan/builders.ts';
import { inDirectory, type Ran, ran, widthOf, write, writeState } from './commands.ts';

const RESOURCES: readonly Resource[] = [
  stored(project()),
  running(recording('keynote')),
  running(converter('vertical')),
  stored(converter('waits'), {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'WaitingForSlot',
        message: 'waits for converter eu HD: 5 of 5 in use',
        observedGeneration: 1,
        lastTransitionTime: timestamp(Date.now() - 60_000),
      },
      {
        type: 'Reconciling',
        status: 'True',
        reason: 'WaitingForSlot',
        message: 'waits',
        observedGeneration: 1,
        lastTransitionTime: timestamp(Date.now() - 60_000),
      },
    ],
    resolutionClass: 'HD',
    queue: { since: timestamp(Date.now() - 60_000), limit: 'converter eu HD: 5 of 5 in use', position: 2 },
  }),
];

const withState = (work: (state: string, directory: string) => Promise<void>, resources = RESOURCES): Promise<void> =>
  inDirectory(async (directory) => work(await writeState(join(directory, 'state'), resources), directory));

const get = (state: string, options: GetOptions = {}, io = {}): Promise<Ran> =>
  ran((each) => getCommand({ state, ...options }, each), io);

describe('get, without a controller', () => {
  it('shows the printer columns of each kind, and says that nobody answered', () =>
    withState(async (state) => {
      const { code, out, err } = await get(state);
      expect(code).toBe(0);
      expect(err).toContain('no controller answered');
      expect(out).toMatch(/^NAME +READY +STATUS +LOCATION +AGE$/m);
      expect(out).toMatch(/^NAME +READY +STATUS +REGION +RES +QUEUE +RESTARTS +AGE$/m);
      expect(out).toMatch(/^rtmpc\/vertical +True +Running +eu +HD +0 +\d/m);
      expect(out).toMatch(/^rtmpc\/waits +False +WaitingForSlot +eu +HD +2 +0 +/m);
      expect(widthOf(out)).toBeLessThanOrEqual(80);
    }));

  it.each(['rtmpc', 'RtmpConverter', 'rtmpconverters', 'converters', 'rtmpconverters.agora-reconciler.dev'])(
    '%s is a name of the kind',
    (kind) =>
      withState(async (state) => {
        const { out } = await get(state, { kind });
        expect(out).toMatch(/^vertical /m);
        expect(out).not.toContain('keynote');
      }),
  );

  it.each([
    [{ kind: 'wpr', name: 'keynote' }, 0],
    [{ kind: 'wpr/keynote' }, 0],
    [{ kind: 'wpr,rtmpc' }, 0],
    [{ kind: 'agora' }, 0],
    [{ kind: 'wpr', name: 'nobody' }, 1],
    [{ kind: 'pods' }, 64],
    [{ namespace: 'other' }, 0],
  ] as const)('%j: exit code %d', (options, code) =>
    withState(async (state) => {
      expect((await get(state, options)).code).toBe(code);
    }),
  );

  it('puts the namespace first where there are several', () =>
    withState(
      async (state) => {
        expect((await get(state, { kind: 'wpr' })).out).toMatch(/^NAMESPACE +NAME /);
        expect((await get(state, { kind: 'wpr', namespace: 'media' })).out).toMatch(/^NAME /);
      },
      [
        ...RESOURCES,
        { ...stored(recording('other')), metadata: { ...stored(recording('other')).metadata, namespace: 'second' } },
      ],
    ));

  it('wide shows handles', () =>
    withState(async (state) => {
      expect((await get(state, { kind: 'rtmpc', output: 'wide' })).out).toMatch(/show68_vertical +id-vertical$/m);
    }));

  it('JSON and YAML are versioned and hold no key', () =>
    withState(async (state) => {
      const { out } = await get(state, { output: 'json' });
      expect(JSON.parse(out)).toMatchObject({
        apiVersion: 'cli.agora-reconciler.dev/v1',
        kind: 'ResourceList',
        items: { length: 4 },
      });
      const yaml = await get(state, { output: 'yaml' });
      expect(parse(yaml.out)).toMatchObject({ kind: 'ResourceList', items: { length: 4 } });
      expect(out + yaml.out).not.toContain(CANARY);
      expect(out).toContain('rtmp://cdn.example.com/***');
    }));

  it('nothing is cut off in a pipe', () =>
    inDirectory(async (directory) => {
      const long = `a-name-${'x'.repeat(120)}`;
      const state = await writeState(join(directory, 'state'), [running(converter(long))]);
      expect((await get(state, {}, { isTTY: false })).out).toContain(long);
      expect(widthOf((await get(state)).out)).toBeLessThanOrEqual(80);
    }));

  it('a mistyped state directory is no empty one: 2', () =>
    inDirectory(async (directory) => {
      const state = join(directory, 'nothing');
      expect(await get(state)).toEqual({
        code: 2,
        out: '',
        err: `there is no state directory ${state}; name the one of watch with --state\n`,
      });
    }));

  it('a damaged state is one line and 2', () =>
    withState(async (state) => {
      await write(join(state, 'resources', 'x.json'), '{');
      const { code, err } = await get(state);
      expect(code).toBe(2);
      expect(err).toContain('not whole JSON');
    }));
});

describe('explain and support, without a controller', () => {
  it('explain finds the resource by its name alone', () =>
    withState(async (state) => {
      const { code, out } = await ran((io) => explainCommand({ resource: 'rtmpc/waits', state }, io));
      expect(code).toBe(0);
      expect(out).toContain('MP-2, MP-5');
      expect(out).toContain('place 2');
      expect(widthOf(out)).toBeLessThanOrEqual(80);
    }));

  it.each([
    ['rtmpc/nobody', 1],
    ['rtmpc', 64],
    ['rtmpc/a/b/c', 64],
    ['pods/a', 64],
    ['rtmpc/media/vertical', 0],
    ['rtmpc/other/vertical', 1],
  ])('%s: exit code %d', (resource, code) =>
    withState(async (state) => {
      expect((await ran((io) => explainCommand({ resource, state }, io))).code).toBe(code);
      expect((await ran((io) => supportCommand({ resource, state }, io))).code).toBe(code);
    }),
  );

  it('MP-16 support prints what a ticket needs and no key', () =>
    withState(async (state) => {
      const { out } = await ran((io) => supportCommand({ resource: 'wpr/keynote', state }, io));
      for (const part of ['sid-keynote', 'resource-1', '0123456789abcdef0123456789abcdef', 'eu'])
        expect(out).toContain(part);
      expect(out).not.toContain(CANARY);
      const json = await ran((io) => supportCommand({ resource: 'wpr/keynote', state, output: 'json' }, io));
      expect(JSON.parse(json.out)).toMatchObject({ kind: 'SupportCase', tasks: [{ handles: { sid: 'sid-keynote' } }] });
      expect(json.out).not.toContain(CANARY);
    }));
});

const document = ({ apiVersion, kind, namespace, name, spec }: Declared): string =>
  stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
const manifests = (...all: readonly Declared[]): string => all.map(document).join('---\n');

describe('plan', () => {
  const plan = (filename: readonly string[], state?: string, output?: 'json') =>
    ran((io) =>
      planCommand(
        { filename, ...(state === undefined ? {} : { state }), ...(output === undefined ? {} : { output }) },
        io,
      ),
    );

  it('changes: 2; nothing to do: 0', () =>
    withState(async (state, directory) => {
      const path = await write(join(directory, 'm', 'vertical.yaml'), manifests(converter('vertical')));
      expect(await plan([path], state)).toMatchObject({ code: 0, out: expect.stringContaining('nothing to do') });
      await write(path, manifests(converter('vertical', {}, { bitrate: 2500 })));
      const { code, out } = await plan([path], state);
      expect(code).toBe(2);
      expect(out).toContain('bitrate: 2000 -> 2500');
      expect(out).toContain('left aside');
      expect(out).not.toContain(CANARY);
      expect(widthOf(out)).toBeLessThanOrEqual(80);
    }));

  it('a directory stands for everything: what it lacks would be removed, and PruneHeld is told', () =>
    withState(async (state, directory) => {
      await write(join(directory, 'm', 'vertical.yaml'), manifests(project(), converter('vertical')));
      const { code, out } = await plan([join(directory, 'm')], state);
      expect(code).toBe(2);
      expect(out).toContain('- WebPageRecording media/keynote: remove');
      expect(out.replace(/\s+/g, ' ')).not.toContain('PruneHeld');
      await write(join(directory, 'm', 'vertical.yaml'), manifests(project()));
      expect((await plan([join(directory, 'm')], state)).out).toContain('PruneHeld');
    }));

  it('a wrong manifest: 1, its finding on stderr, and no plan', () =>
    inDirectory(async (directory) => {
      const path = await write(
        join(directory, 'a.yaml'),
        manifests(converter('a')).replace('region: eu', 'region: mars'),
      );
      const { code, out, err } = await plan([path]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('spec.region');
    }));

  it('an immutable field that changed is found by the state', () =>
    withState(async (state, directory) => {
      const path = await write(
        join(directory, 'vertical.yaml'),
        manifests(converter('vertical', { projectRef: { name: 'other' } })),
      );
      expect((await plan([path])).code).toBe(2);
      expect(await plan([path], state)).toMatchObject({ code: 1, err: expect.stringContaining('spec.projectRef') });
    }));

  it('a state directory that is not there yet is told: everything counts as new', () =>
    inDirectory(async (directory) => {
      const path = await write(join(directory, 'a.yaml'), manifests(project(), converter('a')));
      const { code, err } = await plan([path], join(directory, 'nothing'));
      expect(code).toBe(2);
      expect(err).toContain('everything counts as new');
    }));

  it('a path or a state that cannot be used: 1, never 2', () =>
    withState(async (state, directory) => {
      expect((await plan([join(directory, 'nothing')])).code).toBe(1);
      await write(join(state, 'resources', 'x.json'), '{');
      const path = await write(join(directory, 'a.yaml'), manifests(converter('a')));
      expect((await plan([path], state)).code).toBe(1);
    }));

  it('-o json is versioned', () =>
    inDirectory(async (directory) => {
      const path = await write(join(directory, 'a.yaml'), manifests(project(), converter('a')));
      expect(JSON.parse((await plan([path], undefined, 'json')).out)).toMatchObject({
        apiVersion: 'cli.agora-reconciler.dev/v1',
        kind: 'Plan',
        comparedWith: 'nothing',
        summary: { create: 1, accept: 1 },
        resources: [{ kind: 'AgoraProject' }, { kind: 'RtmpConverter', waits: { reason: 'DependencyNotReady' } }],
      });
    }));
});

/** A files host with its control socket, as `watch` has it; the engine does not run, so that nothing moves. */
async function watched(
  work: (parts: {
    readonly host: FilesHost;
    readonly clock: ManualClock;
    readonly state: string;
    readonly directory: string;
  }) => Promise<void>,
): Promise<void> {
  await inDirectory(async (base) => {
    const [directory, state] = [join(base, 'm'), join(base, 'state')];
    await mkdir(directory);
    const clock = new ManualClock();
    await write(join(directory, 'project.yaml'), manifests(project()));
    for (const one of [recording('keynote'), recording('second'), converter('vertical')])
      await write(join(directory, `${one.name}.yaml`), manifests(one));
    const host = await openFilesHost({
      directory,
      stateDirectory: state,
      read: createManifestReader(await createValidator()),
      clock,
      environment: {},
      durability: 'none',
    });
    const transport = async (): Promise<never> => {
      throw new Error('no command may call');
    };
    const runtime = { ...createRuntime({ clock, host, transport, log: SILENT }), host };
    const stop = new AbortController();
    const server = await serveControl(socketPath(state), liveAnswers(runtime, runtime.host), stop.signal);
    try {
      await host.scan();
      await work({ host, clock, state, directory });
    } finally {
      stop.abort();
      await server.closed;
      await host.close();
    }
  });
}

describe('with a running controller', () => {
  it('get, explain and support are its answers', () =>
    watched(async ({ host, state }) => {
      const key = 'WebPageRecording/media/keynote';
      const resource = host.get(key);
      if (resource === undefined) throw new Error('not declared');
      await host.writeStatus(resource, running(recording('keynote')).status as StatusBase);
      host.event(resource, { type: 'Normal', reason: 'Told', note: `a note about ${CANARY}` });
      const { err, out } = await get(state, { kind: 'wpr' });
      expect(err).toBe('');
      expect(out).toMatch(/^keynote +True +Running/m);
      const explained = await ran((io) => explainCommand({ resource: 'wpr/keynote', state, output: 'json' }, io));
      expect(JSON.parse(explained.out)).toMatchObject({ kind: 'Explanation', source: 'controller', reason: 'Running' });
      const support = await ran((io) => supportCommand({ resource: 'wpr/keynote', state }, io));
      expect(support.out).toContain('Told: a note about');
      expect(explained.out + support.out).not.toContain(CANARY);
      expect((await ran((io) => explainCommand({ resource: 'wpr/nobody', state }, io))).code).toBe(1);
    }));

  it('plan asks for its memory and is on its clock', () =>
    watched(async ({ state, directory, clock }) => {
      const plan = await ran((io) => planCommand({ filename: [directory], state, output: 'json' }, io));
      expect(JSON.parse(plan.out)).toMatchObject({ comparedWith: 'controller', at: timestamp(clock.now()) });
    }));

  it('prune lists what is held back, and confirms exactly that list', () =>
    watched(async ({ host, clock, state, directory }) => {
      const prune = (yes: boolean) => ran((io) => pruneCommand({ state, yes }, io));
      expect(await prune(false)).toMatchObject({ code: 0, out: 'No removal is held back.\n' });
      const { rm } = await import('node:fs/promises');
      for (const name of ['keynote', 'second', 'vertical']) await rm(join(directory, `${name}.yaml`));
      await host.scan();
      clock.advance(11_000);
      await host.scan();
      const listed = await prune(false);
      expect(listed.code).toBe(1);
      expect(listed.out).toContain('WebPageRecording media/keynote');
      expect(host.list('WebPageRecording')).toHaveLength(2);
      expect(await prune(true)).toMatchObject({ code: 0, out: expect.stringContaining('3 removals confirmed') });
      await host.scan();
      expect(host.list('WebPageRecording')).toHaveLength(0);
    }));
});

describe('prune, without a controller', () => {
  it('says so: 2', () =>
    withState(async (state) => {
      const { code, err } = await ran((io) => pruneCommand({ state }, io));
      expect(code).toBe(2);
      expect(err).toContain('no controller answered');
    }));
});

it('the state that tests write has every resource', () =>
  withState(async (state) => {
    const { out } = await get(state, { output: 'json' });
    const items = (JSON.parse(out) as { readonly items: readonly Resource[] }).items;
    expect(items.map(keyOf).sort()).toEqual(RESOURCES.map(keyOf).sort());
  }));

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enterWorld, markWorld } from '../../src/cli/world.ts';
import type { Resource } from '../../src/core/resource.ts';
import { realClock } from '../../src/engine/clock.ts';
import { prepareState, StateStore } from '../../src/hosts/files/store.ts';

let directory: string;
const clock = realClock();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'world-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A state as a process leaves it: one converter, with so many tasks. */
async function withTasks(count: number): Promise<void> {
  await prepareState(directory);
  const store = await StateStore.open(directory, 'none');
  const task = { attempt: 1, member: 'main', phase: 'Running', name: 'show68_main', converterId: 'c1' };
  const resource = {
    apiVersion: 'agora-reconciler.dev/v1alpha1',
    kind: 'RtmpConverter',
    metadata: {
      namespace: 'media',
      name: 'main',
      uid: 'uid-1',
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-12-01T09:00:00.000Z',
      finalizers: [],
    },
    spec: {},
    status: { observedGeneration: 1, conditions: [], tasks: count === 0 ? [] : [task] },
  } satisfies Resource;
  await store.write({ resource });
}

describe('the mark of a state directory', () => {
  it.each(['agora', 'simulate', 'in-process'] as const)('a new directory is entered by %s', async (world) => {
    await enterWorld(join(directory, 'new'), world, clock);
    expect(existsSync(join(directory, 'new'))).toBe(false);
  });

  it.each`
    of              | by              | belongs
    ${'agora'}      | ${'simulate'}   | ${'tasks at Agora'}
    ${'agora'}      | ${'in-process'} | ${'tasks at Agora'}
    ${'simulate'}   | ${'agora'}      | ${'tasks in a simulated cloud'}
    ${'in-process'} | ${'agora'}      | ${'a rehearsal'}
  `('$by does not enter what belongs to $of', async ({ of, by, belongs }) => {
    await markWorld(directory, of);
    await expect(enterWorld(directory, by, clock)).rejects.toThrow(
      `the state directory ${directory} belongs to ${belongs}`,
    );
    await expect(enterWorld(directory, of, clock)).resolves.toBeUndefined();
  });

  it('without a mark, tasks are taken for tasks at Agora', async () => {
    await withTasks(1);
    await expect(enterWorld(directory, 'simulate', clock)).rejects.toThrow('belongs to tasks at Agora');
    await expect(enterWorld(directory, 'agora', clock)).resolves.toBeUndefined();
  });

  it('a process that ended before the mark, and before any task, locks nobody out', async () => {
    await withTasks(0);
    await enterWorld(directory, 'simulate', clock);
    await enterWorld(directory, 'in-process', clock);
    expect(await readdir(join(directory, 'resources'))).toHaveLength(1);
  });

  it('a mark that cannot be read is none', async () => {
    await withTasks(1);
    await writeFile(join(directory, 'world'), 'sim');
    await expect(enterWorld(directory, 'in-process', clock)).rejects.toThrow('belongs to tasks at Agora');
  });

  it('an earlier rehearsal is cleared for the next one, with its notices; what is not ours stays', async () => {
    await withTasks(1);
    await markWorld(directory, 'in-process');
    await writeFile(join(directory, 'notices.jsonl'), '{}\n');
    await mkdir(join(directory, 'other'));
    await enterWorld(directory, 'in-process', clock);
    expect((await readdir(directory)).sort()).toEqual(expect.arrayContaining(['other', 'world']));
    expect(existsSync(join(directory, 'resources'))).toBe(false);
    expect(existsSync(join(directory, 'notices.jsonl'))).toBe(false);
  });

  it('is written whole, for its owner alone', async () => {
    await markWorld(directory, 'simulate');
    await markWorld(directory, 'simulate');
    expect(await readdir(directory)).toEqual(['world']);
    expect((await stat(join(directory, 'world'))).mode & 0o777).toBe(0o600);
  });
});

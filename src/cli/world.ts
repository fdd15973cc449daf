import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { lockState } from '../hosts/files/lock.ts';
import { journalPaths } from '../ingress/journal-file.ts';
import { type TaskStatus, tasksOf } from '../kinds/task.ts';
import { CommandError } from './io.ts';

/**
 * Where the tasks of a state directory live. A state must never be carried from one to another: tasks of a simulated
 * cloud would be looked for at Agora, and Agora's would be forgotten by a rehearsal.
 */
export type World = 'agora' | 'simulate' | 'in-process';

const NAMES: Readonly<Record<World, string>> = {
  agora: 'tasks at Agora',
  simulate: 'tasks in a simulated cloud (agora-reconciler simulate)',
  'in-process': 'a rehearsal (watch --simulate)',
};

/** Refuses a state of another world. That of an earlier rehearsal is cleared: its cloud ended with its process. */
export async function enterWorld(stateDirectory: string, world: World, clock: Clock): Promise<void> {
  const found = await readFile(join(stateDirectory, FILE), 'utf8').then(
    (text) => parse(text),
    () => undefined,
  );
  const hasState = found !== undefined || (await holdsTasks(stateDirectory));
  if (!hasState) return;
  if ((found ?? 'agora') !== world) {
    throw new CommandError(
      `the state directory ${stateDirectory} belongs to ${NAMES[found ?? 'agora']}; name another with --state`,
    );
  }
  if (world !== 'in-process') return;
  const lock = await lockState(stateDirectory, clock.now());
  try {
    const parts = ['resources', 'secrets'].map((part) => join(stateDirectory, part));
    for (const path of [...parts, ...journalPaths(stateDirectory)]) await rm(path, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

/** Whole or not at all, like all state. */
export async function markWorld(stateDirectory: string, world: World): Promise<void> {
  const path = join(stateDirectory, FILE);
  await writeFile(`${path}.tmp`, `${world}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

const FILE = 'world';

function parse(text: string): World | undefined {
  const name = text.trim();
  return name === 'agora' || name === 'simulate' || name === 'in-process' ? name : undefined;
}

/** A process that ended before it marked the directory has made no call: what it left is nobody's. */
async function holdsTasks(stateDirectory: string): Promise<boolean> {
  const { readState } = await import('../hosts/files/store.ts');
  const state = await readState(stateDirectory).catch(() => undefined);
  const records = [...(state?.records.values() ?? [])];
  return records.some(({ resource }) => tasksOf(resource.status as TaskStatus | undefined).length > 0);
}

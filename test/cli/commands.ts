import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { CommandError } from '../../src/cli/io.ts';
import type { Resource } from '../../src/core/resource.ts';
import { lockState } from '../../src/hosts/files/lock.ts';
import { prepareState, StateStore } from '../../src/hosts/files/store.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as `main` does, with its output caught. */
export async function ran(command: (io: Io) => Promise<number>, given: Partial<Io> = {}): Promise<Ran> {
  const written = { out: '', err: '' };
  const io: Io = {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: {},
    isTTY: true,
    columns: 80,
    colours: false,
    terminal: undefined,
    signal: new AbortController().signal,
    ...given,
  };
  try {
    return { code: await command(io), ...written };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { code: error.exitCode, out: written.out, err: `${written.err}${error.message}\n` };
  }
}

/** A directory of its own, gone afterwards. */
export async function inDirectory<Value>(work: (directory: string) => Promise<Value>): Promise<Value> {
  const directory = await mkdtemp(join(tmpdir(), 'agora-cli-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function write(path: string, text: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A state directory as an ended `watch` leaves it. */
export async function writeState(directory: string, resources: readonly Resource[]): Promise<string> {
  await prepareState(directory);
  const lock = await lockState(directory, 0);
  const store = await StateStore.open(directory, 'none');
  for (const resource of resources) await store.write({ resource, source: `${resource.metadata.name}.yaml` });
  await store.close();
  lock.release();
  return directory;
}

export const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

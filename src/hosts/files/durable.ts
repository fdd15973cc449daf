import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import PQueue from 'p-queue';
import { errorCode } from './filesystem.ts';

/** `none`: survives the end of the process, not of the machine; for tests and benchmarks. */
export type Durability = 'fsync' | 'none';

/** Enough to keep the disk busy; Node's own pool has four threads. */
const AT_ONCE = 16;
const TEMPORARY = '.tmp';

export const isTemporary = (name: string): boolean => name.endsWith(TEMPORARY);

/** Replaces and removes whole files so that a reader, also after a crash, sees the old or the new one (ADR 0003). */
export class DurableFiles {
  readonly #durability: Durability;
  readonly #queue = new PQueue({ concurrency: AT_ONCE });
  readonly #directories = new Map<string, Promise<void>>();
  #count = 0;

  constructor(durability: Durability) {
    this.#durability = durability;
  }

  replace(path: string, text: string): Promise<void> {
    return this.#queue.add(async () => {
      this.#count += 1;
      const temporary = `${path}.${process.pid}-${this.#count}${TEMPORARY}`;
      try {
        const file = await open(temporary, 'wx', 0o600);
        try {
          await file.writeFile(text);
          if (this.#durability === 'fsync') await file.datasync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await this.#syncDirectory(dirname(path));
    });
  }

  remove(path: string): Promise<void> {
    return this.#queue.add(async () => {
      await rm(path, { force: true });
      await this.#syncDirectory(dirname(path));
    });
  }

  /** Resolves when all that was asked for has ended. */
  idle(): Promise<void> {
    return this.#queue.onIdle();
  }

  /** One sync of a directory serves every rename that was done before it began. */
  #syncDirectory(directory: string): Promise<void> {
    if (this.#durability === 'none') return Promise.resolve();
    const waiting = this.#directories.get(directory);
    if (waiting !== undefined) return waiting;
    const before = this.#syncing.get(directory) ?? Promise.resolve();
    const sync = before.then(() => {
      this.#directories.delete(directory);
      const running = syncDirectory(directory);
      this.#syncing.set(
        directory,
        running.catch(() => undefined),
      );
      return running;
    });
    this.#directories.set(directory, sync);
    return sync;
  }

  readonly #syncing = new Map<string, Promise<void>>();
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows and some network file systems cannot sync a directory; they order renames by themselves.
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  }
}

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Sqlite from 'node:sqlite';
import type { Instant } from '../../core/time.ts';
import { timestamp } from '../../core/time.ts';
import { StateError } from './state-error.ts';

export interface Lock {
  release(): void;
}

/**
 * Makes this process the only one that works on a state directory, until `release` or its end, however it ends: the
 * lock is the operating system's own on an open file (taken through SQLite, which Node brings along), so that nothing
 * stale is left by `kill -9` (ADR 0003).
 */
export async function lockState(directory: string, now: Instant): Promise<Lock> {
  const { DatabaseSync } = loadSqlite();
  const holder = join(directory, 'lock.json');
  let database: InstanceType<typeof DatabaseSync> | undefined;
  try {
    database = new DatabaseSync(join(directory, 'lock'));
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    await writeFile(holder, `${JSON.stringify({ pid: process.pid, since: timestamp(now) })}\n`, { mode: 0o600 });
  } catch (error) {
    database?.close();
    if (!isBusy(error)) throw new StateError(`the state directory ${directory} cannot be locked`, { cause: error });
    const who = await readFile(holder, 'utf8').then(describe, () => 'another process');
    const advice = 'stop it, or name another directory with --state';
    throw new StateError(`the state directory ${directory} is in use by ${who}; ${advice}`, { cause: error });
  }
  const held = database;
  return { release: () => held.close() };
}

/** SQLITE_BUSY. */
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5;

function describe(text: string): string {
  try {
    const { pid, since } = JSON.parse(text) as { readonly pid: unknown; readonly since: unknown };
    return `process ${Number(pid)} (since ${String(since)})`;
  } catch {
    return 'another process';
  }
}

/** Node 22 warns that its SQLite is young; that is no news for a user, and this use of it has not changed since. */
function loadSqlite(): typeof Sqlite {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

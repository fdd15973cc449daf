import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { minutes, seconds } from '../core/time.ts';
import type { Logger } from '../observability/log.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { entryLine, parseEntry } from './journal-line.ts';

export interface JournalFileOptions {
  /** The state directory, whose lock the caller holds. */
  readonly directory: string;
  /** The machine's. */
  readonly clock: Clock;
  readonly log: Logger;
  /** A file that would grow beyond is put aside, in place of the one that was put aside before. */
  readonly maxBytes?: number;
}

export interface JournalFile {
  readonly journal: Journal;
  /** What an earlier process kept, the oldest first; once, and nothing of it is held any longer. */
  takeKept(): readonly JournalEntry[];
  /** Writes what was asked for, then lets the file go. */
  close(): Promise<void>;
}

/** Some thousand notices. */
const MAX_BYTES = 1_024 * 1_024;
const MAX_WAITING = 1_000;
/** Agora waits ten seconds for its answer, and the answer does not depend on this. */
const APPEND_MS = seconds(0.5);
const TROUBLE_LOGGED_MS = minutes(1);

/**
 * Notices in two files of bounded size, a line each, appended and not synced: after a crash of the machine the last ones
 * may be missing or torn, which costs a later look. A torn line is passed over, and ended before the next is written.
 */
export async function openJournal(options: JournalFileOptions): Promise<JournalFile> {
  const { clock, log, maxBytes = MAX_BYTES } = options;
  const [path, asidePath] = journalPaths(options.directory);
  const aside = await entriesOf(asidePath);
  const current = await entriesOf(path);
  let kept: readonly JournalEntry[] = [...aside, ...current];
  const counts = { aside: aside.length, current: current.length };
  /** Undefined before the first line, and after trouble: then it is opened anew. */
  let file: OpenFile | undefined;
  let waiting = 0;
  let troubleLoggedAt = Number.NEGATIVE_INFINITY;
  let tail: Promise<void> = Promise.resolve();

  async function letGo(): Promise<void> {
    const held = file;
    file = undefined;
    await held?.handle.close().catch(() => undefined);
  }

  async function write(line: string): Promise<void> {
    const bytes = Buffer.byteLength(line);
    file ??= await openForAppend(path);
    if (file.bytes > 0 && file.bytes + bytes > maxBytes) {
      await letGo();
      await rename(path, asidePath);
      counts.aside = counts.current;
      counts.current = 0;
      file = await openForAppend(path);
    }
    await file.handle.appendFile(line);
    file.bytes += bytes;
    counts.current += 1;
  }

  async function attempt(entry: JournalEntry): Promise<void> {
    try {
      await write(entryLine(entry));
    } catch (error) {
      await letGo();
      troubled(error instanceof Error && 'code' in error ? String(error.code) : 'unknown error');
    }
  }

  function troubled(because: string): void {
    if (clock.monotonic() < troubleLoggedAt + TROUBLE_LOGGED_MS) return;
    troubleLoggedAt = clock.monotonic();
    log.warn({ because }, 'notifications are not kept for a restart; they are acted upon all the same');
  }

  return {
    takeKept() {
      const taken = kept;
      kept = [];
      return taken;
    },
    journal: {
      depth: () => counts.aside + counts.current,
      async append(entry) {
        if (waiting >= MAX_WAITING) return troubled('the disk does not keep up');
        waiting += 1;
        tail = tail.then(async () => attempt(entry)).then(() => void (waiting -= 1));
        const done = new AbortController();
        await Promise.race([tail, clock.sleep(APPEND_MS, done.signal).catch(() => undefined)]);
        done.abort();
      },
    },
    async close() {
      await tail;
      await letGo();
    },
  };
}

interface OpenFile {
  readonly handle: FileHandle;
  bytes: number;
}

/** The file that is written, and the one put aside before it. */
export const journalPaths = (directory: string): readonly [string, string] => [
  join(directory, 'notices.jsonl'),
  join(directory, 'notices.1.jsonl'),
];

async function entriesOf(path: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(parseEntry)
    .filter((entry) => entry !== undefined);
}

/** What a killed process left without its end must not swallow the next line. */
async function openForAppend(path: string): Promise<OpenFile> {
  const handle = await open(path, 'a', 0o600);
  const { size } = await stat(path);
  if (size === 0) return { handle, bytes: 0 };
  await handle.appendFile('\n');
  return { handle, bytes: size + 1 };
}

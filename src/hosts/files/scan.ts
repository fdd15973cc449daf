import { basename, dirname, join } from 'node:path';
import type { Instant } from '../../core/time.ts';
import { type DirectoryEntry, errorCode, type FileStat, type FileSystem } from './filesystem.ts';

/** One look at the whole directory. Only a complete one says that something is *not* there. */
export interface TreeScan {
  /** Sorted by path. */
  readonly files: readonly ScannedFile[];
  /** What could not be read, or is left out although its user may expect otherwise. */
  readonly problems: readonly Problem[];
  readonly complete: boolean;
  /** Every directory whose changes matter, with what tells it from a later one of the same name. */
  readonly directories: ReadonlyMap<string, string>;
}

export interface ScannedFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** Changes with the file's content; equal to the last scan's where the file was not read again. */
  readonly identity: string;
  readonly text: string;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly advice: string;
  readonly severity: 'error' | 'warning';
}

export interface ScanOptions {
  /** Absolute. */
  readonly root: string;
  /** The state directory as `directoryIdentity` has it; never entered, by whatever path. */
  readonly skip: string;
  readonly files: FileSystem;
  now(): Instant;
}

const MANIFEST = /\.(ya?ml|json)$/i;
/** Files read at a time: enough to keep the disk busy, few enough for any limit of open files. */
const BATCH = 32;
/**
 * A file that changed this shortly before it was read may change again without a visible trace (time stamps are
 * coarse), so it is read again next time.
 */
const TOO_FRESH_MS = 2_000;

/** Reads the manifests below a directory; unchanged files are not read again. */
export class TreeReader {
  readonly #options: ScanOptions;
  #known: ReadonlyMap<string, ReadFile> = new Map();

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  async scan(): Promise<TreeScan> {
    const found = new Found();
    await this.#above(found);
    await this.#walk('', found);
    found.places.sort((a, b) => (a.path < b.path ? -1 : 1));
    const files: ScannedFile[] = [];
    const known = new Map<string, ReadFile>();
    const seen = new Set<string>();
    for (let at = 0; at < found.places.length; at += BATCH) {
      const batch = found.places.slice(at, at + BATCH);
      for (const [index, file] of (await Promise.all(batch.map((place) => this.#read(place, found)))).entries()) {
        const place = batch[index];
        if (file === undefined || place === undefined) continue;
        const inode = `${place.stat.dev}:${place.stat.ino}`;
        // A link to a file that is read under its own name declares nothing twice.
        if (place.link && (seen.has(inode) || found.inodes.has(inode))) continue;
        if (place.link) seen.add(inode);
        known.set(file.path, file);
        files.push(file);
      }
    }
    this.#known = known;
    return { files, problems: found.problems, complete: found.complete, directories: found.directories };
  }

  async #walk(path: string, found: Found): Promise<void> {
    const { root, skip, files } = this.#options;
    const absolute = join(root, path);
    let entries: readonly DirectoryEntry[];
    try {
      const identity = directoryIdentity(await files.stat(absolute));
      if (identity === skip) return;
      found.directories.set(absolute, identity);
      entries = await files.readdir(absolute);
    } catch (error) {
      found.unreadable(path || '.', 'directory', error);
      return;
    }
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const child = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) await this.#walk(child, found);
      else if (entry.isSymbolicLink()) await this.#link(child, found);
      else if (entry.isFile() && MANIFEST.test(entry.name)) await this.#place(child, found);
    }
  }

  async #link(path: string, found: Found): Promise<void> {
    const stat = await this.#stat(path, found);
    if (stat?.isDirectory()) {
      const message = 'link to a directory is not followed';
      found.problems.push({ path, message, advice: 'name the files, or move them here', severity: 'warning' });
    } else if (stat?.isFile() && MANIFEST.test(path)) {
      found.places.push({ path, stat, link: true });
      await this.#followed(path, found);
    }
  }

  /** An edit of a file behind a link shows in the directory that the file is in. */
  async #followed(path: string, found: Found): Promise<void> {
    const { root, files } = this.#options;
    try {
      const directory = dirname(await files.realpath(join(root, path)));
      found.directories.set(directory, directoryIdentity(await files.stat(directory)));
    } catch {
      // It went since; reading it will tell, and the periodic scan sees its edits.
    }
  }

  /** Where the path of the root is a link somewhere (as a deployment swaps one), the swap shows in the link's directory. */
  async #above(found: Found): Promise<void> {
    const { root, files } = this.#options;
    try {
      if ((await files.realpath(root)) === root) return;
      for (let path = root; dirname(path) !== path; path = dirname(path)) {
        const parent = dirname(path);
        const link = (await files.realpath(path)) !== join(await files.realpath(parent), basename(path));
        if (link) found.directories.set(parent, directoryIdentity(await files.stat(parent)));
      }
    } catch {
      // It cannot be read now, which the walk tells.
    }
  }

  async #place(path: string, found: Found): Promise<void> {
    const stat = await this.#stat(path, found);
    if (!stat?.isFile()) return;
    found.places.push({ path, stat, link: false });
    found.inodes.add(`${stat.dev}:${stat.ino}`);
  }

  async #stat(path: string, found: Found): Promise<FileStat | undefined> {
    try {
      return await this.#options.files.stat(join(this.#options.root, path));
    } catch (error) {
      // A dangling link without a manifest's name hides nothing.
      if (MANIFEST.test(path)) found.unreadable(path, 'file', error);
      return undefined;
    }
  }

  async #read({ path, stat }: Place, found: Found): Promise<ReadFile | undefined> {
    const identity = identify(stat);
    const known = this.#known.get(path);
    if (known?.identity === identity && known.settled) return known;
    try {
      const absolute = join(this.#options.root, path);
      const bytes = await this.#options.files.readFile(absolute);
      const after = await this.#options.files.stat(absolute);
      if (identify(after) !== identity) throw new Error('it changed while it was read');
      const ageMs = this.#options.now() - Number(stat.ctimeNs / 1_000_000n);
      return { path, identity, text: UTF8.decode(bytes), settled: Math.abs(ageMs) > TOO_FRESH_MS };
    } catch (error) {
      found.unreadable(path, 'file', error);
      return undefined;
    }
  }
}

interface ReadFile extends ScannedFile {
  /** Its identity can be trusted to change with its content. */
  readonly settled: boolean;
}

interface Place {
  readonly path: string;
  readonly stat: FileStat;
  readonly link: boolean;
}

/** What a walk gathers. */
class Found {
  readonly places: Place[] = [];
  readonly inodes = new Set<string>();
  readonly problems: Problem[] = [];
  readonly directories = new Map<string, string>();
  complete = true;

  unreadable(path: string, what: 'file' | 'directory', error: unknown): void {
    this.complete = false;
    const why = errorCode(error) ?? (error instanceof Error ? error.message : 'unknown error');
    const message = `${what} cannot be read: ${EXPLAINED[why] ?? why}`;
    this.problems.push({ path, message, advice: 'until it can be read, nothing is removed', severity: 'error' });
  }
}

const EXPLAINED: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'it is not a directory',
  ELOOP: 'its links run in a circle',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

export const directoryIdentity = ({ dev, ino }: Pick<FileStat, 'dev' | 'ino'>): string => `${dev}:${ino}`;

const identify = (stat: FileStat): string => `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;

import { readdir, readFile, realpath, stat } from 'node:fs/promises';

/** What the scan needs of a file system; injected, so that a test can deny what root may always read. */
export interface FileSystem {
  readdir(path: string): Promise<readonly DirectoryEntry[]>;
  /** Follows links. */
  stat(path: string): Promise<FileStat>;
  readFile(path: string): Promise<Uint8Array>;
  realpath(path: string): Promise<string>;
}

export interface DirectoryEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
}

export const NODE_FILES: FileSystem = {
  readdir: (path) => readdir(path, { withFileTypes: true }),
  stat: (path) => stat(path, { bigint: true }),
  readFile: (path) => readFile(path),
  realpath: (path) => realpath(path),
};

/** `ENOENT` and the like; undefined for what is no error of the system. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

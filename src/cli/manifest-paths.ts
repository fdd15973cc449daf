import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Key, Resource } from '../core/resource.ts';
import { errorCode, NODE_FILES } from '../hosts/files/filesystem.ts';
import { type Finding, hasError } from '../hosts/files/findings.ts';
import { createManifestReader } from '../hosts/files/manifest-reader.ts';
import { ManifestFiles, type Manifests } from '../hosts/files/manifests.ts';
import { problemFinding } from '../hosts/files/report.ts';
import { directoryIdentity, type Problem, type ScannedFile, TreeReader } from '../hosts/files/scan.ts';
import { createValidator } from '../hosts/files/validate.ts';
import { CommandError } from './io.ts';

export interface ReadPaths {
  readonly manifests: Manifests;
  /** Everything that a person should look at, in the order of files and lines. */
  readonly findings: readonly Finding[];
  readonly failed: boolean;
  /** Manifest files that were read, as they were named. */
  readonly files: readonly string[];
  /** A directory was named: what it does not declare is declared nowhere. */
  readonly whole: boolean;
}

/** Reads and validates what `-f` names: files as they are, directories as `watch` reads them. Writes nothing. */
export async function readPaths(
  paths: readonly string[],
  options: {
    readonly stateDirectory?: string | undefined;
    /** The resource in force, for rules about a change. */
    readonly old?: (key: Key) => Resource | undefined;
    /** Of manifests that name none; default `default`. */
    readonly namespace?: string;
    readonly now: () => number;
  },
): Promise<ReadPaths> {
  const within = options.namespace === undefined ? {} : { namespace: options.namespace };
  const skip = await identityOf(options.stateDirectory);
  const files = new Map<string, ScannedFile>();
  const problems: Problem[] = [];
  let whole = false;
  for (const path of paths) {
    const found = await readOne(path, { skip, now: options.now });
    whole ||= found.directory;
    for (const file of found.files) files.set(resolve(file.path), file);
    problems.push(...found.problems);
  }
  const reader = new ManifestFiles(createManifestReader(await createValidator(within), within), {
    resource: options.old ?? (() => undefined),
    source: () => undefined,
    declares: () => false,
  });
  const all = [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const manifests = await reader.take({ files: all, problems, complete: true, directories: new Map() });
  const findings = [...manifests.findings, ...problems.map(problemFinding)].toSorted(byPlace);
  return { manifests, findings, failed: hasError(findings), files: all.map(({ path }) => path), whole };
}

interface Found {
  readonly files: readonly ScannedFile[];
  readonly problems: readonly Problem[];
  readonly directory: boolean;
}

async function readOne(path: string, options: { readonly skip: string; readonly now: () => number }): Promise<Found> {
  const found = await stat(path).catch((error: unknown) => {
    const why = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read (${errorCode(error) ?? 'unknown'})`;
    throw new CommandError(`${path} ${why}`, { cause: error });
  });
  if (!found.isDirectory()) {
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new CommandError(`${path} cannot be read (${errorCode(error) ?? 'unknown'})`, { cause: error });
    });
    return { ...textFile(path, bytes), directory: false };
  }
  const tree = new TreeReader({ root: resolve(path), files: NODE_FILES, ...options });
  const scan = await tree.scan();
  return {
    files: scan.files.map((file) => ({ ...file, path: join(path, file.path) })),
    problems: scan.problems.map((problem) => ({ ...problem, path: join(path, problem.path) })),
    directory: true,
  };
}

function textFile(path: string, bytes: Uint8Array): Pick<Found, 'files' | 'problems'> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { files: [{ path, identity: path, text }], problems: [] };
  } catch {
    // Only the decoder throws here.
    const problem: Problem = {
      path,
      message: 'file cannot be read: it is not UTF-8 text',
      advice: 'save it as UTF-8',
      severity: 'error',
    };
    return { files: [], problems: [problem] };
  }
}

/** The state directory is never read as manifests, wherever it lies. */
async function identityOf(directory: string | undefined): Promise<string> {
  if (directory === undefined) return '';
  return stat(directory, { bigint: true }).then(directoryIdentity, () => '');
}

const byPlace = (a: Finding, b: Finding): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;

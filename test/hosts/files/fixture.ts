import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Key, Resource, StatusBase } from '../../../src/core/resource.ts';
import { seconds } from '../../../src/core/time.ts';
import type { Declared } from '../../../src/hosts/declared.ts';
import { type FilesHost, type FilesHostOptions, openFilesHost } from '../../../src/hosts/files/host.ts';
import { createManifestReader } from '../../../src/hosts/files/manifest-reader.ts';
import type { ReadManifests } from '../../../src/hosts/files/reading.ts';
import type { Report } from '../../../src/hosts/files/report.ts';
import { createValidator } from '../../../src/hosts/files/validate.ts';
import { ManualClock } from '../manual-clock.ts';

let reader: Promise<ReadManifests> | undefined;
/** Made once a test file: it compiles the schemas. */
const realReader = (): Promise<ReadManifests> => {
  reader ??= createValidator().then(createManifestReader);
  return reader;
};

export const PRUNE_AFTER = seconds(10);

/** A directory of manifests, a state directory, a clock, and the host over them. */
export class Fixture {
  readonly base: string;
  readonly clock: ManualClock;
  options: FilesHostOptions;
  #host: FilesHost | undefined;

  private constructor(base: string, clock: ManualClock, options: FilesHostOptions) {
    this.base = base;
    this.clock = clock;
    this.options = options;
  }

  static async open(given: Partial<FilesHostOptions> = {}): Promise<Fixture> {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'agora-files-')));
    await mkdir(join(base, 'live'));
    const clock = new ManualClock();
    let count = 0;
    const options: FilesHostOptions = {
      directory: join(base, 'live'),
      stateDirectory: join(base, 'state'),
      read: await realReader(),
      clock,
      environment: {},
      durability: 'none',
      debounceMs: 0,
      newUid: () => {
        count += 1;
        return `uid-${count}`;
      },
      ...given,
    };
    return new Fixture(base, clock, options);
  }

  /** Opened at first use, so that a test can lay files out before. */
  async host(): Promise<FilesHost> {
    this.#host ??= await openFilesHost(this.options);
    return this.#host;
  }

  async scan(): Promise<Report> {
    return (await this.host()).scan();
  }

  /** Lets time pass, then scans. */
  async scanAfter(ms: number): Promise<Report> {
    this.clock.advance(ms);
    return this.scan();
  }

  /** Scans twice, far enough apart for every removal. */
  async prune(): Promise<Report> {
    await this.scan();
    return this.scanAfter(PRUNE_AFTER);
  }

  async get(key: Key): Promise<Resource | undefined> {
    return (await this.host()).get(key);
  }

  async need(key: Key): Promise<Resource> {
    const resource = await this.get(key);
    if (resource === undefined) throw new Error(`${key} is not there`);
    return resource;
  }

  /** As the engine does before its first call. */
  async hold(key: Key): Promise<void> {
    await (await this.host()).setFinalizer(await this.need(key), 'present');
  }

  async writeStatus(key: Key, status: StatusBase): Promise<void> {
    const { result } = await (await this.host()).writeStatus(await this.need(key), status);
    if (result !== 'written') throw new Error(result);
  }

  /** As the engine does when nothing lives any more. */
  async release(key: Key): Promise<void> {
    await (await this.host()).setFinalizer(await this.need(key), 'absent');
  }

  path(path: string): string {
    return join(this.options.directory, path);
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), text);
  }

  declare(path: string, ...declared: readonly Declared[]): Promise<void> {
    return this.write(path, manifests(...declared));
  }

  async remove(path: string): Promise<void> {
    await rm(this.path(path), { recursive: true });
  }

  async rename(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.path(to)), { recursive: true });
    await rename(this.path(from), this.path(to));
  }

  async stateFiles(part: 'resources' | 'secrets'): Promise<readonly string[]> {
    return (await readdir(join(this.options.stateDirectory, part))).sort();
  }

  stateText(path: string): Promise<string> {
    return readFile(join(this.options.stateDirectory, path), 'utf8');
  }

  /** The end of the process and the next one. */
  async restart(given: Partial<FilesHostOptions> = {}): Promise<void> {
    await this.#host?.close();
    this.#host = undefined;
    this.options = { ...this.options, ...given };
  }

  async close(): Promise<void> {
    await this.#host?.close();
    await rm(this.base, { recursive: true });
  }
}

export const manifests = (...declared: readonly Declared[]): string =>
  declared.map((one) => `---\n${stringify(manifest(one))}`).join('');

const manifest = ({ apiVersion, kind, namespace, name, labels, annotations, spec }: Declared): object => ({
  apiVersion,
  kind,
  metadata: { namespace, name, ...(labels && { labels }), ...(annotations && { annotations }) },
  spec,
});

export const secretManifest = (name: string, values: Readonly<Record<string, string>>, namespace = 'media'): string =>
  `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData: values })}`;

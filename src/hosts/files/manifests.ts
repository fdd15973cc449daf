import { deletionRequested, type Key, makeKey, type Resource, splitKey } from '../../core/resource.ts';
import type { Declared, DeclaredSecret } from '../declared.ts';
import type { Return } from '../table.ts';
import { cutFinding } from './cut.ts';
import { type Candidate, choose, duplicateFindings } from './duplicates.ts';
import { type Finding, hasError } from './findings.ts';
import type { Reading, ReadManifests } from './reading.ts';
import type { ScannedFile, TreeScan } from './scan.ts';

/** What a scan declares, after files that are not good were replaced by what they held when they last were. */
export interface Manifests {
  readonly resources: ReadonlyMap<Key, Candidate<DeclaredResource>>;
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, Candidate<DeclaredSecret>>;
  readonly findings: readonly Finding[];
  /** Absent from `resources`, and yet no absence: a duplicate, or perhaps in a file that is not good. */
  mayBeThere(key: Key): boolean;
  /** The same for a Secret, by `namespace/name`. */
  secretMayBeThere(name: string): boolean;
  readonly empty: boolean;
}

export interface DeclaredResource extends Return {
  readonly declared: Declared;
}

export interface Memory {
  resource(key: Key): Resource | undefined;
  /** The file that the accepted declaration came from. */
  source(key: Key): string | undefined;
  /** Was an accepted declaration in this file? */
  declares(path: string): boolean;
}

interface KnownFile {
  readonly identity: string;
  /** The last good reading, its text and the resources in it that only a new incarnation can take. */
  readonly good: { readonly text: string; readonly reading: Reading; readonly anew: ReadonlySet<Key> } | undefined;
  /** Of the text as it is now. */
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly state: 'good' | 'bad';
  /** The state of each resource that the text was checked against. */
  readonly olds: ReadonlyMap<Key, string>;
}

/** Understands scans. Keeps, per file, the last good reading: a half-written file changes nothing. */
export class ManifestFiles {
  readonly #read: ReadManifests;
  readonly #memory: Memory;
  #files = new Map<string, KnownFile>();
  readonly #secretSources = new Map<string, string>();
  /** Files that take part in a duplicate: what they are checked against changes by other files. */
  #again: ReadonlySet<string> = new Set();

  constructor(read: ReadManifests, memory: Memory) {
    this.#read = read;
    this.#memory = memory;
  }

  /** Gives others a turn after each file that had to be read anew: a checkout may change thousands. */
  async take(scan: TreeScan): Promise<Manifests> {
    const files = new Map<string, KnownFile>();
    for (const file of scan.files) {
      const known = this.#unchanged(file);
      files.set(file.path, known ?? this.#changed(file));
      if (known === undefined) await new Promise((resolve) => setImmediate(resolve));
    }
    // What an incomplete scan did not show may still be there.
    if (!scan.complete) for (const [path, known] of this.#files) if (!files.has(path)) files.set(path, known);
    this.#files = files;
    const findings = [...files.values()].flatMap((known) => known.findings);
    const resources = this.#resources(findings);
    const secrets = this.#secrets(findings);
    const bad = [...files].filter(([, known]) => known.state === 'bad');
    const badPaths = new Set(bad.map(([path]) => path));
    const mentioned = new Set(bad.flatMap(([, known]) => known.text.split(NO_NAME)));
    return {
      resources: resources.chosen,
      secrets: secrets.chosen,
      findings,
      mayBeThere: (key) =>
        resources.refused.has(key) || badPaths.has(this.#memory.source(key) ?? '') || mentioned.has(splitKey(key).name),
      secretMayBeThere: (name) =>
        secrets.refused.has(name) ||
        badPaths.has(this.#secretSources.get(name) ?? '') ||
        mentioned.has(name.slice(name.indexOf('/') + 1)),
      empty: resources.chosen.size + resources.refused.size + secrets.chosen.size + secrets.refused.size === 0,
    };
  }

  #unchanged(file: ScannedFile): KnownFile | undefined {
    const known = this.#files.get(file.path);
    if (known === undefined || (known.identity !== file.identity && known.text !== file.text)) return undefined;
    const own = known.state === 'good' && !this.#again.has(file.path);
    return own || this.#sameOlds(known.olds) ? { ...known, identity: file.identity } : undefined;
  }

  #changed(file: ScannedFile): KnownFile {
    const known = this.#files.get(file.path);
    const cut = cutFinding(file, this.#textBefore(file.path));
    const { reading, anew, olds } = this.#understand(file);
    const findings = cut ? [cut] : reading.findings;
    const rest = { identity: file.identity, text: file.text, findings, olds };
    return cut || hasError(reading.findings)
      ? { ...rest, good: known?.good, state: 'bad' }
      : { ...rest, good: { text: file.text, reading, anew }, state: 'good' };
  }

  /**
   * A resource that is being deleted is checked as one that goes on, since that may still be withdrawn; where that fails, as one that is
   * declared anew, which then waits until the old one is gone.
   */
  #understand(file: ScannedFile): Understood {
    const returning = new Set<Key>();
    const olds = new Map<Key, string>();
    const old = (key: Key): Resource | undefined => {
      const resource = this.#memory.resource(key);
      olds.set(key, mark(resource));
      if (resource === undefined || !deletionRequested(resource)) return resource;
      returning.add(key);
      return resource;
    };
    const reading = this.#read(file.text, file.path, old);
    if (!hasError(reading.findings) || returning.size === 0) return { reading, olds, anew: new Set() };
    const anew = this.#read(file.text, file.path, (key) => (returning.has(key) ? undefined : old(key)));
    return hasError(anew.findings) ? { reading, olds, anew: new Set() } : { reading: anew, olds, anew: returning };
  }

  /** Of a file that declared something; all that is known of it after a restart is that it was not empty. */
  #textBefore(path: string): string {
    const good = this.#files.get(path)?.good;
    if (good !== undefined) return good.reading.resources.length + good.reading.secrets.length > 0 ? good.text : '';
    return this.#memory.declares(path) ? '\n' : '';
  }

  #sameOlds(olds: ReadonlyMap<Key, string>): boolean {
    return [...olds].every(([key, before]) => mark(this.#memory.resource(key)) === before);
  }

  #resources(findings: Finding[]) {
    const candidates = new Map<Key, Candidate<DeclaredResource>[]>();
    for (const [path, { good }] of this.#files) {
      for (const { value: declared, line, column } of good?.reading.resources ?? []) {
        const key = makeKey(declared.kind, declared.namespace, declared.name);
        const returns = good?.anew.has(key) ? 'anew' : 'as-before';
        add(candidates, key, { path, line, column, value: { declared, returns } });
      }
    }
    const again = new Set<string>();
    const result = choose(candidates, (key) => this.#memory.source(key));
    for (const duplicate of result.duplicates) {
      const { kind, namespace, name } = splitKey(duplicate.key);
      findings.push(...duplicateFindings(`${kind} ${namespace}/${name}`, duplicate));
      for (const { path } of duplicate.candidates) again.add(path);
    }
    this.#again = again;
    return result;
  }

  #secrets(findings: Finding[]) {
    const candidates = new Map<string, Candidate<DeclaredSecret>[]>();
    for (const [path, { good }] of this.#files) {
      for (const { value, line, column } of good?.reading.secrets ?? []) {
        add(candidates, `${value.namespace}/${value.name}`, { path, line, column, value });
      }
    }
    const result = choose(candidates, (name) => this.#secretSources.get(name));
    for (const duplicate of result.duplicates) {
      findings.push(...duplicateFindings(`Secret ${duplicate.key}`, duplicate));
    }
    for (const [name, { path }] of result.chosen) this.#secretSources.set(name, path);
    return result;
  }
}

interface Understood {
  readonly reading: Reading;
  readonly anew: ReadonlySet<Key>;
  readonly olds: ReadonlyMap<Key, string>;
}

/** Changes whenever a check against the resource could end otherwise. */
const mark = (resource: Resource | undefined): string =>
  resource === undefined
    ? ''
    : `${resource.metadata.uid} ${resource.metadata.generation} ${deletionRequested(resource)}`;

/** What no name of a resource contains. */
const NO_NAME = /[^a-z0-9.-]+/;

function add<Name, Value>(all: Map<Name, Value[]>, name: Name, value: Value): void {
  const values = all.get(name);
  if (values === undefined) all.set(name, [value]);
  else values.push(value);
}

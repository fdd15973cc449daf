import type { Clock } from '../../core/clock.ts';
import { deletionRequested, type Key, KIND_NAMES } from '../../core/resource.ts';
import { timestamp } from '../../core/time.ts';
import type { Declared } from '../declared.ts';
import { neededSecrets } from '../references.ts';
import type { ResourceTable } from '../table.ts';
import type { Candidate } from './duplicates.ts';
import { errorCode } from './filesystem.ts';
import type { DeclaredResource, ManifestFiles, Manifests } from './manifests.ts';
import type { Removals } from './removals.ts';
import { problemFinding, type Report } from './report.ts';
import type { Problem, TreeReader, TreeScan } from './scan.ts';
import type { SecretBook } from './secrets.ts';

export interface IntakeParts {
  readonly clock: Clock;
  readonly tree: TreeReader;
  readonly manifests: ManifestFiles;
  readonly removals: Removals;
  readonly secrets: SecretBook;
  readonly table: ResourceTable;
  /** The manifest that each accepted declaration came from; kept here, written with the resource. */
  readonly sources: Map<Key, string>;
}

/** Takes a scan over into the table: Secrets first, then declarations, then the removals that are due. */
export class Intake {
  readonly #parts: IntakeParts;
  /** What was last taken over, so that an unchanged declaration costs no comparison. */
  readonly #accepted = new Map<Key, Declared>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** `noticed`: problems that are known from elsewhere, for the report. */
  async take(noticed: readonly Problem[]): Promise<{ readonly report: Report; readonly tree: TreeScan }> {
    const { clock, removals } = this.#parts;
    const beganAt = clock.monotonic();
    const tree = await this.#parts.tree.scan();
    const manifests = await this.#parts.manifests.take(tree);
    const due = this.#removals(tree, manifests, { beganAt, endedAt: clock.monotonic() });
    const failed = [
      ...(await this.#secrets(tree, manifests, beganAt)),
      ...(await each([...manifests.resources], (key, candidate) => this.#declare(key, candidate))),
      ...(await each(
        due.map((key) => [key, undefined] as const),
        (key) => this.#parts.table.remove(key),
      )),
    ];
    const problems = [...noticed, ...tree.problems, ...failed].map(problemFinding);
    return {
      tree,
      report: {
        scannedAt: timestamp(clock.now()),
        complete: tree.complete,
        files: tree.files.length,
        resources: manifests.resources.size,
        findings: [...manifests.findings, ...problems].sort(byPlace),
        pruneHeld: removals.held(),
      },
    };
  }

  #removals(tree: TreeScan, manifests: Manifests, times: { readonly beganAt: number; readonly endedAt: number }) {
    const { table, removals } = this.#parts;
    removals.present(manifests.resources.keys());
    if (!tree.complete) return [];
    const keys = table.keys();
    const absent = keys.filter((key) => !manifests.resources.has(key) && !manifests.mayBeThere(key));
    for (const key of absent) {
      table.absent(key);
      this.#accepted.delete(key);
    }
    const lives = (key: Key): boolean => {
      const resource = table.get(key);
      return resource !== undefined && !deletionRequested(resource);
    };
    return removals.take({ known: keys.filter(lives), absent: absent.filter(lives), empty: manifests.empty, ...times });
  }

  async #secrets(tree: TreeScan, manifests: Manifests, beganAt: number): Promise<readonly Problem[]> {
    const { table, removals, secrets, clock } = this.#parts;
    const doubtful = !tree.complete || manifests.empty || removals.held() !== undefined;
    try {
      await secrets.take({
        declared: new Map([...manifests.secrets].map(([name, { value }]) => [name, value])),
        mayBeThere: manifests.secretMayBeThere,
        needed: () => neededSecrets(KIND_NAMES.flatMap((kind) => table.list(kind))),
        absence: doubtful ? 'doubtful' : 'certain',
        beganAt,
        endedAt: clock.monotonic(),
      });
      return [];
    } catch (error) {
      return [unwritten('secrets', error)];
    }
  }

  async #declare(key: Key, { path, value: { declared, returns } }: Candidate<DeclaredResource>): Promise<void> {
    const { table, sources } = this.#parts;
    const moved = sources.get(key) !== path;
    sources.set(key, path);
    const old = table.get(key);
    const goesOn = old !== undefined && !deletionRequested(old);
    if (!goesOn || this.#accepted.get(key) !== declared) {
      await table.declare(key, declared, { returns });
      this.#accepted.set(key, declared);
      if (table.get(key) !== old) return;
    }
    if (moved) await table.rewrite(key);
  }
}

/** All at a time; what could not be written is reported and tried again with the next scan. */
async function each<Value>(
  entries: readonly (readonly [Key, Value])[],
  act: (key: Key, value: Value) => Promise<void>,
): Promise<readonly Problem[]> {
  const results = await Promise.allSettled(entries.map(([key, value]) => act(key, value)));
  return results.flatMap((result, index) =>
    result.status === 'rejected' ? [unwritten(entries[index]?.[0] ?? '', result.reason)] : [],
  );
}

function unwritten(what: string, error: unknown): Problem {
  const code = errorCode(error);
  // Not the disk's fault, so a mistake of ours: it ends the scan and is logged by who runs it.
  if (code === undefined) throw error;
  return {
    path: what,
    message: `the state cannot be written: ${code}`,
    advice: 'make room or mend the disk of the state directory; it is tried again with the next scan',
    severity: 'error',
  };
}

const byPlace = (a: Report['findings'][number], b: Report['findings'][number]): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;

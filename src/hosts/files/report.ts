import type { Key } from '../../core/resource.ts';
import type { Timestamp } from '../../core/time.ts';
import type { Finding } from './findings.ts';
import type { Problem } from './scan.ts';

/** What the latest scan saw, for people. */
export interface Report {
  /** Undefined before the first scan. */
  readonly scannedAt: Timestamp | undefined;
  /** Everything could be read; only then can something be found removed. */
  readonly complete: boolean;
  /** Manifest files read. */
  readonly files: number;
  /** Resources declared. */
  readonly resources: number;
  readonly findings: readonly Finding[];
  /** Removals that wait for a confirmation of exactly this list (`PruneHeld`). */
  readonly pruneHeld: readonly Key[] | undefined;
}

export const NO_REPORT: Report = {
  scannedAt: undefined,
  complete: false,
  files: 0,
  resources: 0,
  findings: [],
  pruneHeld: undefined,
};

/** A problem has no place in a text. */
export const problemFinding = ({ path, message, advice, severity }: Problem): Finding => ({
  file: path,
  line: 1,
  column: 1,
  field: '',
  message,
  advice,
  severity,
});

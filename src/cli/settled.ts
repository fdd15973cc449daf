import { findCondition } from '../core/conditions.ts';
import { deletionRequested, type Key, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import { hasError } from '../hosts/files/findings.ts';
import type { Report } from '../hosts/files/report.ts';

/** What `--once` and the table say of one resource. */
export interface Standing {
  readonly is: 'settled' | 'waiting' | 'stalled' | 'working';
  /** Of Ready: `Running`, `WaitingForSlot`, … */
  readonly reason: string;
  readonly message: string;
}

/**
 * `settled`: as declared, or before its window. `waiting`: for a limit, which may last as long as it will. `stalled`: a
 * person must act. `working`: everything else, a missing project or Secret among it.
 */
export function standingOf(resource: Resource): Standing {
  const { observedGeneration = -1, conditions = [] } = (resource.status ?? {}) as Partial<StatusBase>;
  const ready = findCondition(conditions, 'Ready');
  const { reason = 'Pending', message = '' } = ready ?? {};
  const as = (is: Standing['is']): Standing => ({ is, reason, message });
  if (deletionRequested(resource)) return { is: 'working', reason: 'Stopping', message };
  if (observedGeneration !== resource.metadata.generation) return as('working');
  if (findCondition(conditions, 'Stalled')?.status === 'True') return as('stalled');
  if (ready?.status === 'True' || reason === 'Suspended') return as('settled');
  return as(reason === 'WaitingForSlot' ? 'waiting' : 'working');
}

/** What `--once` has come to. */
export interface Verdict {
  /** Those that are not where they should come to by themselves. */
  readonly working: readonly Resource[];
  readonly stalled: readonly Resource[];
  readonly waiting: readonly Resource[];
  /** A manifest that cannot be taken, or removals that wait for a confirmation: a person must act. */
  readonly blocked: boolean;
}

export function judge(
  resources: readonly Resource[],
  report: Report,
  /** Whether this process has looked at it: a status alone may be of yesterday. */
  lookedAt: (key: Key) => boolean,
): Verdict {
  const blocked = hasError(report.findings) || report.pruneHeld !== undefined || report.files === 0;
  // What no manifest declares any more is about to be stopped; unless it stays for what blocks.
  const leaving = !blocked && resources.length > report.resources;
  const standings = resources.map((resource) => ({ resource, ...standingOf(resource) }));
  const those = (is: Standing['is']): readonly Resource[] =>
    standings.flatMap((each) => (each.is === is && lookedAt(keyOf(each.resource)) ? [each.resource] : []));
  const working = standings.filter((each) => each.is === 'working' || !lookedAt(keyOf(each.resource)));
  return {
    working: leaving && working.length === 0 ? resources : working.map(({ resource }) => resource),
    stalled: those('stalled'),
    waiting: those('waiting'),
    blocked,
  };
}

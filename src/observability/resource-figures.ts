import { type Condition, findCondition } from '../core/conditions.ts';
import { KIND_NAMES, type KindName, type Resource } from '../core/resource.ts';

/** Counts by labels: `add` sums, `rows` tells. */
export class Tally<Labels extends Readonly<Record<string, string>>> {
  readonly #rows = new Map<string, { readonly labels: Labels; count: number }>();

  add(labels: Labels, count = 1): void {
    const id = Object.values(labels).join('\u0000');
    const row = this.#rows.get(id);
    if (row === undefined) this.#rows.set(id, { labels, count });
    else row.count += count;
  }

  rows(): readonly { readonly labels: Labels; readonly count: number }[] {
    return [...this.#rows.values()];
  }
}

export interface ResourceFigures {
  readonly resources: Tally<{ kind: string; ready: string; progress: string; reason: string }>;
  readonly tasks: Tally<{ kind: string; phase: string }>;
  readonly leftBehind: Tally<{ project: string }>;
}

/** What statuses say, counted; a resource without a status counts as never seen. */
export function resourceFigures(list: (kind: KindName) => readonly Resource[]): ResourceFigures {
  const figures = { resources: new Tally(), tasks: new Tally(), leftBehind: new Tally() } satisfies ResourceFigures;
  for (const kind of KIND_NAMES) {
    for (const resource of list(kind)) {
      const { conditions, tasks, leftBehind } = statusOf(resource);
      const ready = findCondition(conditions, 'Ready');
      figures.resources.add({
        kind,
        ready: ready?.status ?? 'Unknown',
        progress: progressOf(conditions),
        reason: ready?.reason ?? 'Pending',
      });
      for (const { phase } of tasks) figures.tasks.add({ kind, phase });
      if (kind === 'AgoraProject') figures.leftBehind.add({ project: projectName(resource) }, leftBehind.length);
    }
  }
  return figures;
}

export const projectName = ({ metadata: { namespace, name } }: Resource): string => `${namespace}/${name}`;

function progressOf(conditions: readonly Condition[]): 'Reconciling' | 'Stalled' | 'Settled' {
  for (const type of ['Reconciling', 'Stalled'] as const)
    if (findCondition(conditions, type)?.status === 'True') return type;
  return conditions.length === 0 ? 'Reconciling' : 'Settled';
}

interface CountedStatus {
  readonly conditions: readonly Condition[];
  readonly tasks: readonly { readonly phase: string }[];
  readonly leftBehind: readonly unknown[];
}

/** The parts that are counted, whatever the kind. */
function statusOf({ status }: Resource): CountedStatus {
  const known = (status ?? {}) as Partial<CountedStatus>;
  return { conditions: known.conditions ?? [], tasks: known.tasks ?? [], leftBehind: known.leftBehind ?? [] };
}

import { sameData } from '../core/equal.ts';
import { type Key, type Resource } from '../core/resource.ts';
import type { ResourceHost } from '../hosts/host.ts';
import type { ProjectSpec } from '../kinds/project/types.ts';
import { type Limits, limitsFor, lowerOf } from '../limits/tables.ts';

/** What holds for an App ID: of all AgoraProjects that name it, of each figure the lower (design §6). */
export interface ProjectLimits {
  limitsFor(appId: string): Limits;
}

interface Known {
  readonly specs: readonly ProjectSpec[];
  readonly limits: Limits;
}

/**
 * Asked at every call and every claim, so it works the limits out only when a declaration changed. Those of a project
 * that is gone go on holding for the tasks that it left.
 */
export function createProjectLimits(parts: {
  readonly host: Pick<ResourceHost, 'get'>;
  readonly projectsWith: (appId: string) => readonly Key[];
}): ProjectLimits {
  const { host, projectsWith } = parts;
  const known = new Map<string, Known>();
  return {
    limitsFor(appId) {
      const before = known.get(appId);
      const specs = specsOf(projectsWith(appId), host);
      if (before !== undefined && (specs.length === 0 || sameOnes(before.specs, specs))) return before.limits;
      const limits = limitsOf(specs);
      const kept = before !== undefined && sameData(before.limits, limits) ? before.limits : limits;
      known.set(appId, { specs, limits: kept });
      return kept;
    },
  };
}

/** What holds for an App ID that these projects name. */
export function limitsOf(specs: readonly ProjectSpec[]): Limits {
  const [first, ...others] = specs.map((spec) => limitsFor(spec.limits));
  return others.reduce(lowerOf, first ?? limitsFor({}));
}

export const specsOf = (keys: readonly Key[], host: Pick<ResourceHost, 'get'>): readonly ProjectSpec[] =>
  keys.flatMap((key) => {
    const project = host.get(key) as Resource<ProjectSpec> | undefined;
    return project === undefined ? [] : [project.spec];
  });

const sameOnes = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, index) => one === b[index]);

import { deletionRequested } from '../core/resource.ts';
import { type Instant, instant } from '../core/time.ts';
import type { ProjectFacts, TaskResource } from './facts.ts';

/** Does its declaration ask for a task now or later? What is suspended goes on holding what it has. */
export function isWanted(resource: TaskResource, at: Instant): boolean {
  const { spec, status, metadata } = resource;
  if (deletionRequested(resource) || spec.desiredState === 'Stopped') return false;
  const { stopAt } = windowOf(resource);
  return at < stopAt && status?.completedGeneration !== metadata.generation;
}

/** Open ends are endless. */
export const windowOf = ({ spec }: TaskResource): { readonly startAt: Instant; readonly stopAt: Instant } => ({
  startAt: instant(spec.schedule?.startAt) ?? -Infinity,
  stopAt: instant(spec.schedule?.stopAt) ?? Infinity,
});

/** Projects that share an App ID share its limits and its names. */
export const byAppId = (projects: readonly ProjectFacts[]): readonly (readonly [ProjectFacts, ...ProjectFacts[]])[] =>
  [...Map.groupBy(projects, ({ project }) => project.spec.appId).values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [[first, ...others] as const],
  );

export const tasksIn = ({ recordings, converters }: ProjectFacts): readonly TaskResource[] => [
  ...recordings,
  ...converters,
];

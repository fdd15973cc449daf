import type { Facts } from '../facts.ts';
import { isConverter, isMember, isProject, isRecording } from '../resources.ts';
import type { Examined, Means } from './means.ts';
import { createProjectGatherer } from './project.ts';
import { createTurns } from './turns.ts';
import { withinAndOver } from './within-and-over.ts';

/** Everything that checks look at. What cannot be asked in time is left out, and the facts say so. */
export const gather = (examined: Examined, means: Means, signal: AbortSignal): Promise<Facts> =>
  withinAndOver({ clock: means.clock, ms: means.timeoutMs, signal }, async (over) => {
    const turns = createTurns(means.clock, over);
    const { resources, statuses, manifests, cluster, watch } = examined;
    const projects = resources.filter(isProject);
    const [facts, clusterFacts] = await Promise.all([
      Promise.all(projects.map(createProjectGatherer(examined, means, turns))),
      cluster?.(turns),
    ]);
    signal.throwIfAborted();
    return {
      at: means.at,
      ...(manifests === undefined ? {} : { manifests }),
      projects: facts,
      strays: [...resources.filter(isRecording), ...resources.filter(isConverter)].filter(
        (resource) => !projects.some((project) => isMember(resource, project)),
      ),
      statuses,
      ...(clusterFacts === undefined ? {} : { cluster: clusterFacts }),
      ...(watch === undefined ? {} : { watch }),
      outOfTime: turns.outOfTime,
    };
  });

import type { ProjectSpec } from '../kinds/project/types.ts';
import type { Limits } from '../limits/tables.ts';
import type { Cloud } from '../simulator/cloud.ts';
import { limitsOf } from './project-limits.ts';

/** Gives the simulated cloud the limits that the projects declare, as Agora would have set them for those projects. */
export function copyLimits(cloud: Cloud, specs: readonly ProjectSpec[]): void {
  for (const [appId, same] of Map.groupBy(specs, (spec) => spec.appId)) copyOne(cloud, appId, limitsOf(same));
}

function copyOne(cloud: Cloud, appId: string, { recording, converter, rates }: Limits): void {
  cloud.setLimits(appId, {
    recording: recording.perRegion,
    recordingTotal: recording.total,
    converter: converter.perRegion,
    converterTotal: converter.total,
    qps: {
      recording: rates.recording.cap,
      create: rates['converter-create'].cap,
      deleteConverter: rates['converter-delete'].cap,
      updateConverter: rates['converter-update'].cap,
      get: rates['converter-get'].cap,
    },
  });
}

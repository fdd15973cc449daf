import type { ResourceKind } from '../kind.ts';
import { decide, type ProjectAction } from './decide.ts';
import { fold } from './fold.ts';
import { held } from './left.ts';
import { toldOf } from './left-told.ts';
import { type ProjectObservation, unseen } from './observation.ts';
import { perform } from './perform.ts';
import type { ProjectSpec, ProjectStatus } from './types.ts';

export const projectKind: ResourceKind<ProjectSpec, ProjectStatus, ProjectObservation, ProjectAction> = {
  kind: 'AgoraProject',
  unseen,
  decide,
  // A project claims nothing, so nothing is refused.
  refused: (resource, observation) => ({
    status: resource.status ?? { observedGeneration: -1, conditions: [] },
    observation,
  }),
  fold,
  // Its members are stopped with its credentials.
  needsFinalizer: () => true,
  told: ({ status }, observation, evidence) => toldOf(status, observation, evidence),
  held,
  perform,
};

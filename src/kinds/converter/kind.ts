import type { ResourceKind } from '../kind.ts';
import { listsTasks } from '../task.ts';
import type { ConverterAction } from './action.ts';
import { checkFound } from './cdn.ts';
import { held } from './held-set.ts';
import { type ConverterObservation, unseen } from './observation.ts';
import { checkDue, decide, fold, perform, refused } from './set.ts';
import { toldOf } from './told.ts';
import type { ConverterSpec, ConverterStatus } from './types.ts';

export const converterKind: ResourceKind<ConverterSpec, ConverterStatus, ConverterObservation, ConverterAction> = {
  kind: 'RtmpConverter',
  unseen,
  decide,
  refused: (resource, observation, action, refusal, now) => refused(resource, observation, { action, refusal }, now),
  told(resource, observation, evidence, now) {
    return evidence.source === 'converter-notice' ? toldOf(resource, observation, evidence, now) : observation;
  },
  fold: (resource, observation, action, result, context, now) =>
    fold(resource, observation, { action, result, context }, now),
  needsFinalizer: listsTasks,
  held,
  perform,
  endpoints: { due: checkDue, found: checkFound },
};

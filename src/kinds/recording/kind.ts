import type { ResourceKind } from '../kind.ts';
import type { RecordingAction } from './action.ts';
import { decide } from './decide.ts';
import { fold } from './fold.ts';
import { held } from './held.ts';
import { type RecordingObservation, unseen } from './observation.ts';
import { perform } from './perform.ts';
import { refused } from './refused.ts';
import type { RecordingSpec, RecordingStatus } from './types.ts';

export const recordingKind: ResourceKind<RecordingSpec, RecordingStatus, RecordingObservation, RecordingAction> = {
  kind: 'WebPageRecording',
  unseen,
  decide,
  refused: (resource, observation, action, refusal, now) => refused(resource, observation, { action, refusal }, now),
  fold,
  held,
  perform,
};

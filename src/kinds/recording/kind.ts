import type { ResourceKind } from '../kind.ts';
import { listsTasks } from '../task.ts';
import type { RecordingAction } from './action.ts';
import { decide } from './decide.ts';
import { fold } from './fold.ts';
import { held } from './held.ts';
import { type RecordingObservation, unseen } from './observation.ts';
import { pageSeen } from './page-seen.ts';
import { perform } from './perform.ts';
import { refused } from './refused.ts';
import { toldOf } from './told.ts';
import type { RecordingSpec, RecordingStatus } from './types.ts';

export const recordingKind: ResourceKind<RecordingSpec, RecordingStatus, RecordingObservation, RecordingAction> = {
  kind: 'WebPageRecording',
  unseen,
  decide,
  refused: (resource, observation, action, refusal, now) => refused(resource, observation, { action, refusal }, now),
  fold,
  told(resource, observation, evidence, now) {
    switch (evidence.source) {
      case 'recording-notice':
        return toldOf(resource, observation, evidence, now);
      case 'page':
        return pageSeen(resource, observation, evidence);
      case 'converter-notice':
        return observation;
    }
  },
  needsFinalizer: listsTasks,
  held,
  perform,
};

import type { ResourceKind } from '../kind.ts';
import type { ConverterAction } from './action.ts';
import { decide } from './decide.ts';
import { cdnHost } from './decide-attempt.ts';
import { fold } from './fold.ts';
import { held } from './held.ts';
import { type ConverterObservation, unseen } from './observation.ts';
import { perform } from './perform.ts';
import { refused } from './refused.ts';
import { CDN_CHECK_MS } from './timing.ts';
import type { ConverterSpec, ConverterStatus } from './types.ts';

export const converterKind: ResourceKind<ConverterSpec, ConverterStatus, ConverterObservation, ConverterAction> = {
  kind: 'RtmpConverter',
  unseen,
  decide,
  refused: (resource, observation, action, refusal, now) => refused(resource, observation, { action, refusal }, now),
  fold,
  held,
  perform,
  names: {
    due(resource, { cdn }, context, now) {
      const host = cdnHost(resource, context);
      return host === undefined || (cdn?.host === host && now < cdn.at + CDN_CHECK_MS) ? undefined : host;
    },
    found: (observation, cdn) => ({ ...observation, cdn }),
  },
};

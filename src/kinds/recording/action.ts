import type { Instant } from '../../core/time.ts';
import type { Region, ResolutionClass, Slot } from '../../limits/slot.ts';
import type { ActionBase } from '../kind.ts';
import type { RecordingTask } from './types.ts';

/** The REST calls of a recording (reference B.1). Which secrets they carry is resolved when they are sent. */
export type RecordingAction = ActionBase & { readonly limit: 'recording'; readonly attempt: number } & (
    | {
        readonly type: 'acquire';
        /** Since when the resource has asked for its slot: a refusal must not cost it its place. */
        readonly askedSince?: number;
        /** A new handle for a uid that may already run: the next start tells (design §5.2, step 2). */
        readonly probe?: true;
        readonly cname: string;
        readonly uid: string;
        readonly member: string;
        readonly region: Region;
        /** The declaration that is asked for: an edit that comes before the answer is not what was acquired. */
        readonly generation: number;
        readonly resolutionClass: ResolutionClass;
      }
    | {
        readonly type: 'start';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly onHold: boolean;
        /** The class of the frame that is sent. */
        readonly resolutionClass: ResolutionClass;
        readonly was: RecordingTask;
        /** The page's address carries a token of this expiry (WR-8); the token itself is made when it is sent. */
        readonly pageTokenExpiresAt?: Instant;
        readonly admits?: Slot;
      }
    | {
        readonly type: 'query';
        readonly resourceId: string;
        readonly sid: string;
        /** The reconcile request that this look answers. */
        readonly request?: string;
        /** A notice called for it, before it was due. */
        readonly told?: true;
      }
    | {
        readonly type: 'update';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly sid: string;
        readonly paths: readonly string[];
        readonly onHold: boolean;
        /** The entry as it was before the step, should the step not be made. */
        readonly was: RecordingTask;
      }
    | {
        readonly type: 'stop';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly sid: string;
        readonly was: RecordingTask;
        /** The slot that the step newly admits: that of what is to run next. */
        readonly admits?: Slot;
      }
  );

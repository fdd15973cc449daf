import type { Region } from '../../limits/slot.ts';
import type { ActionBase } from '../kind.ts';

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
      }
    | {
        readonly type: 'start';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly onHold: boolean;
      }
    | { readonly type: 'query'; readonly resourceId: string; readonly sid: string }
    | {
        readonly type: 'update';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly sid: string;
        readonly paths: readonly string[];
        readonly onHold: boolean;
      }
    | {
        readonly type: 'stop';
        readonly cname: string;
        readonly uid: string;
        readonly resourceId: string;
        readonly sid: string;
      }
  );

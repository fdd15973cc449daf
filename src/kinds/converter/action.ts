import type { Region } from '../../limits/slot.ts';
import type { ActionBase } from '../kind.ts';
import type { ConverterStatus } from './types.ts';

/**
 * Why slots are asked for: for a task where there is none; for a change of region or class before the old task is
 * touched; for such a change where both never fit, so that the old one's slot is given for the new; for a second task
 * beside the old one (design §6).
 */
export type Asking = 'first' | 'change' | 'swap' | 'overlap';

/** Of a call that claims slots: why, for which declaration, and the status that stays where the ledger refuses them. */
export interface Claiming {
  readonly asking: Asking;
  readonly inputs: string;
  readonly before: ConverterStatus;
}

/** The REST calls of a converter (reference C.1). The address is resolved when the call is sent. */
export type ConverterAction = ActionBase & {
  readonly attempt: number;
  readonly region: Region;
  /** Of a redundant set: whose call it is, also before its entry stands in the status. */
  readonly member?: string;
  readonly claiming?: Claiming;
} & (
    | { readonly type: 'create'; readonly limit: 'converter-create'; readonly name: string }
    | {
        readonly type: 'get';
        readonly limit: 'converter-get';
        readonly converterId: string;
        /** The reconcile request that this look answers. */
        readonly request?: string;
      }
    | {
        readonly type: 'update';
        readonly limit: 'converter-update';
        readonly converterId: string;
        readonly sequence: number;
        readonly paths: readonly string[];
      }
    | {
        readonly type: 'delete';
        readonly limit: 'converter-delete';
        readonly converterId: string;
        /** What the entry was before this step made it `Stopping`: it is that again where nothing was sent. */
        readonly from?: 'Confirming' | 'Running';
      }
  );

import { seconds } from '../core/time.ts';
import type { Service } from '../limits/slot.ts';
import type { AgoraValue } from './answer.ts';

export type CallName = AgoraValue['call'];

/** What the success of a call says. */
export type AgoraValueOf<Name extends CallName> = Extract<AgoraValue, { readonly call: Name }>;

export interface CallTraits {
  readonly service: Service;
  /** A look has no side effect, so that losing its answer loses nothing. */
  readonly look: boolean;
  /** How long an answer is waited for: a synchronous stop waits for uploads of up to 20 s (B.7), all else answers at once. */
  readonly deadlineMs: number;
  readonly maxAnswerBytes: number;
}

const MIB = 2 ** 20;
const recording = { service: 'recording', look: false, deadlineMs: seconds(15), maxAnswerBytes: MIB } as const;
const converter = { ...recording, service: 'converter' } as const;

/** What the client has to know of each call besides its path (design §7). */
export const CALLS: Readonly<Record<CallName, CallTraits>> = {
  acquire: recording,
  start: recording,
  query: { ...recording, look: true },
  updateRecording: recording,
  stop: { ...recording, deadlineMs: seconds(30) },
  create: converter,
  get: { ...converter, look: true },
  updateConverter: converter,
  deleteConverter: converter,
  /** A page holds up to 500 rows with an address of up to 1,024 characters each. */
  list: { ...converter, look: true, maxAnswerBytes: 8 * MIB },
};

import type { Verdict } from '../../core/conditions.ts';
import type { Reason } from '../../core/reasons.ts';
import { type Instant, instant, timestamp } from '../../core/time.ts';
import { stalled } from '../gate.ts';
import type { Desired } from './desired.ts';
import { rowsNamed } from './rows.ts';
import type { Situation } from './situation.ts';
import { HIDDEN_NAME_RETRY_MS } from './timing.ts';
import type { ConverterStatus } from './types.ts';

type Blocking = Extract<Reason, 'ParameterRefused' | 'NameConflict'>;

/** A person must change something: tried again when the declaration, a Secret it names or its project changes, or on request. */
export const block = (
  status: ConverterStatus,
  what: { readonly reason: Blocking; readonly message: string; readonly inputs: string },
  now: Instant,
): ConverterStatus => ({ ...status, blocked: { ...what, at: timestamp(now) } });

/** What blocks the declaration as it is now. A name that is free again no longer does. */
export function blockedVerdict({ status, context, now }: Situation, desired: Desired): Verdict | undefined {
  const { blocked } = status;
  if (blocked === undefined || blocked.inputs !== desired.inputs) return undefined;
  if (blocked.reason !== 'NameConflict') return stalled('ParameterRefused', blocked.message);
  const free =
    now >= instant(blocked.at) + HIDDEN_NAME_RETRY_MS && rowsNamed(desired.baseName, context.sweep).length === 0;
  return free ? undefined : stalled('NameConflict', blocked.message);
}

/** The next call is made in spite of what once blocked: it is forgotten. */
export function unblocked(status: ConverterStatus): ConverterStatus {
  const { blocked: _blocked, ...rest } = status;
  return rest;
}

import { timestamp } from '../../core/time.ts';
import type { UserEvent } from '../kind.ts';
import { hashes, inputsHash, wishedValues } from './changes.ts';
import { generationOf } from './ended.ts';
import { resolveInputs } from './inputs.ts';
import type { Told } from './notices.ts';
import { warning } from './outcome.ts';
import type { RecordingStatus, RecordingTask } from './types.ts';
import type { Weighed, Weighing } from './weighing.ts';

/** Once, and once more (WR-11). */
const TRIES = 2;

/** What the page must change, by what event 72 named (D.4). */
const REMEDIES: Readonly<Record<string, string>> = {
  resolution: 'make the page, or videoWidth and videoHeight, smaller',
  WebGL: 'do without WebGL',
  bandwidth: 'let the page load and send less',
};

/**
 * WR-11, stop code 2: the page is beyond Agora's capability, which another try seldom cures. It gets one more; then a
 * person must change the page. Counted in the status, for one declaration; a request forgets it.
 */
export function notCapable(
  seen: Weighing,
  task: RecordingTask,
  { told, events }: { readonly told: Told; readonly events: readonly UserEvent[] },
): Weighed {
  const { resource, context, status, now } = seen;
  const generation = generationOf(resource, task, context);
  const before = status.notCapable?.generation === generation ? status.notCapable.count : 0;
  const limitType = told.limitType === undefined ? status.notCapable?.limitType : limitTypeOf(told.limitType);
  const counted: RecordingStatus = {
    ...status,
    notCapable: { generation, count: before + 1, ...(limitType === undefined ? {} : { limitType }) },
  };
  if (before + 1 < TRIES || generation !== resource.metadata.generation) return { status: counted, events };
  const resolved = resolveInputs(resource, context);
  const onHold = resource.spec.desiredState === 'OnHold';
  const wished = resolved.ok ? hashes(resource, wishedValues(resource, resolved.inputs, onHold)) : {};
  const message = `the page is beyond what Agora records${limitType === undefined ? '' : `, by its ${limitType}`}: ${REMEDIES[limitType ?? ''] ?? 'simplify it'}, then edit this resource or request a reconcile`;
  const blocked = {
    reason: 'PageNotCapable',
    message,
    inputs: inputsHash(resource, wished, context),
    at: timestamp(now),
  };
  return { status: { ...counted, blocked }, events: [...events, warning('PageNotCapable', message)] };
}

/** A word of Agora's, or none: what a notice says may hold anything. */
export const limitTypeOf = (text: string): string => (/^[A-Za-z][A-Za-z0-9 _-]{0,30}$/.test(text) ? text : 'limits');

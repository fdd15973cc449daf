import type { AgoraAnswer } from '../agora/answer.ts';
import { deletionRequested, keyOf, type Resource, type StatusBase } from '../core/resource.ts';
import type { Context } from '../kinds/context.ts';
import type { AnyKind } from '../kinds/index.ts';
import type { ActionBase, CallResult } from '../kinds/kind.ts';
import type { PassParts } from './pass-parts.ts';

/** A call that was decided upon, and what it was decided on. */
export interface Decided {
  readonly kind: AnyKind;
  readonly resource: Resource<unknown, StatusBase>;
  readonly action: ActionBase;
  readonly context: Context;
  readonly requestId: string;
}

/** Takes the call's place in the lane of its limit, and sends it when its turn comes, unless it may not be sent any more. */
export async function send(parts: PassParts, decided: Decided): Promise<CallResult> {
  const { lanes, api, abandon, stopping, log, answers } = parts;
  const { kind, resource, action, context, requestId } = decided;
  const key = keyOf(resource);
  const call = await lanes.run<AgoraAnswer>({
    appId: action.appId,
    limit: action.limit,
    class: action.class,
    key,
    signal: stopping,
    check: () => mayStillSend(parts, decided),
    send: () => kind.perform(resource, action, context, api, { requestId, signal: abandon }),
  });
  if (!call.sent) return { sent: false };
  const { value: answer } = call;
  const outcome = answer.ok ? { ok: true } : { ok: false, kind: answer.kind };
  log.debug({ resource: key, action: action.type, requestId, ...outcome }, 'called');
  answers.note(key, action, answer);
  return { sent: true, answer };
}

/**
 * In the tick of the send: the object is the one that was decided upon, or only its metadata changed; so is its
 * project; nothing forbids the call by now (design §6).
 */
function mayStillSend({ host, clock, mayCall, answers }: PassParts, { resource, action, context }: Decided): boolean {
  const now = clock.now();
  if (action.notAfter !== undefined && now >= action.notAfter) return false;
  if (!mayCall()) return false;
  const current = host.get(keyOf(resource));
  if (current === undefined || current.metadata.uid !== resource.metadata.uid) return false;
  if (current.metadata.generation !== resource.metadata.generation) return false;
  if (action.class !== 'stop' && deletionRequested(current) !== deletionRequested(resource)) return false;
  const project = context.project?.resource;
  const currentProject = project === undefined ? undefined : host.get(keyOf(project));
  if (currentProject !== undefined && currentProject.metadata.generation !== project?.metadata.generation) return false;
  return answers.admit(action, now);
}

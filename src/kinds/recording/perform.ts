import type { AgoraAnswer } from '../../agora/answer.ts';
import type { AgoraApi, Call } from '../../agora/api.ts';
import { assertNever } from '../../core/assert.ts';
import type { Context } from '../context.ts';
import type { CallContext } from '../kind.ts';
import type { RecordingAction } from './action.ts';
import { type Inputs, resolveInputs } from './inputs.ts';
import { addressOf } from './page-address.ts';
import { acquireBody, startBody, stopBody, updateBody } from './request.ts';
import type { RecordingResource } from './situation.ts';

/** The one REST call of an action. Secrets are resolved here, at the last moment, and go nowhere else. */
export async function perform(
  resource: RecordingResource,
  action: RecordingAction,
  context: Context,
  api: AgoraApi,
  callContext: CallContext,
): Promise<AgoraAnswer> {
  const { project } = context;
  if (project?.credentials === undefined) throw new Error(`no credentials for ${resource.metadata.name}`);
  const call: Call = { appId: action.appId, credentials: project.credentials, ...callContext };
  switch (action.type) {
    case 'acquire':
      return api.acquire(call, acquireBody(resource.spec, action));
    case 'start':
      return api.start(call, action, startBody(resource.spec, action, startInputs(resource, action, context), action));
    case 'query':
      return api.query(call, action);
    case 'update': {
      const { storageInUpdate } = project.spec.compatibility;
      return api.updateRecording(
        call,
        action,
        updateBody(resource.spec, action, inputsOf(resource, context), { ...action, storageInUpdate }),
      );
    }
    case 'stop':
      return api.stop(call, action, stopBody(action));
    default:
      return assertNever(action);
  }
}

/** With the token in the page's address (WR-8). */
function startInputs(
  resource: RecordingResource,
  action: Extract<RecordingAction, { type: 'start' }>,
  context: Context,
): Inputs {
  const inputs = inputsOf(resource, context);
  return { ...inputs, url: addressOf(resource, context, action, inputs.url) };
}

function inputsOf(resource: RecordingResource, context: Context): Inputs {
  const resolved = resolveInputs(resource, context);
  if (!resolved.ok) throw new Error(`decided without its inputs: ${resolved.missing}`);
  return resolved.inputs;
}

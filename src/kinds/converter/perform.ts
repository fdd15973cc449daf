import type { AgoraAnswer } from '../../agora/answer.ts';
import type { AgoraApi, Call } from '../../agora/api.ts';
import { assertNever, invariant } from '../../core/assert.ts';
import type { Context } from '../context.ts';
import type { CallContext } from '../kind.ts';
import type { ConverterAction } from './action.ts';
import { addressOf } from './desired.ts';
import { createBody, updateBody } from './request.ts';
import type { ConverterResource } from './resource.ts';

/** The one REST call of an action. The address is resolved here, at the last moment, and goes nowhere else. */
export async function perform(
  resource: ConverterResource,
  action: ConverterAction,
  context: Context,
  api: AgoraApi,
  callContext: CallContext,
): Promise<AgoraAnswer> {
  const { project } = context;
  invariant(project?.credentials !== undefined, `a call without credentials for ${resource.metadata.name}`);
  const call: Call = { appId: action.appId, credentials: project.credentials, ...callContext };
  const { compatibility } = project.spec;
  const { spec } = resource;
  switch (action.type) {
    case 'create': {
      const { regionHintIp } = spec;
      const body = createBody(spec, { name: action.name, rtmpUrl: addressNow(resource, context) }, compatibility);
      return api.create(call, action.region, body, regionHintIp === undefined ? {} : { regionHintIp });
    }
    case 'get':
      return api.get(call, action);
    case 'update': {
      const address = { name: '', rtmpUrl: addressNow(resource, context) };
      return api.updateConverter(call, action, action.sequence, updateBody(spec, address, action.paths, compatibility));
    }
    case 'delete':
      return api.deleteConverter(call, action);
    default:
      return assertNever(action);
  }
}

function addressNow(resource: ConverterResource, context: Context): NonNullable<ReturnType<typeof addressOf>> {
  const address = addressOf(resource, context);
  invariant(address !== undefined, `decided without the address of ${resource.metadata.name}`);
  return address;
}

import type { AgoraAnswer } from '../../agora/answer.ts';
import type { AgoraApi } from '../../agora/api.ts';
import type { Context } from '../context.ts';
import type { CallContext } from '../kind.ts';
import type { ProjectAction, ProjectResource } from './decide.ts';

/** One page of the list sweep. */
export async function perform(
  project: ProjectResource,
  action: ProjectAction,
  context: Context,
  api: AgoraApi,
  call: CallContext,
): Promise<AgoraAnswer> {
  const credentials = context.project?.credentials;
  if (credentials === undefined) throw new Error(`no credentials for AgoraProject ${project.metadata.name}`);
  return api.list({ appId: action.appId, credentials, ...call }, action.cursor);
}

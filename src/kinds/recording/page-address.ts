import type { Secret } from '../../core/secret.ts';
import { instant, timestamp } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { reveal } from '../reference.ts';
import type { Inputs } from './inputs.ts';
import { mintPageToken, pageTokenExpiry, pageTokenHash, withPageToken } from './page-token.ts';
import type { RecordingResource } from './situation.ts';
import type { RecordingSpec, RecordingTask } from './types.ts';

/** The schema's bound on an address; Agora documents none. */
const LONGEST_ADDRESS = 4_096;
/** Of a token with its parameter's name (`page-token.ts`); the rule on `spec.url` counts on the same. */
const LONGEST_PARAMETER = 516;

/** An address from a Secret that is too long once the token is in it, which no schema can see. */
export function unfitAddress(spec: RecordingSpec, inputs: Inputs): string | undefined {
  if (spec.pageWatch === undefined || reveal(inputs.url).length <= LONGEST_ADDRESS - LONGEST_PARAMETER)
    return undefined;
  const most = LONGEST_ADDRESS - LONGEST_PARAMETER;
  return `the address of spec.urlFrom is longer than ${most} characters, and spec.pageWatch adds a token to it`;
}

/** The entry with the hash of the token that its start sends, or without one; `endsAt` is the latest end of its life. */
export function withToken(task: RecordingTask, resource: RecordingResource, context: Context): RecordingTask {
  const { pageToken: _token, pageTokenExpiresAt: kept, ...bare } = task;
  const endsAt = instant(task.endsAt);
  if (resource.spec.pageWatch === undefined || endsAt === undefined) return bare;
  // A retry sends the same token as long as that covers its life: an earlier try may be the one that runs (WR-8).
  const keptAt = instant(kept);
  const expiresAt = keptAt !== undefined && keptAt >= endsAt ? keptAt : pageTokenExpiry(endsAt);
  const token = tokenOf(resource, context, { attempt: task.attempt, expiresAt });
  if (token === undefined) return bare;
  return { ...bare, pageToken: pageTokenHash(token), pageTokenExpiresAt: timestamp(expiresAt) };
}

/** The address that a start sends: with the token of its attempt where its page is watched. */
export function addressOf(
  resource: RecordingResource,
  context: Context,
  start: { readonly attempt: number; readonly pageTokenExpiresAt?: number },
  url: Secret | string,
): string {
  const { pageWatch } = resource.spec;
  const expiresAt = start.pageTokenExpiresAt;
  if (pageWatch === undefined || expiresAt === undefined) return reveal(url);
  const token = tokenOf(resource, context, { attempt: start.attempt, expiresAt });
  return token === undefined ? reveal(url) : withPageToken(reveal(url), token, pageWatch.tokenIn);
}

function tokenOf(
  { metadata }: RecordingResource,
  { project }: Context,
  of: { readonly attempt: number; readonly expiresAt: number },
): Secret | undefined {
  const key = project?.credentials?.customerSecret;
  return key === undefined
    ? undefined
    : mintPageToken(key, { namespace: metadata.namespace, name: metadata.name, ...of });
}

import { explain } from './fault-file.ts';
import { isObject, type Json, parseJson } from './json.ts';
import type { Rule } from './schema.ts';

export interface AdminRequest {
  readonly method: string;
  /** Behind `/_simulator`, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface AdminReply {
  readonly status: number;
  readonly body: unknown;
}

export type Answered = AdminReply | Promise<AdminReply>;

export const answer = (body: unknown, status = 200): AdminReply => ({ status, body });
export const refusal = (status: number, error: string): AdminReply => ({ status, body: { error } });
export const notFound = ({ method, path }: AdminRequest): AdminReply =>
  refusal(404, `no endpoint ${method} /_simulator${path}`);

/** Acts on a body that the rule finds nothing wrong with. */
export function withBody<Reply extends Answered>(
  request: AdminRequest,
  rule: Rule,
  act: (body: Json) => Reply,
): Reply | AdminReply {
  const parsed = parseJson(request.body);
  if (!parsed.ok) return refusal(400, 'the body is not JSON');
  const body = parsed.value ?? {};
  const wrong = rule(body, '');
  if (wrong !== undefined) return refusal(400, explain(wrong));
  return act(isObject(body) ? body : {});
}

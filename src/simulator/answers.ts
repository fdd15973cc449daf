import type { HttpAnswer } from '../core/http.ts';

/** What the cloud says, before headers that every answer has. */
export interface Reply {
  readonly status: number;
  /** Undefined: an empty body. */
  readonly body: unknown;
  /** X-Resource-ID: the converter that the request was about. */
  readonly resourceId?: string;
  /** How long the cloud works before it answers (a stop that waits for uploads). */
  readonly afterMs?: number;
}

export const ok = (body: unknown, more: Pick<Reply, 'resourceId' | 'afterMs'> = {}): Reply => ({
  status: 200,
  body,
  ...more,
});

/** Gateway level. */
export const gateway = (status: number, message: string): Reply => ({ status, body: { message } });

/** Service level of Cloud Recording. */
export const coded = (status: number, code: number, reason: string): Reply => ({ status, body: { code, reason } });

/** Service level of Media Push; the key is a contradiction of the sources (reference C.8). */
export const worded = (status: number, text: string, key: 'reason' | 'message'): Reply => ({
  status,
  body: { [key]: text },
});

export const NO_ROUTE = gateway(404, 'no Route matched with those values');
export const NO_CREDENTIALS = gateway(401, 'Unauthorized');
export const WRONG_CREDENTIALS = gateway(401, 'Invalid authentication credentials');
export const INVALID_APP_ID = gateway(400, 'appid is invalid');

export const PUSH_TEXTS = {
  notEnabled: 'No invalid permission to use this function. Contact us.',
  notFound: 'Resource is not found and destroyed.',
  nameTaken:
    'Resource with the same name already exists. Use the existing resource or delete it and create a new resource.',
  rate: 'Request rate limit exceeded.',
  quota: 'Resources quota exceeded.',
  noResources: 'No available resources.',
  internal: 'Internal error. Contact us for troubleshooting.',
  notImplemented: 'The requested method has not been implemented.',
  overloaded:
    'The server is temporarily overloaded. Retry following the retreat strategy and contact us for troubleshooting.',
  gatewayTimeout: 'Gateway timeout. Check whether the resource is created. If not, create a new resource.',
} as const;

export function toHttp(reply: Reply, headers: Readonly<Record<string, string>>): HttpAnswer {
  return {
    status: reply.status,
    headers: {
      ...(reply.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...headers,
      ...(reply.resourceId === undefined ? {} : { 'x-resource-id': reply.resourceId }),
    },
    body: reply.body === undefined ? '' : JSON.stringify(reply.body),
  };
}

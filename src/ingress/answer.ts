import type { InboundAnswer } from '../core/inbound.ts';

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export const json = (
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): InboundAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...HEADERS, ...headers },
  body: `${JSON.stringify(body)}\n`,
});

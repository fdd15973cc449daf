import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, SILENT } from '../../observability/log.ts';
import { CONTROL_PATH, ControlError, MAX_REQUEST_BYTES } from './protocol.ts';
import { type ControlAnswers, replyTo } from './server.ts';

/**
 * Answers `POST /control`, beside the probes: one request of the control protocol, which only asks. What may hold a key is
 * left out of the answers, since whoever reaches the port may ask. True: it has answered, or will.
 */
export function controlOverHttp(
  answers: () => ControlAnswers | undefined,
  log: Logger = SILENT,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (request.url?.split('?', 1)[0] !== CONTROL_PATH) return false;
    const refusal = refusalOf(request);
    if (refusal !== undefined) {
      if (refusal.status === 405) response.setHeader('allow', 'POST');
      send(response, refusal.status, `${refusal.text}\n`, 'text/plain; charset=utf-8');
      return true;
    }
    bodyOf(request)
      .then((body) => replyTo(body, readOnly(answers()), log))
      .then(
        (line) => send(response, 200, line, 'application/json'),
        // Who asked has gone: there is nobody to tell.
        () => response.destroy(),
      );
    return true;
  };
}

/** A page in a browser cannot send JSON elsewhere without asking first, and nobody answers that question. */
function refusalOf({
  method,
  headers,
}: IncomingMessage): { readonly status: number; readonly text: string } | undefined {
  if (method !== 'POST') return { status: 405, text: 'method not allowed' };
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json' ? undefined : { status: 415, text: 'send application/json' };
}

/** Undefined where it is longer than a request may be. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    const chunk: Buffer = Buffer.isBuffer(part) ? part : Buffer.from(String(part));
    bytes += chunk.length;
    if (bytes <= MAX_REQUEST_BYTES) parts.push(chunk);
  }
  return bytes > MAX_REQUEST_BYTES ? undefined : Buffer.concat(parts).toString('utf8');
}

function readOnly(answers: ControlAnswers | undefined): ControlAnswers {
  if (answers === undefined) return STANDBY;
  return { ...answers, prune: refuse('bad-request', 'only questions are answered here') };
}

const refuse = (code: ControlError['code'], message: string) => (): never => {
  throw new ControlError(code, message);
};
const standby = refuse('standby', 'this replica stands by; ask the one that leads');
const STANDBY: ControlAnswers = {
  get: standby,
  explain: standby,
  support: standby,
  prune: standby,
  stats: standby,
  plan: standby,
};

function send(response: ServerResponse, status: number, text: string, type: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

import type { FailureKind } from './answer.ts';

/**
 * What a transport rejects with where it knows more than the error's code tells. `sent: 'no'` means that not a byte of
 * the request left; `code` is Node's or undici's where there is one.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: string;
  readonly sent: 'no' | 'maybe';

  constructor(code: string, sent: 'no' | 'maybe') {
    super(sent === 'no' ? `the request was not sent: ${code}` : `no answer to the request: ${code}`);
    this.code = code;
    this.sent = sent;
  }
}

export type NetworkFailureKind = Extract<FailureKind, 'dns' | 'refused' | 'lost' | 'unreadable'>;

export interface NetworkVerdict {
  readonly kind: NetworkFailureKind;
  /** For people; never the error's message, which may quote an address. */
  readonly code: string;
}

/** The code of an answer that was refused for its size. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE';

const DNS = /^(ENOTFOUND|EAI_\w+|ENONAME|ENODATA|ESERVFAIL|EDNS\w*)$/;
const REFUSED =
  /^(ECONNREFUSED|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|EPROTO|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|UNABLE_TO_\w+|SELF_SIGNED_CERT\w*|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH|CRL_\w+|INVALID_CA|PATH_LENGTH_EXCEEDED)$/;

/**
 * What an exchange that ended without an HTTP answer means.  (A.4, MP-12)
 * Unknown errors, resets and time-outs after the request began to leave are `lost`: it may have had its effect.
 */
export function classifyNetworkError(error: unknown): NetworkVerdict {
  const { code, syscall } = originOf(error);
  const unsent = error instanceof TransportError && error.sent === 'no';
  const sent = error instanceof TransportError && error.sent === 'maybe';
  const name = code ?? (error instanceof DOMException ? error.name : 'unknown error');
  const kind = (): NetworkFailureKind => {
    if (code === TOO_LARGE) return 'unreadable';
    if (sent) return 'lost';
    if ((code !== undefined && DNS.test(code)) || syscall === 'getaddrinfo') return 'dns';
    return unsent || (code !== undefined && REFUSED.test(code)) || syscall === 'connect' ? 'refused' : 'lost';
  };
  return { kind: kind(), code: name };
}

/** The code of the innermost cause that has one; undici and happy eyeballs wrap what the system said. */
export function originOf(error: unknown): { readonly code: string | undefined; readonly syscall: string | undefined } {
  let code: string | undefined;
  let syscall: string | undefined;
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    if ('code' in current && typeof current.code === 'string') code = current.code;
    if ('syscall' in current && typeof current.syscall === 'string') syscall = current.syscall;
    current = current instanceof AggregateError ? current.errors[0] : 'cause' in current ? current.cause : undefined;
  }
  return { code, syscall };
}

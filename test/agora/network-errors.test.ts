import { describe, expect, it } from 'vitest';
import { classifyNetworkError, TOO_LARGE, TransportError } from '../../src/agora/network-errors.ts';

const withCode = (code: string, more: object = {}): Error => Object.assign(new Error('x'), { code, ...more });

describe('MP-12 a DNS failure, a connection that was not made, and an answer that was lost are told apart', () => {
  it.each([
    ['ENOTFOUND', withCode('ENOTFOUND'), 'dns'],
    ['EAI_AGAIN', withCode('EAI_AGAIN'), 'dns'],
    ['EAI_FAIL', withCode('EAI_FAIL'), 'dns'],
    ['a failure of getaddrinfo', withCode('ETIMEOUT', { syscall: 'getaddrinfo' }), 'dns'],
    ['ECONNREFUSED', withCode('ECONNREFUSED'), 'refused'],
    ['EHOSTUNREACH', withCode('EHOSTUNREACH'), 'refused'],
    ['ENETUNREACH', withCode('ENETUNREACH'), 'refused'],
    ['CERT_HAS_EXPIRED', withCode('CERT_HAS_EXPIRED'), 'refused'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'refused'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'refused'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'refused'],
    ['UND_ERR_CONNECT_TIMEOUT', withCode('UND_ERR_CONNECT_TIMEOUT'), 'refused'],
    ['ETIMEDOUT of a connect', withCode('ETIMEDOUT', { syscall: 'connect' }), 'refused'],
    ['ECONNRESET', withCode('ECONNRESET'), 'lost'],
    ['EPIPE', withCode('EPIPE'), 'lost'],
    ['ETIMEDOUT of a read', withCode('ETIMEDOUT', { syscall: 'read' }), 'lost'],
    ['UND_ERR_SOCKET', withCode('UND_ERR_SOCKET'), 'lost'],
    ['UND_ERR_HEADERS_TIMEOUT', withCode('UND_ERR_HEADERS_TIMEOUT'), 'lost'],
    ['a deadline', new DOMException('late', 'TimeoutError'), 'lost'],
    ['an unknown error', new Error('?'), 'lost'],
    ['no error at all', undefined, 'lost'],
    ['ECONNRESET before a byte was sent', new TransportError('ECONNRESET', 'no'), 'refused'],
    ['ENOTFOUND before a byte was sent', new TransportError('ENOTFOUND', 'no'), 'dns'],
    ['EPROTO after the request had left', new TransportError('EPROTO', 'maybe'), 'lost'],
    ['an answer beyond its bound', new TransportError(TOO_LARGE, 'maybe'), 'unreadable'],
    ['a cause', new TypeError('fetch failed', { cause: withCode('EAI_AGAIN') }), 'dns'],
    ['the first of several', new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]), 'refused'],
  ])('%s', (_, error, kind) => {
    expect(classifyNetworkError(error).kind).toBe(kind);
  });

  it('a chain of causes without an end is read no further than five', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(classifyNetworkError(error)).toEqual({ kind: 'lost', code: 'unknown error' });
  });
});

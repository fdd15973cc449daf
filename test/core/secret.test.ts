import { format, inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';

const CANARY = 'canary-7f3a';
const secret = new Secret(CANARY);

/** What pino writes for the fields. */
function logged(fields: object): string {
  const lines: string[] = [];
  pino({}, { write: (line: string) => void lines.push(line) }).info(fields, 'message');
  return lines.join('');
}

describe('a secret prints as *** however it is printed', () => {
  it.each([
    ['String', String(secret)],
    ['concatenation', ['', secret].join('')],
    ['JSON', JSON.stringify({ key: secret })],
    ['inspect', inspect(secret)],
    ['inspect, deep', inspect({ a: [{ secret }] }, { depth: 9, showHidden: true })],
    ['format %s', format('%s', secret)],
    ['format %o', format('%o', secret)],
    ['format %j', format('%j', secret)],
    ['pino', logged({ secret, nested: { secret } })],
    ['an error with it in a field', inspect(Object.assign(new Error('failed'), { secret }))],
  ])('%s', (_, text) => {
    expect(text).not.toContain(CANARY);
    expect(text).toContain('***');
  });

  it('has no member that a copy would carry', () => {
    expect(JSON.stringify(Object.assign({}, secret))).toBe('{}');
    expect(Object.getOwnPropertyNames(secret)).toEqual([]);
  });

  it('reveals its value only when asked', () => {
    expect(secret.reveal()).toBe(CANARY);
  });
});

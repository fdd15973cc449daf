import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameData } from '../../src/core/equal.ts';
import { canonical, fraction, keyedHash, sha256 } from '../../src/core/hash.ts';

/** The same data with the members of every object in the opposite order and an undefined one added. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries([
    ...members.map(([name, member]) => [name, reordered(member)]),
    ['\u0000absent', undefined],
  ]);
}

/** As JSON carries it: -0 is 0. */
const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

describe('canonical', () => {
  it.each([
    [{ b: 1, a: { d: [2, { f: null, e: 'x' }], c: undefined } }, '{"a":{"d":[2,{"e":"x","f":null}]},"b":1}'],
    [undefined, 'null'],
    [null, 'null'],
    [[undefined], '[null]'],
    ['"', String.raw`"\""`],
  ])('%j is %s', (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  it('does not depend on the order of members nor on undefined ones', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonical(reordered(value))).toBe(canonical(value));
      }),
    );
  });

  it('loses nothing: it parses back to the same data', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value);
      }),
    );
  });

  it('tells different data apart, as sameData does', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(sameData(a, b)).toBe(isDeepStrictEqual(a, b));
        expect(sameData(a, reordered(a))).toBe(true);
        expect(sameData([a], [a, null])).toBe(false);
        expect(sameData({ x: a }, { y: a })).toBe(false);
      }),
    );
  });
});

describe('hashes', () => {
  it('sha256 is the known one, cut to the digits that are asked for', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('abc', 8)).toBe('ba7816bf');
  });

  it('keyedHash has 40 bits, and another key gives another hash of the same value', () => {
    expect(keyedHash('uid-1', 'rtmp://cdn/key')).toMatch(/^[0-9a-f]{10}$/);
    expect(keyedHash('uid-1', { a: 1, b: 2 })).toBe(keyedHash('uid-1', { b: 2, a: 1 }));
    expect(keyedHash('uid-1', 'rtmp://cdn/key')).not.toBe(keyedHash('uid-2', 'rtmp://cdn/key'));
    expect(keyedHash('uid-1', 'rtmp://cdn/key')).not.toBe(keyedHash('uid-1', 'rtmp://cdn/other'));
  });

  it('fraction lies in [0, 1), is repeatable, and keeps its parts apart', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (uid, attempt) => {
        const value = fraction(uid, attempt);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
        expect(fraction(uid, attempt)).toBe(value);
      }),
    );
    expect(fraction('a', 'bc')).not.toBe(fraction('ab', 'c'));
  });
});

import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/core/hash.ts';
import {
  baseNameOf,
  derivedName,
  freeName,
  isNameOf,
  isolatedName,
  nthName,
} from '../../../src/kinds/converter/name.ts';
import { converter } from './builders.ts';

describe('MP-19 names', () => {
  it('channel and a property of the converter', () => expect(baseNameOf(converter())).toBe('show68_vertical'));
  it('as declared', () => expect(baseNameOf(converter({ name: 'show68_horizontal' }))).toBe('show68_horizontal'));

  it.each<[string, string]>([
    ['show68_vertical', 'show68_vertical'],
    ['a'.repeat(44), 'a'.repeat(44)],
    ['a'.repeat(45), `${'a'.repeat(35)}-${sha256('a'.repeat(45), 8)}`],
    ['show 68_vertical', `show-68_vertical-${sha256('show 68_vertical', 8)}`],
    ['my.show_x', `my-show_x-${sha256('my.show_x', 8)}`],
  ])('%s → %s', (full, name) => expect(derivedName(full)).toBe(name));

  it('every derived name is one that Agora takes, with room for -r99 and isolation', () => {
    assert(
      property(string({ minLength: 1, maxLength: 200, unit: 'binary' }), (full) => {
        const name = derivedName(full);
        expect(name).toMatch(/^[A-Za-z0-9_-]{1,44}$/);
        expect(isolatedName(nthName(name, 99), 3)).toMatch(/^[A-Za-z0-9_-]{1,48}-agora-isolate-3$/);
      }),
    );
  });

  it('two texts that look alike once cleaned get different names', () => {
    expect(derivedName('a b')).not.toBe(derivedName('a.b'));
    expect(derivedName('a b')).not.toBe(derivedName('a-b'));
  });

  it('the next names of a declared one of 64 characters fit', () => {
    const long = 'n'.repeat(64);
    expect(nthName(long, 2)).toHaveLength(64);
    expect(isNameOf(long, nthName(long, 2))).toBe(true);
  });

  it('the first name that is not taken', () => {
    expect(freeName('a', [])).toBe('a');
    expect(freeName('a', ['a', 'a-r2'])).toBe('a-r3');
    expect(isNameOf('a', 'a-r3')).toBe(true);
    expect(isNameOf('a', 'b-r3')).toBe(false);
    expect(isNameOf('a', 'a-r1')).toBe(false);
  });
});
describe('MP-10 isolation', () => {
  it('adds the suffix, and is refused where it would not fit', () => {
    expect(isolatedName('my-task', 1)).toBe('my-task-agora-isolate-1');
    expect(() => isolatedName('n'.repeat(49), 1)).toThrow('longer than 64');
  });

  it('stays last in the names of replacements', () => {
    expect(nthName('my-task-agora-isolate-2', 3)).toBe('my-task-r3-agora-isolate-2');
    expect(isNameOf('my-task-agora-isolate-2', 'my-task-r3-agora-isolate-2')).toBe(true);
    expect(isNameOf('my-task-agora-isolate-2', 'my-task-r3-agora-isolate-1')).toBe(false);
    expect(isNameOf('my-task', 'my-task-r3-agora-isolate-2')).toBe(false);
  });
});

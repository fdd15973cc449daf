import { describe, expect, it } from 'vitest';
import { Repeats } from '../../src/ingress/repeats.ts';

describe('WR-11 MP-28 repeats are remembered within a bound', () => {
  it('the oldest is forgotten first', () => {
    const repeats = new Repeats(3);
    for (const mark of ['a', 'b', 'c', 'd', 'e']) repeats.add([mark]);
    expect(['a', 'b', 'c', 'd', 'e'].filter((mark) => repeats.has([mark]))).toEqual(['c', 'd', 'e']);
    expect(repeats.size).toBe(3);
  });

  it('one of several marks is enough, and what was taken back is new', () => {
    const repeats = new Repeats(3);
    repeats.add(['a', 'b']);
    expect([repeats.has(['x', 'b']), repeats.has(['x']), repeats.has([])]).toEqual([true, false, false]);
    repeats.delete(['a', 'b']);
    expect(repeats.has(['a', 'b'])).toBe(false);
  });

  it('20,000 are, whatever comes', () => {
    const repeats = new Repeats();
    for (let count = 0; count < 50_000; count += 1) repeats.add([`m${count}`, `n${count}`]);
    expect(repeats.size).toBe(20_000);
  });
});

import { describe, expect, it } from 'vitest';
import { Aborts } from '../../src/core/aborts.ts';

describe('aborts', () => {
  it('call each once, in the order in which they came, and none that was taken back, also meanwhile', () => {
    const aborts = new Aborts();
    const end = new AbortController();
    const called: string[] = [];
    aborts.on(end.signal, () => called.push('a'));
    const undoB = aborts.on(end.signal, () => called.push('b'));
    aborts.on(end.signal, () => {
      called.push('c');
      undoD();
    });
    const undoD = aborts.on(end.signal, () => called.push('d'));
    undoB();
    end.abort();
    end.abort();
    expect(called).toEqual(['a', 'c']);
  });

  it('take thousands that wait on one signal without going through them', () => {
    const aborts = new Aborts();
    const { signal } = new AbortController();
    const beganAt = performance.now();
    const undos = Array.from({ length: 50_000 }, () => aborts.on(signal, () => undefined));
    for (const undo of undos) undo();
    // By listeners of their own it takes minutes.
    expect(performance.now() - beganAt).toBeLessThan(5_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertNever, invariant } from '../../src/core/assert.ts';
import { hours, instant, minutes, seconds, timestamp } from '../../src/core/time.ts';

describe('instants and timestamps', () => {
  it('writes RFC 3339 in UTC with milliseconds', () => {
    expect(timestamp(1_796_115_600_123)).toBe('2026-12-01T09:00:00.123Z');
  });
  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
        expect(instant(timestamp(at))).toBe(at);
      }),
    );
  });
  it('reads other zones, and undefined stays undefined', () => {
    expect(instant('2026-12-01T17:00:00+08:00')).toBe(instant('2026-12-01T09:00:00Z'));
    expect(instant(undefined)).toBeUndefined();
  });
  it('spans are in milliseconds', () => {
    expect([seconds(90), minutes(1.5), hours(0.025)]).toEqual([90_000, 90_000, 90_000]);
  });
});

describe('broken invariants are thrown', () => {
  it('invariant says which', () => {
    expect(() => invariant(false, 'two live tasks')).toThrow('broken invariant: two live tasks');
    expect(() => invariant(true, 'two live tasks')).not.toThrow();
  });
  it('assertNever shows the value', () => {
    expect(() => assertNever({ phase: 'odd' } as never)).toThrow('unexpected value: {"phase":"odd"}');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, limitsExceeded } from '../../src/limits/resolution.ts';

describe.each(['WR-3', 'MP-3'])('%s: classes by pixel count', () => {
  it.each`
    width   | height  | expected
    ${16}   | ${16}   | ${'SD'}
    ${640}  | ${360}  | ${'SD'}
    ${640}  | ${361}  | ${'HD'}
    ${360}  | ${640}  | ${'SD'}
    ${361}  | ${640}  | ${'HD'}
    ${480}  | ${480}  | ${'SD'}
    ${640}  | ${480}  | ${'HD'}
    ${1280} | ${720}  | ${'HD'}
    ${1280} | ${721}  | ${'FHD'}
    ${720}  | ${1280} | ${'HD'}
    ${960}  | ${960}  | ${'HD'}
    ${1920} | ${1080} | ${'FHD'}
    ${1080} | ${1920} | ${'FHD'}
  `('$width × $height is $expected', ({ width, height, expected }) => {
    expect(classify(width, height)).toBe(expected);
  });

  it('does not depend on which side is called width, and never falls as a side grows', () => {
    const side = fc.integer({ min: 1, max: 1920 });
    const order = ['SD', 'HD', 'FHD'];
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 400 }), (width, height, more) => {
        expect(classify(width, height)).toBe(classify(height, width));
        expect(order.indexOf(classify(width + more, height))).toBeGreaterThanOrEqual(
          order.indexOf(classify(width, height)),
        );
      }),
    );
  });
});

describe.each(['WR-3', 'MP-3'])('%s: at most 1920 × 1080 and 30 frames a second', () => {
  it.each`
    width   | height  | fps          | expected
    ${1920} | ${1080} | ${30}        | ${[]}
    ${1080} | ${1920} | ${30}        | ${[]}
    ${1920} | ${1080} | ${undefined} | ${[]}
    ${1440} | ${1440} | ${15}        | ${[]}
    ${1920} | ${1081} | ${30}        | ${['pixels']}
    ${1920} | ${1080} | ${31}        | ${['fps']}
    ${1921} | ${100}  | ${15}        | ${['side']}
    ${100}  | ${1921} | ${15}        | ${['side']}
    ${2560} | ${1440} | ${60}        | ${['pixels', 'side', 'fps']}
  `('$width × $height at $fps exceeds $expected', ({ width, height, fps, expected }) => {
    expect(limitsExceeded({ width, height, fps })).toEqual(expected);
  });
});

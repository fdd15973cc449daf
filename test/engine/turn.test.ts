import { describe, expect, it } from 'vitest';
import type { Key, Resource } from '../../src/core/resource.ts';
import { inTurn } from '../../src/engine/turn.ts';

const key = (name: string): Key => `RtmpConverter/media/${name}` as Key;

const hostWith = (...given: readonly (readonly [string, number | undefined, string])[]) => {
  const resources = new Map(
    given.map(([name, priority, creationTimestamp]) => [
      key(name),
      { metadata: { creationTimestamp }, spec: { priority } } as unknown as Resource,
    ]),
  );
  return { get: (one: Key) => resources.get(one) };
};

describe('MP-17 WR-5 those that are woken together ask in order of priority, then age', () => {
  it.each([
    [
      'priority first',
      [
        ['camera', -10, '09:00'],
        ['stage', 5, '09:02'],
        ['talk', 0, '09:01'],
      ],
      ['stage', 'talk', 'camera'],
    ],
    [
      'then age',
      [
        ['young', 0, '09:05'],
        ['old', 0, '09:00'],
      ],
      ['old', 'young'],
    ],
    [
      'then the name',
      [
        ['b', 0, '09:00'],
        ['a', 0, '09:00'],
      ],
      ['a', 'b'],
    ],
    [
      'none is 0',
      [
        ['low', -1, '09:00'],
        ['none', undefined, '09:00'],
        ['high', 1, '09:00'],
      ],
      ['high', 'none', 'low'],
    ],
  ] as const)('%s', (_, given, expected) => {
    expect(
      inTurn(
        given.map(([name]) => key(name)),
        hostWith(...given),
      ),
    ).toEqual(expected.map(key));
  });

  it('one that is gone is queued all the same, to be forgotten', () => {
    expect(inTurn([key('gone'), key('high')], hostWith(['high', 1, '09:00']))).toEqual([key('high'), key('gone')]);
  });
});

import { describe, expect, it } from 'vitest';
import { timestamp } from '../../src/core/time.ts';
import type { Converter, Recording } from '../../src/doctor/facts.ts';
import { NOW } from '../plan/builders.ts';
import { converter, factsOf, findingsOf, listing, project, recording, redundant, said, verdicts } from './builders.ts';

const many = <Kind>(count: number, make: (name: string) => Kind): readonly Kind[] =>
  Array.from({ length: count }, (_, index) => make(`r${index}`));
const small = { videoWidth: 640, videoHeight: 360 };
const at = (minutes: number): string => timestamp(NOW + minutes * 60_000);

describe('MP-27 queries a second: when steady, and when all begins at once', () => {
  it.each([
    // One query in two minutes each: 960 recordings are 8 a second. A start of so many at once is slow besides.
    [960, 10, 'warn', 'Begin windows a little apart'],
    [961, 10, 'warn', 'Leave room for retries'],
    [1_200, 10, 'warn', 'Leave room for retries'],
    [1_201, 10, 'fail', 'Spread the resources'],
    [120, 1, 'warn', 'Leave room for retries'],
    [121, 1, 'fail', 'Spread the resources'],
  ])('%i recordings, %i calls a second: %s', (count, queriesPerSecond, verdict, action) => {
    const limits = { mixedResolution: 'Nested' as const, recording: { queriesPerSecond } };
    const [finding] = findingsOf(
      'rates',
      factsOf({ project: project({ limits }), recordings: many(count, recording) }),
    );
    expect(finding).toMatchObject({ verdict, action: expect.stringContaining(action) });
  });

  it.each([
    // Three calls a start, ten a second: 203 recordings take 61 windows, the last of which begins after 60 s.
    [203, 'pass'],
    [204, 'warn'],
  ])('a start of %i recordings at once: %s', (count, verdict) => {
    expect(verdicts('rates', factsOf({ recordings: many(count, recording) }))).toBe(verdict);
  });

  it('what is not wanted calls nothing', () => {
    const stopped = recording('stopped', { desiredState: 'Stopped' });
    expect(said('rates', factsOf({ recordings: [stopped] }))).toEqual([]);
  });

  it('projects of one App ID share the limit', () => {
    const facts = factsOf({ recordings: many(700, recording) }, { recordings: many(700, recording) });
    expect(verdicts('rates', facts)).toBe('fail');
  });
});

describe('MP-27 tasks: the fullest moment of each limit', () => {
  const verdictOf = (recordings: readonly Recording[], level: string) =>
    said('slots', factsOf({ recordings })).find((text) => text.includes(level));

  it.each([
    [29, 'pass: recording eu HD 29 of 30'],
    [30, 'warn: recording eu HD 30 of 30'],
    [31, 'fail: recording eu HD 31 of 30'],
  ])('%i recordings in HD', (count, text) => {
    expect(verdictOf(many(count, recording), 'eu HD')).toBe(text);
  });

  it('a better class counts in the classes below it (WR-5)', () => {
    const mixed = [...many(30, recording), ...many(21, (name) => recording(name, small))];
    expect(verdictOf(mixed, 'eu SD')).toBe('fail: recording eu SD 51 of 50');
  });

  it.each([
    ['after another', [0, 60], [60, 120], 'pass'],
    ['overlapping by a minute', [0, 60], [59, 120], 'fail'],
  ])('windows %s', (_what, [from = 0, to = 0], [next = 0, end = 0], verdict) => {
    const within = (startAt: number, stopAt: number) => (name: string) =>
      recording(name, { schedule: { startAt: at(startAt), stopAt: at(stopAt) } });
    const all = [...many(16, within(from, to)), ...many(16, within(next, end))];
    expect(verdictOf(all, 'eu HD')).toMatch(
      new RegExp(`^${verdict}: recording eu HD ${verdict === 'pass' ? 16 : 32} `),
    );
  });

  it.each([
    [298, 0, 'pass'],
    [298, 1, 'warn'],
    [298, 2, 'fail'],
  ])('%i converters of ours and %i foreign ones against the project’s 299', (own, foreign, verdict) => {
    const spread = many(own, (name) => converter(name, { region: 'cn', transcodeOptions: AUDIO }));
    const rows = Array.from({ length: foreign }, (_, index) => ({ id: `f${index}`, name: `theirs-${index}` }));
    const facts = factsOf({ converters: spread, converterLook: listing(...rows) });
    expect(said('slots', facts).find((text) => text.includes('converter, all regions'))).toMatch(
      new RegExp(`^${verdict}`),
    );
  });

  it('what no empty account has room for is named, and not counted besides', () => {
    const facts = factsOf({ converters: [converter('big', { capacityClass: 'FHD', rawOptions: RAW })].map(raw) });
    expect(said('slots', facts)).toEqual([
      'fail: RtmpConverter big can never run: converter eu FHD: 1 needed, 0 allowed',
    ]);
  });

  it.each([
    ['Parallel', 'fail: converter eu HD 6 of 5'],
    ['Standby', 'pass: converter eu HD 2 of 5'],
  ] as const)('two sets of three, %s: %s', (mode, text) => {
    const of = (name: string) => redundant(name, mode);
    expect(said('slots', factsOf({ converters: [of('a'), of('b')] }))).toContain(text);
  });

  it('where classes mix literally the best one in use lowers the limit of all', () => {
    const limits = { mixedResolution: 'Literal' as const };
    const recordings = [...many(30, (name) => recording(name, small)), recording('better')];
    const facts = factsOf({ project: project({ limits }), recordings });
    expect(said('slots', facts)).toContain('fail: recording eu, all classes 31 of 30');
  });
});

const AUDIO = { rtcChannel: 'show68', media: 'AudioOnly' } as const;
const RAW = { rtcChannel: 'show68', rtcStreamUid: 7 } as const;
const raw = ({ spec: { transcodeOptions: _, ...spec }, ...rest }: Converter): Converter => ({ ...rest, spec });

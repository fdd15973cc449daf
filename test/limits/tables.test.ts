import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONVERTER_STREAMS,
  CONVERTER_WORKERS,
  limitsFor,
  lowerOf,
  RECORDING_STREAMS,
  RECORDING_WORKERS,
} from '../../src/limits/tables.ts';

const byDefault = limitsFor({});

describe('WR-1 peak concurrent workers of web page recording', () => {
  it.each`
    region  | limits
    ${'cn'} | ${{ SD: 100, HD: 50, FHD: 30 }}
    ${'na'} | ${{ SD: 100, HD: 50, FHD: 30 }}
    ${'ap'} | ${{ SD: 100, HD: 50, FHD: 30 }}
    ${'eu'} | ${{ SD: 50, HD: 30, FHD: 10 }}
  `('in $region: $limits', ({ region, limits }) => {
    expect(RECORDING_WORKERS[region as 'cn']).toEqual(limits);
    expect(byDefault.recording.perRegion[region as 'cn']).toEqual(limits);
  });

  it('a project overrides one figure and keeps the others', () => {
    const limits = limitsFor({ recording: { ap: { HD: 100 }, total: 400 } });
    expect(limits.recording.perRegion.ap).toEqual({ SD: 100, HD: 100, FHD: 30 });
    expect(limits.recording.perRegion.eu).toEqual(byDefault.recording.perRegion.eu);
    expect(limits.recording.total).toBe(400);
    expect(limits.converter).toEqual(byDefault.converter);
  });
});

describe('WR-2 queries per second of web page recording', () => {
  it('10 a second over all calls', () => expect(byDefault.rates.recording).toEqual({ cap: 10, perMs: 1_000 }));

  it('as a project says', () =>
    expect(limitsFor({ recording: { queriesPerSecond: 25 } }).rates.recording).toEqual({ cap: 25, perMs: 1_000 }));
});

describe('WR-4 the lower of workers and streams', () => {
  it('Asia HD is 50 although the stream table has 100', () => {
    expect(RECORDING_STREAMS.ap.HD).toBe(100);
    expect(byDefault.recording.perRegion.ap.HD).toBe(50);
  });

  it('the flat cap of newer editions is 200 over all', () => expect(byDefault.recording.total).toBe(200));

  it('no limit is above either table', () => {
    for (const region of ['cn', 'ap', 'eu', 'na'] as const) {
      for (const name of ['SD', 'HD', 'FHD'] as const) {
        const limit = byDefault.recording.perRegion[region][name];
        expect(limit).toBe(Math.min(RECORDING_WORKERS[region][name], RECORDING_STREAMS[region][name]));
      }
    }
  });
});

describe('MP-1 queries per second of Media Push', () => {
  it.each(['converter-create', 'converter-delete', 'converter-update', 'converter-get'] as const)(
    '%s: 50 a second',
    (name) => expect(byDefault.rates[name]).toEqual({ cap: 50, perMs: 1_000 }),
  );

  it('list: 15 a minute, since nothing is documented', () =>
    expect(byDefault.rates['converter-list']).toEqual({ cap: 15, perMs: 60_000 }));

  it('each as a project says', () => {
    const { rates } = limitsFor({
      converter: { createsPerSecond: 1, deletesPerSecond: 2, updatesPerSecond: 3, getsPerSecond: 4, listsPerMinute: 5 },
    });
    expect(Object.entries(rates).map(([name, { cap }]) => [name, cap])).toEqual([
      ['recording', 10],
      ['converter-create', 1],
      ['converter-delete', 2],
      ['converter-update', 3],
      ['converter-get', 4],
      ['converter-list', 5],
    ]);
  });
});

describe('MP-2 peak concurrent workers of Media Push', () => {
  it.each`
    region  | limits
    ${'cn'} | ${{ SD: 300, HD: 50, FHD: 20 }}
    ${'na'} | ${{ SD: 20, HD: 5, FHD: 0 }}
    ${'ap'} | ${{ SD: 20, HD: 5, FHD: 0 }}
    ${'eu'} | ${{ SD: 20, HD: 5, FHD: 0 }}
  `('in $region: $limits', ({ region, limits }) => {
    expect(CONVERTER_WORKERS[region as 'cn']).toEqual(limits);
    expect(byDefault.converter.perRegion[region as 'cn']).toEqual(limits);
  });

  it('fewer than 300 in a project is 299', () => expect(byDefault.converter.total).toBe(299));

  it('FHD outside China where support has enabled it', () =>
    expect(limitsFor({ converter: { eu: { FHD: 2 } } }).converter.perRegion.eu).toEqual({ SD: 20, HD: 5, FHD: 2 }));
});

describe('MP-4 the stream table repeats the workers’ figures', () => {
  it('both tables are there and the lower holds', () => {
    expect(CONVERTER_STREAMS).toEqual(CONVERTER_WORKERS);
    expect(byDefault.converter.perRegion).toEqual(CONVERTER_STREAMS);
  });
});

describe('WR-5 the rule for mixed resolutions is a choice of the project', () => {
  it('nested by default', () => expect(byDefault.mixedResolution).toBe('Nested'));
  it('literal on request', () => expect(limitsFor({ mixedResolution: 'Literal' }).mixedResolution).toBe('Literal'));
});

describe('two projects with one App ID: the lower of each figure holds', () => {
  const figure = fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined });
  const classes = fc.record({ SD: figure, HD: figure, FHD: figure }).map(withoutUndefined);
  const overrides = fc.record({
    mixedResolution: fc.constantFrom('Nested' as const, 'Literal' as const),
    recording: fc.record({ ap: classes, eu: classes, total: figure, queriesPerSecond: figure }).map(withoutUndefined),
    converter: fc.record({ cn: classes, total: figure, listsPerMinute: figure }).map(withoutUndefined),
  });

  it('is one of the two, not above either, and the same in both orders', () => {
    fc.assert(
      fc.property(overrides, overrides, (one, other) => {
        const [a, b] = [limitsFor(one), limitsFor(other)];
        const lower = lowerOf(a, b);
        expect(lower).toEqual(lowerOf(b, a));
        expect(figuresOf(lower)).toEqual(
          figuresOf(a).map((value, index) => Math.min(value, figuresOf(b)[index] ?? NaN)),
        );
        expect(lower.mixedResolution === 'Literal').toBe([a, b].some((each) => each.mixedResolution === 'Literal'));
      }),
    );
  });

  it('with itself it is itself', () => expect(lowerOf(byDefault, byDefault)).toEqual(byDefault));
});

function withoutUndefined<Value extends object>(
  value: Value,
): { [Name in keyof Value]?: Exclude<Value[Name], undefined> } {
  return JSON.parse(JSON.stringify(value));
}

function figuresOf(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(figuresOf) : [];
}

import type { RateLimit, Region, ResolutionClass, Service } from './slot.ts';

/** What an App ID may have and do at once. The ledger and the lanes know limits in this form only. */
export interface Limits {
  readonly recording: ServiceLimits;
  readonly converter: ServiceLimits;
  readonly mixedResolution: MixedResolution;
  readonly rates: Readonly<Record<RateLimit, Rate>>;
}

export interface ServiceLimits {
  readonly perRegion: Readonly<Record<Region, ClassLimits>>;
  /** Tasks of the service over all regions and classes. */
  readonly total: number;
}

export type ClassLimits = Readonly<Record<ResolutionClass, number>>;

/** WR-5, MP-5: how streams of several classes share a region. */
export type MixedResolution = 'Nested' | 'Literal';

/** At most `cap` calls begin in any window of `perMs`. */
export interface Rate {
  readonly cap: number;
  readonly perMs: number;
}

type RegionTable = Readonly<Record<Region, ClassLimits>>;

const sameEverywhere = (limits: ClassLimits): Omit<RegionTable, 'cn'> => ({ ap: limits, eu: limits, na: limits });

/** WR-1: peak concurrent workers of web page recording.  (E.2, first row) */
export const RECORDING_WORKERS: RegionTable = {
  cn: { SD: 100, HD: 50, FHD: 30 },
  ap: { SD: 100, HD: 50, FHD: 30 },
  eu: { SD: 50, HD: 30, FHD: 10 },
  na: { SD: 100, HD: 50, FHD: 30 },
};

/** WR-4: streams of web page recording. It differs from the workers in Asia's HD alone.  (E.2, second row) */
export const RECORDING_STREAMS: RegionTable = {
  cn: { SD: 100, HD: 50, FHD: 30 },
  ap: { SD: 100, HD: 100, FHD: 30 },
  eu: { SD: 50, HD: 30, FHD: 10 },
  na: { SD: 100, HD: 50, FHD: 30 },
};

/** MP-2: peak concurrent workers of Media Push. FHD outside China only where support has enabled it.  (E.3) */
export const CONVERTER_WORKERS: RegionTable = {
  cn: { SD: 300, HD: 50, FHD: 20 },
  ...sameEverywhere({ SD: 20, HD: 5, FHD: 0 }),
};

/** MP-4: the stream table of Media Push repeats the workers' figures.  (E.3) */
export const CONVERTER_STREAMS: RegionTable = {
  cn: { SD: 300, HD: 50, FHD: 20 },
  ...sameEverywhere({ SD: 20, HD: 5, FHD: 0 }),
};

/** WR-4: newer editions cap the workers of all regions and classes together.  (E.2, third row) */
const RECORDING_TOTAL = 200;

/** MP-2: "fewer than 300" tasks in a project. */
const CONVERTER_TOTAL = 299;

const perSecond = (cap: number): Rate => ({ cap, perMs: 1_000 });
const perMinute = (cap: number): Rate => ({ cap, perMs: 60_000 });

/** WR-2: one lane for all recording calls. MP-1: one a method. List is undocumented: that of Media Pull, its lower figure. (A.7) */
const RATES: Readonly<Record<RateLimit, Rate>> = {
  recording: perSecond(10),
  'converter-create': perSecond(50),
  'converter-delete': perSecond(50),
  'converter-update': perSecond(50),
  'converter-get': perSecond(50),
  'converter-list': perMinute(15),
};

/** A project's own figures, where Agora has raised (or lowered) them: `AgoraProject.spec.limits`. */
export interface LimitOverrides {
  readonly mixedResolution?: MixedResolution;
  readonly recording?: ServiceOverrides & { readonly queriesPerSecond?: number };
  readonly converter?: ServiceOverrides & {
    readonly createsPerSecond?: number;
    readonly deletesPerSecond?: number;
    readonly updatesPerSecond?: number;
    readonly getsPerSecond?: number;
    readonly listsPerMinute?: number;
  };
}

type ServiceOverrides = Partial<Record<Region, Partial<ClassLimits>>> & { readonly total?: number };

/** The limits of a project: the lower of both tables (WR-4, MP-4) where the project says nothing else. */
export function limitsFor(overrides: LimitOverrides): Limits {
  const { recording = {}, converter = {} } = overrides;
  return {
    recording: {
      perRegion: overridden(lowerTable(RECORDING_WORKERS, RECORDING_STREAMS), recording),
      total: recording.total ?? RECORDING_TOTAL,
    },
    converter: {
      perRegion: overridden(lowerTable(CONVERTER_WORKERS, CONVERTER_STREAMS), converter),
      total: converter.total ?? CONVERTER_TOTAL,
    },
    mixedResolution: overrides.mixedResolution ?? 'Nested',
    rates: {
      recording: withCap(RATES.recording, recording.queriesPerSecond),
      'converter-create': withCap(RATES['converter-create'], converter.createsPerSecond),
      'converter-delete': withCap(RATES['converter-delete'], converter.deletesPerSecond),
      'converter-update': withCap(RATES['converter-update'], converter.updatesPerSecond),
      'converter-get': withCap(RATES['converter-get'], converter.getsPerSecond),
      'converter-list': withCap(RATES['converter-list'], converter.listsPerMinute),
    },
  };
}

/** What holds for two projects with one App ID: of each figure the lower, of the rules the stricter (design §6). */
export function lowerOf(a: Limits, b: Limits): Limits {
  const rate = (name: RateLimit): Rate => withCap(a.rates[name], Math.min(a.rates[name].cap, b.rates[name].cap));
  const service = (name: Service): ServiceLimits => ({
    perRegion: lowerTable(a[name].perRegion, b[name].perRegion),
    total: Math.min(a[name].total, b[name].total),
  });
  return {
    recording: service('recording'),
    converter: service('converter'),
    mixedResolution: a.mixedResolution === 'Literal' ? 'Literal' : b.mixedResolution,
    rates: {
      recording: rate('recording'),
      'converter-create': rate('converter-create'),
      'converter-delete': rate('converter-delete'),
      'converter-update': rate('converter-update'),
      'converter-get': rate('converter-get'),
      'converter-list': rate('converter-list'),
    },
  };
}

const withCap = (rate: Rate, cap: number | undefined): Rate => ({ ...rate, cap: cap ?? rate.cap });

const lowerTable = (a: RegionTable, b: RegionTable): RegionTable =>
  byRegion((region) => ({
    SD: Math.min(a[region].SD, b[region].SD),
    HD: Math.min(a[region].HD, b[region].HD),
    FHD: Math.min(a[region].FHD, b[region].FHD),
  }));

const overridden = (table: RegionTable, overrides: ServiceOverrides): RegionTable =>
  byRegion((region) => ({ ...table[region], ...overrides[region] }));

const byRegion = (limits: (region: Region) => ClassLimits): RegionTable => ({
  cn: limits('cn'),
  ap: limits('ap'),
  eu: limits('eu'),
  na: limits('na'),
});

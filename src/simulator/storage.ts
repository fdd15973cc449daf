import { isObject } from './json.ts';
import { arrayOf, integer, object, oneOf, type Rule, text, together } from './schema.ts';
import type { Area } from './sizes.ts';

/** Vendors by number (reference B.4). */
const S3 = 1;
const ALIBABA = 2;
const TENCENT = 3;
const AZURE = 5;
const GOOGLE = 6;
const HUAWEI = 7;
const BAIDU = 8;
const S3_COMPATIBLE = 11;
const VENDORS = [S3, ALIBABA, TENCENT, AZURE, GOOGLE, HUAWEI, BAIDU, S3_COMPATIBLE];

/** The highest region number of each vendor; for Azure and Google the region is ignored. */
const LAST_REGION: ReadonlyMap<number, number> = new Map([
  [S3, 28],
  [ALIBABA, 27],
  [TENCENT, 19],
  [AZURE, 1_000],
  [GOOGLE, 1_000],
  [HUAWEI, 15],
  [BAIDU, 7],
  [S3_COMPATIBLE, 1_000],
]);

/** Area of each region where the table's name tells it beyond doubt; what is left out is not checked. */
const AREA_OF: ReadonlyMap<number, Readonly<Record<Area, readonly number[]>>> = new Map([
  [S3, { na: [0, 1, 2, 3, 13, 17, 23], eu: [4, 5, 6, 7, 21, 25], ap: [8, 9, 10, 11, 14, 20, 24], cn: [15, 16] }],
  [
    ALIBABA,
    {
      cn: [0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23, 24, 25, 26, 27],
      na: [8, 9],
      ap: [10, 11, 12, 13, 14, 15, 19],
      eu: [16, 17, 18],
    },
  ],
  [TENCENT, { cn: [0, 1, 2, 3, 4, 5, 6, 7, 8], ap: [10, 11, 12, 13, 14], na: [15, 16, 17], eu: [18, 19] }],
  [HUAWEI, { cn: [0, 1, 2, 3, 4, 5], ap: [6, 7, 8], na: [], eu: [] }],
  [BAIDU, { cn: [0, 1, 2, 3, 6, 7], ap: [5], na: [], eu: [] }],
]);

const secretText = text({ min: 1 });

export const storageConfig: Rule = object(
  {
    required: {
      vendor: oneOf(...VENDORS),
      region: integer(0, 1_000),
      bucket: secretText,
      accessKey: secretText,
      secretKey: secretText,
    },
    optional: {
      stsToken: secretText,
      stsExpiration: integer(1, Number.MAX_SAFE_INTEGER),
      fileNamePrefix: arrayOf(text({ pattern: /^[A-Za-z0-9]+$/ })),
      extensionParams: object({ optional: { sse: oneOf('kms', 'aes256'), tag: secretText, endpoint: secretText } }),
    },
  },
  together(
    'region',
    'a region of the vendor',
    ({ vendor, region }) => Number(region) <= (LAST_REGION.get(Number(vendor)) ?? 0),
  ),
  together(
    'stsToken',
    'a vendor among 1, 2 and 3',
    ({ vendor, stsToken }) => stsToken === undefined || Number(vendor) <= TENCENT,
  ),
  together('fileNamePrefix', 'at most 128 characters with a slash for each element', ({ fileNamePrefix }) => {
    const parts = Array.isArray(fileNamePrefix) ? fileNamePrefix : [];
    return parts.reduce<number>((sum, part) => sum + String(part).length + 1, 0) <= 128;
  }),
  together(
    'extensionParams.endpoint',
    'the domain of the storage',
    ({ vendor, extensionParams }) =>
      vendor !== S3_COMPATIBLE || (isObject(extensionParams) && typeof extensionParams['endpoint'] === 'string'),
  ),
);

/** A hard region binds the storage to the same area (reference B.2). */
export function storageFitsArea(storage: unknown, area: Area): boolean {
  if (!isObject(storage)) return true;
  const areas = AREA_OF.get(Number(storage['vendor']));
  if (areas === undefined) return true;
  const region = Number(storage['region']);
  const known = Object.values(areas).some((regions) => regions.includes(region));
  return !known || areas[area].includes(region);
}

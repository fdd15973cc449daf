import type { Region } from '../../limits/slot.ts';
import type { StorageVendor } from './types.ts';

export interface StorageRegion {
  /** The number that Agora wants in `storageConfig.region`. */
  readonly number: number;
  /** The area of Agora that it lies in; absent where Agora's four areas do not say (reference B.2, B.4). */
  readonly area?: Region;
}

export interface StorageVendorEntry {
  /** The number that Agora wants in `storageConfig.vendor`. */
  readonly number: number;
  /** By name. Empty where Agora ignores the region. */
  readonly regions: Readonly<Record<string, StorageRegion>>;
}

/** The numbers of `storageConfig`; anything but a vendor and one of its regions was refused by the schema before. */
export function storageNumbers(
  vendor: StorageVendor,
  region: string | undefined,
): { readonly vendor: number; readonly region: number } {
  const entry = STORAGE_VENDORS[vendor];
  return { vendor: entry.number, region: region === undefined ? 0 : (entry.regions[region]?.number ?? 0) };
}

/**
 * Names and numbers of reference B.4, with the numbers that only older editions list (US_GOV_*, IL_CENTRAL_1, Baidu's
 * CN_BEIJING). Hong Kong lies outside of mainland China, so in `ap`. The CRD's rules repeat names and areas, since CEL
 * reads no table; a test holds the two together.
 */
export const STORAGE_VENDORS: Readonly<Record<StorageVendor, StorageVendorEntry>> = {
  AmazonS3: {
    number: 1,
    regions: {
      US_EAST_1: { number: 0, area: 'na' },
      US_EAST_2: { number: 1, area: 'na' },
      US_WEST_1: { number: 2, area: 'na' },
      US_WEST_2: { number: 3, area: 'na' },
      EU_WEST_1: { number: 4, area: 'eu' },
      EU_WEST_2: { number: 5, area: 'eu' },
      EU_WEST_3: { number: 6, area: 'eu' },
      EU_CENTRAL_1: { number: 7, area: 'eu' },
      AP_SOUTHEAST_1: { number: 8, area: 'ap' },
      AP_SOUTHEAST_2: { number: 9, area: 'ap' },
      AP_NORTHEAST_1: { number: 10, area: 'ap' },
      AP_NORTHEAST_2: { number: 11, area: 'ap' },
      SA_EAST_1: { number: 12 },
      CA_CENTRAL_1: { number: 13, area: 'na' },
      AP_SOUTH_1: { number: 14, area: 'ap' },
      CN_NORTH_1: { number: 15, area: 'cn' },
      CN_NORTHWEST_1: { number: 16, area: 'cn' },
      US_GOV_WEST_1: { number: 17, area: 'na' },
      AF_SOUTH_1: { number: 18 },
      AP_EAST_1: { number: 19, area: 'ap' },
      AP_NORTHEAST_3: { number: 20, area: 'ap' },
      EU_NORTH_1: { number: 21, area: 'eu' },
      ME_SOUTH_1: { number: 22 },
      US_GOV_EAST_1: { number: 23, area: 'na' },
      AP_SOUTHEAST_3: { number: 24, area: 'ap' },
      EU_SOUTH_1: { number: 25, area: 'eu' },
      IL_CENTRAL_1: { number: 28 },
    },
  },
  AlibabaCloud: {
    number: 2,
    regions: {
      CN_HANGZHOU: { number: 0, area: 'cn' },
      CN_SHANGHAI: { number: 1, area: 'cn' },
      CN_QINGDAO: { number: 2, area: 'cn' },
      CN_BEIJING: { number: 3, area: 'cn' },
      CN_ZHANGJIAKOU: { number: 4, area: 'cn' },
      CN_HUHEHAOTE: { number: 5, area: 'cn' },
      CN_SHENZHEN: { number: 6, area: 'cn' },
      CN_HONGKONG: { number: 7, area: 'ap' },
      US_WEST_1: { number: 8, area: 'na' },
      US_EAST_1: { number: 9, area: 'na' },
      AP_SOUTHEAST_1: { number: 10, area: 'ap' },
      AP_SOUTHEAST_2: { number: 11, area: 'ap' },
      AP_SOUTHEAST_3: { number: 12, area: 'ap' },
      AP_SOUTHEAST_5: { number: 13, area: 'ap' },
      AP_NORTHEAST_1: { number: 14, area: 'ap' },
      AP_SOUTH_1: { number: 15, area: 'ap' },
      EU_CENTRAL_1: { number: 16, area: 'eu' },
      EU_WEST_1: { number: 17, area: 'eu' },
      EU_EAST_1: { number: 18, area: 'eu' },
      AP_SOUTHEAST_6: { number: 19, area: 'ap' },
      CN_HEYUAN: { number: 20, area: 'cn' },
      CN_GUANGZHOU: { number: 21, area: 'cn' },
      CN_CHENGDU: { number: 22, area: 'cn' },
      CN_NANJING: { number: 23, area: 'cn' },
      CN_FUZHOU: { number: 24, area: 'cn' },
      CN_WULANCHABU: { number: 25, area: 'cn' },
      CN_NORTHEAST_2: { number: 26 },
      CN_SOUTHEAST_7: { number: 27 },
    },
  },
  TencentCloud: {
    number: 3,
    regions: {
      AP_BEIJING_1: { number: 0, area: 'cn' },
      AP_BEIJING: { number: 1, area: 'cn' },
      AP_SHANGHAI: { number: 2, area: 'cn' },
      AP_GUANGZHOU: { number: 3, area: 'cn' },
      AP_CHENGDU: { number: 4, area: 'cn' },
      AP_CHONGQING: { number: 5, area: 'cn' },
      AP_SHENZHEN_FSI: { number: 6, area: 'cn' },
      AP_SHANGHAI_FSI: { number: 7, area: 'cn' },
      AP_BEIJING_FSI: { number: 8, area: 'cn' },
      AP_HONGKONG: { number: 9, area: 'ap' },
      AP_SINGAPORE: { number: 10, area: 'ap' },
      AP_MUMBAI: { number: 11, area: 'ap' },
      AP_SEOUL: { number: 12, area: 'ap' },
      AP_BANGKOK: { number: 13, area: 'ap' },
      AP_TOKYO: { number: 14, area: 'ap' },
      NA_SILICONVALLEY: { number: 15, area: 'na' },
      NA_ASHBURN: { number: 16, area: 'na' },
      NA_TORONTO: { number: 17, area: 'na' },
      EU_FRANKFURT: { number: 18, area: 'eu' },
      EU_MOSCOW: { number: 19, area: 'eu' },
    },
  },
  MicrosoftAzure: {
    number: 5,
    regions: {},
  },
  GoogleCloud: {
    number: 6,
    regions: {},
  },
  HuaweiCloud: {
    number: 7,
    regions: {
      CN_NORTH_1: { number: 0, area: 'cn' },
      CN_NORTH_4: { number: 1, area: 'cn' },
      CN_EAST_2: { number: 2, area: 'cn' },
      CN_EAST_3: { number: 3, area: 'cn' },
      CN_SOUTH_1: { number: 4, area: 'cn' },
      CN_SOUTHWEST_2: { number: 5, area: 'cn' },
      AP_SOUTHEAST_1: { number: 6, area: 'ap' },
      AP_SOUTHEAST_2: { number: 7, area: 'ap' },
      AP_SOUTHEAST_3: { number: 8, area: 'ap' },
      AF_SOUTH_1: { number: 9 },
      SA_ARGENTINA_1: { number: 10 },
      SA_PERU_1: { number: 11 },
      NA_MEXICO_1: { number: 12, area: 'na' },
      SA_BRAZIL_1: { number: 13 },
      LA_SOUTH_2: { number: 14 },
      SA_CHILE_1: { number: 15 },
    },
  },
  BaiduAICloud: {
    number: 8,
    regions: {
      CN_BEIJING: { number: 0, area: 'cn' },
      CN_BAODING: { number: 1, area: 'cn' },
      CN_SUZHOU: { number: 2, area: 'cn' },
      CN_GUANGZHOU: { number: 3, area: 'cn' },
      CN_HONGKONG: { number: 4, area: 'ap' },
      SINGAPORE: { number: 5, area: 'ap' },
      CN_WUHAN: { number: 6, area: 'cn' },
      CN_SHANGHAI: { number: 7, area: 'cn' },
    },
  },
  S3Compatible: {
    number: 11,
    regions: {},
  },
};

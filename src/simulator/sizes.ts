/** Where a task runs: the columns of the limit tables (reference E, C.11). */
export const AREAS = ['cn', 'ap', 'eu', 'na'] as const;
export type Area = (typeof AREAS)[number];

export const isArea = (text: string): text is Area => AREAS.some((area) => area === text);

/** From the smallest to the largest. */
export const SIZE_CLASSES = ['SD', 'HD', 'FHD'] as const;
export type SizeClass = (typeof SIZE_CLASSES)[number];

export const MAX_PIXELS = 1920 * 1080;
const HD_PIXELS = 1280 * 720;
const SD_PIXELS = 640 * 360;

/** Classes are told apart by pixel count (reference E.1); no picture at all counts as SD. */
export function sizeClassOf(pixels: number): SizeClass {
  if (pixels <= SD_PIXELS) return 'SD';
  return pixels <= HD_PIXELS ? 'HD' : 'FHD';
}

/** Billing knows two prices: up to 1280x720 and above (reference B.13). */
export type BillingClass = 'HD' | 'FHD';
export const billingClassOf = (pixels: number): BillingClass => (pixels <= HD_PIXELS ? 'HD' : 'FHD');

/**
 * Is resource version `a` newer than `b`? Versions are decimal numbers that may be compared (KEP-5504). One that is not
 * is taken for newer where it differs, so that nothing is missed.
 */
export function isNewer(a: string, b: string): boolean {
  if (a === b) return false;
  if (!DECIMAL.test(a) || !DECIMAL.test(b)) return true;
  return a.length === b.length ? a > b : a.length > b.length;
}

const DECIMAL = /^(0|[1-9]\d*)$/;

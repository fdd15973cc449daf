/** Deep equality of plain JSON data; absent and undefined members are equal. Statuses are compared by it all the time. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Number.isNaN(a) && Number.isNaN(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameData(item, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(left)) if (!sameData(left[name], right[name])) return false;
  for (const name of Object.keys(right)) if (right[name] !== undefined && left[name] === undefined) return false;
  return true;
}

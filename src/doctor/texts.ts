const MOST = 3;

/** `a, b and 4 more`: what is meant, without filling a screen. */
export function few(names: readonly string[]): string {
  const left = names.length - MOST;
  if (left > 0) return `${names.slice(0, MOST).join(', ')} and ${left} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** `converter a`, `converters a, b and 4 more`. */
export const listed = (one: string, names: readonly string[], many = `${one}s`): string =>
  `${names.length === 1 ? one : many} ${few(names)}`;

/** `1 converter`, `3 converters`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** In hours or minutes where it comes out even, or is so long that seconds do not matter. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds >= 3_600 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return seconds >= 600 ? `${Math.round(seconds / 60)} min` : `${seconds} s`;
}

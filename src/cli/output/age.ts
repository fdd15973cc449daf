import { hours, minutes, seconds } from '../../core/time.ts';

const DAY = hours(24);

/** A span as kubectl shows it: `45s`, `3m20s`, `5h`, `2d4h`, `400d`; two units at most, the larger one alone when large. */
export function span(ms: number): string {
  if (ms < 0) return '0s';
  if (ms < minutes(2)) return `${Math.floor(ms / seconds(1))}s`;
  if (ms < minutes(10)) return two(ms, minutes(1), 'm', seconds(1), 's');
  if (ms < hours(3)) return `${Math.floor(ms / minutes(1))}m`;
  if (ms < hours(8)) return two(ms, hours(1), 'h', minutes(1), 'm');
  if (ms < 2 * DAY) return `${Math.floor(ms / hours(1))}h`;
  if (ms < 8 * DAY) return two(ms, DAY, 'd', hours(1), 'h');
  return `${Math.floor(ms / DAY)}d`;
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
}

import { asNumber, asText } from '../agora/json.ts';
import { hours, type Instant } from '../core/time.ts';

/** No handle of Agora's is longer (a cname has at most 1024 bytes); a longer text is none of ours. */
const LONGEST_ID = 1_024;
const LONGEST_WORD = 64;

/** A handle: a text or a whole number, whichever way it is written. */
export function asId(value: unknown): string | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : asText(value);
  return text === undefined || text.length > LONGEST_ID ? undefined : text;
}

/** A word of Agora's, as a state or a reason; its beginning where it is longer than any of them. */
export const asWord = (value: unknown): string | undefined => asText(value)?.slice(0, LONGEST_WORD).toWellFormed();

export function asWhole(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

/** A count of milliseconds since the epoch has been larger than this since 1973, and a count of seconds is not until 5138. */
const SECONDS_END = 100_000_000_000;
/** Agora's clock may go ahead of ours; what is further ahead is no time at all. */
const AHEAD_MS = hours(24);

/** D.5: `lts` is described as milliseconds, and its samples hold seconds. Undefined for what cannot be a time of now. */
export function asInstant(value: unknown, receivedAt: Instant): Instant | undefined {
  const number = asNumber(value);
  if (number === undefined || number <= 0) return undefined;
  const at = Math.floor(number < SECONDS_END ? number * 1_000 : number);
  return at > receivedAt + AHEAD_MS ? undefined : at;
}

/** Seconds since the epoch, as the answers of Media Push count them. */
export function asSeconds(value: unknown): number | undefined {
  const number = asNumber(value);
  if (number === undefined || number < 0) return undefined;
  return Math.floor(number < SECONDS_END ? number : number / 1_000);
}

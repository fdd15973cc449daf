/** Milliseconds since the Unix epoch, on the wall clock. Pure code takes one as `now` and never reads a clock. */
export type Instant = number;

/** How statuses write an instant: RFC 3339 in UTC with milliseconds. */
export type Timestamp = string;

export const seconds = (count: number): number => count * 1_000;
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;

export const timestamp = (at: Instant): Timestamp => new Date(at).toISOString();

/** The instant of a timestamp from a status or a declaration; undefined stays undefined. */
export function instant(text: Timestamp): Instant;
export function instant(text: Timestamp | undefined): Instant | undefined;
export function instant(text: Timestamp | undefined): Instant | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

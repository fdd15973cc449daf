import { hash } from 'node:crypto';

/** The first `digits` hex digits of the SHA-256 of `text`. */
export const sha256 = (text: string, digits = 64): string => hash('sha256', text, 'hex').slice(0, digits);

/** 40 bits that tell nothing of `value` to who does not know `key`; for `applied` in a status (design §4). */
export const keyedHash = (key: string, value: unknown): string =>
  hash('sha256', `${key}\u0000${canonical(value)}`, 'hex').slice(0, 10);

/** A number in [0, 1) that is spread between resources and the same in every run: jitter without randomness. */
export function fraction(...parts: readonly (string | number)[]): number {
  return Number.parseInt(hash('sha256', parts.join('\u0000'), 'hex').slice(0, 8), 16) / 2 ** 32;
}

/** JSON with sorted keys and without undefined members, so that equal values have equal text. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

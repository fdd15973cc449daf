/** Readers for answers whose documented types contradict each other (C.4, C.5): what cannot be read is undefined. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Undefined for what is not JSON, an empty text included. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text that is not empty. */
export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A number, also one written as text. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A handle of Agora's that can be a part of a path: dots alone would climb out of it. */
export function asHandle(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : asText(value);
  return text === undefined || /^\.+$/.test(text) || /[\s\p{Cc}]/u.test(text) ? undefined : text;
}

/** `{ [name]: value }`, or nothing where the value is unknown, to be spread into an object with optional members. */
export function member<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
}

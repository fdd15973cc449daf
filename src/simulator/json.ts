/** A JSON object that came from outside. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The member as text, or undefined where it is none: for matching, never for validation. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
  return typeof found === 'string' ? found : undefined;
}

export function parseJson(
  text: string | undefined,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: text === undefined || text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

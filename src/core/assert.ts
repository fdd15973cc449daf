/** Makes a `switch` exhaustive at compile time; throws if a value of an unknown shape reaches it. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${JSON.stringify(value)}`);
}

/** A broken invariant is a programmer error: it ends the pass and is logged once. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}

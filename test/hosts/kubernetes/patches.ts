/** An object as an API server holds it. */
export interface Json {
  readonly metadata: Metadata;
  readonly [member: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly [member: string]: unknown;
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** The part of RFC 6902 that is used: test, add, replace, remove. Throws where it does not apply. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  const result: unknown = structuredClone(target);
  for (const { op, path, value } of patch as readonly Operation[]) {
    const steps = path.split('/').slice(1);
    const last = steps.pop() ?? '';
    const holder = steps.reduce<unknown>(
      (at, step) => (isObject(at) || Array.isArray(at) ? Reflect.get(at, step) : undefined),
      result,
    );
    if (typeof holder !== 'object' || holder === null) throw new Error(`${path} is not there`);
    const old: unknown = Reflect.get(holder, last);
    if (op === 'test' && JSON.stringify(old) !== JSON.stringify(value)) throw new Error(`${path} differs`);
    if ((op === 'replace' || op === 'remove') && old === undefined) throw new Error(`${path} is not there`);
    if (op === 'remove' && Array.isArray(holder)) holder.splice(Number(last), 1);
    else if (op === 'remove') Reflect.deleteProperty(holder, last);
    else if (op === 'add' && Array.isArray(holder))
      holder.splice(last === '-' ? holder.length : Number(last), 0, value);
    else if (op !== 'test') Reflect.set(holder, last, value);
  }
  return result;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

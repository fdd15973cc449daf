import { isObject } from './json.ts';

/** The first thing that is wrong with a body. */
export interface Problem {
  /** Dotted, with array indexes: `clientRequest.storageConfig.vendor`. */
  readonly path: string;
  readonly why: 'missing' | 'type' | 'value' | 'unknown';
  /** For people: what would be right. */
  readonly expected: string;
}

/** Looks at a value; undefined means that nothing is wrong with it. */
export type Rule = (value: unknown, path: string) => Problem | undefined;

const problem = (path: string, why: Problem['why'], expected: string): Problem => ({ path, why, expected });

export const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

export function text(options: { readonly pattern?: RegExp; readonly max?: number; readonly min?: number } = {}): Rule {
  const { pattern, max = Number.POSITIVE_INFINITY, min = 0 } = options;
  return (value, path) => {
    if (typeof value !== 'string') return problem(path, 'type', 'a string');
    if (value.length < min) return problem(path, 'value', `at least ${min} characters`);
    if (value.length > max) return problem(path, 'value', `at most ${max} characters`);
    if (pattern !== undefined && !pattern.test(value))
      return problem(path, 'value', `text that matches ${pattern.source}`);
    return undefined;
  };
}

export function number(min: number, max: number): Rule {
  return (value, path) => {
    if (typeof value !== 'number') return problem(path, 'type', 'a number');
    return value >= min && value <= max ? undefined : problem(path, 'value', `from ${min} to ${max}`);
  };
}

export function integer(min: number, max: number): Rule {
  const inRange = number(min, max);
  return (value, path) =>
    typeof value === 'number' && !Number.isInteger(value) ? problem(path, 'value', 'an integer') : inRange(value, path);
}

export const boolean: Rule = (value, path) =>
  typeof value === 'boolean' ? undefined : problem(path, 'type', 'a boolean');

export function oneOf(...allowed: readonly (string | number)[]): Rule {
  return (value, path) => {
    if (allowed.some((each) => each === value)) return undefined;
    const sameType = allowed.some((each) => typeof each === typeof value);
    return problem(path, sameType ? 'value' : 'type', `one of ${allowed.join(', ')}`);
  };
}

export function arrayOf(rule: Rule, options: { readonly min?: number; readonly max?: number } = {}): Rule {
  const { min = 0, max = Number.POSITIVE_INFINITY } = options;
  return (value, path) => {
    if (!Array.isArray(value)) return problem(path, 'type', 'an array');
    if (value.length < min || value.length > max) return problem(path, 'value', `from ${min} to ${max} elements`);
    return first(value.map((element, index) => () => rule(element, `${path}[${index}]`)));
  };
}

export const anyObject: Rule = (value, path) => (isObject(value) ? undefined : problem(path, 'type', 'an object'));

/** Unknown members are refused: names are case sensitive, and a typo must not pass unseen. */
export function object(
  members: { readonly required?: Readonly<Record<string, Rule>>; readonly optional?: Readonly<Record<string, Rule>> },
  ...further: readonly Rule[]
): Rule {
  const required = Object.entries(members.required ?? {});
  const all = new Map([...required, ...Object.entries(members.optional ?? {})]);
  return (value, path) => {
    if (!isObject(value)) return problem(path, 'type', 'an object');
    for (const [name] of required) {
      if (value[name] === undefined) return problem(join(path, name), 'missing', 'a value');
    }
    for (const [name, member] of Object.entries(value)) {
      const rule = all.get(name);
      if (rule === undefined) return problem(join(path, name), 'unknown', 'no such member');
      const found = member === undefined ? undefined : rule(member, join(path, name));
      if (found !== undefined) return found;
    }
    return first(further.map((rule) => () => rule(value, path)));
  };
}

/** `null` stands for an empty object here. */
export const orNull =
  (rule: Rule): Rule =>
  (value, path) =>
    value === null ? undefined : rule(value, path);

/** A rule over an object's members together; `member` names the one to blame. */
export const together =
  (member: string, expected: string, holds: (value: Readonly<Record<string, unknown>>) => boolean): Rule =>
  (value, path) =>
    isObject(value) && !holds(value) ? problem(join(path, member), 'value', expected) : undefined;

function first(looks: readonly (() => Problem | undefined)[]): Problem | undefined {
  for (const look of looks) {
    const found = look();
    if (found !== undefined) return found;
  }
  return undefined;
}

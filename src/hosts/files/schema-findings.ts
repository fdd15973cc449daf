import type { ErrorObject } from 'ajv';
import type { Path } from './location.ts';

/** What is wrong and what to do, before it has a place. */
export interface Problem {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly message: string;
  readonly advice: string;
}

/** Keywords that say more about a field than others that it breaks as well. */
const TELLING: readonly string[] = ['type', 'format'];

/** One problem a field: the one that tells most. */
export function problemsOf(errors: readonly ErrorObject[], root: Path): Problem[] {
  const byField = new Map<string, ErrorObject>();
  for (const error of errors) {
    // What is wrong with a key is said by `propertyNames`, which names it.
    if (error.propertyName !== undefined) continue;
    const { path } = problemOf(error, root);
    const field = JSON.stringify(path);
    if (!byField.has(field) || TELLING.includes(error.keyword)) byField.set(field, error);
  }
  return [...byField.values()].map((error) => problemOf(error, root));
}

/** Words for an error of ajv. Values are never shown: an address may hold a key. */
function problemOf(error: ErrorObject, root: Path): Problem {
  const path = [...root, ...pointer(error.instancePath)];
  const at = (message: string, advice: string, more: Path = [], part: 'key' | 'value' = 'value'): Problem => ({
    path: [...path, ...more],
    part,
    message,
    advice,
  });
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return at('is missing', 'add it', [params.missingProperty]);
    case 'additionalProperties':
      return at('is not a field here', 'remove it or correct its name', [params.additionalProperty], 'key');
    case 'propertyNames':
      return at('is not a valid key', 'correct it', [params.propertyName], 'key');
    case 'type':
      return at(
        `is not ${article(params.type)}`,
        params.type === 'string' ? 'put it in quotes' : `write ${article(params.type)}`,
      );
    case 'enum':
      return at('is not one of the values allowed', `use one of ${params.allowedValues.join(', ')}`);
    case 'const':
      return at('is not the value allowed', `use ${params.allowedValue}`);
    case 'minimum':
      return at(`is less than ${params.limit}`, `use at least ${params.limit}`);
    case 'maximum':
      return at(`is more than ${params.limit}`, `use at most ${params.limit}`);
    case 'minLength':
      return at(params.limit === 1 ? 'is empty' : `is shorter than ${params.limit} characters`, 'make it longer');
    case 'maxLength':
      return at(`is longer than ${params.limit} characters`, 'shorten it');
    case 'minItems':
      return at(`has fewer than ${params.limit} items`, 'add some');
    case 'maxItems':
      return at(`has more than ${params.limit} items`, 'remove some');
    case 'minProperties':
      return at(`has fewer than ${params.limit} members`, 'add some');
    case 'maxProperties':
      return at(`has more than ${params.limit} members`, 'remove some');
    case 'pattern':
      return at('does not have the form wanted', `it matches ${params.pattern}`);
    case 'format':
      return at(`is not a valid ${params.format}`, 'write it as 2026-12-31T09:00:00Z');
    case 'x-kubernetes-list-type':
      return at('has an item twice', 'remove one of them');
    case 'x-kubernetes-list-map-keys':
      return at('has two items with the same key', 'remove or rename one of them');
    default:
      return at(error.message ?? 'is not valid', 'correct it');
  }
}

function article(type: unknown): string {
  const name =
    type === 'object' ? 'map' : type === 'array' ? 'list' : type === 'integer' ? 'whole number' : String(type);
  return `a ${name}`;
}

/** A JSON pointer; a segment of digits may stand for an item or for a key, which is told apart where it is looked up. */
const pointer = (text: string): Path =>
  text
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
